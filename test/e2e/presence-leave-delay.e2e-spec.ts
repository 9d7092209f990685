import { describe, expect, it } from 'vitest';
import { ConnectionService, HauynaGateway, PresenceService } from '../../lib/index.js';
import { ManualClock, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

async function setup(leaveDelay = 5000) {
  const clock = new ManualClock();
  // Time moves by the minute here; pings would end everybody.
  const options = { heartbeat: false, channels: { announce: false }, presence: { leaveDelay } } as const;
  const app = await start({ providers: [ChatGateway], clock, options });
  const watcher = await join(app, 'watcher');
  await drain(watcher);
  return { app, clock, watcher, presence: app.get(PresenceService) };
}

async function join(app: TestApp, user: string, metadata: object = {}): Promise<TestClient> {
  const client = await app.connect(`/chat?user_id=${user}`);
  await client.request('subscribe_channel', { channel: 'room', metadata });
  return client;
}

async function lose(app: TestApp, client: TestClient): Promise<void> {
  const before = await app.get(ConnectionService).count();
  await client.terminate();
  await until(async () => (await app.get(ConnectionService).count()) === before - 1);
}

describe('presence.leaveDelay', () => {
  it('a connection that is lost leaves after the delay, not before', async () => {
    const { app, clock, watcher, presence } = await setup();
    const ana = await join(app, 'ana');
    expect(await drain(watcher)).toMatchObject([{ event: 'join', user: 'ana' }]);
    await lose(app, ana);
    clock.advance(4999);
    expect(await drain(watcher)).toEqual([]);
    expect(await presence.inChannel('room')).toEqual(['watcher', 'ana']);
    expect(await presence.get('ana')).toMatchObject({ connections: 0 });
    clock.advance(1);
    expect(await watcher.next('presence_change')).toMatchObject({ event: 'leave', user: 'ana' });
    expect(await drain(watcher)).toEqual([]);
    expect(await presence.isPresent('ana')).toBe(false);
  });

  it('a connection that says goodbye leaves at once', async () => {
    const { app, watcher, presence } = await setup();
    const ana = await join(app, 'ana');
    await drain(watcher);
    await ana.close();
    expect(await watcher.next('presence_change')).toMatchObject({ event: 'leave', user: 'ana' });
    expect(await presence.isPresent('ana')).toBe(false);
  });

  it('so does one the server closes', async () => {
    const { app, watcher } = await setup();
    await join(app, 'ana');
    await drain(watcher);
    await app.get(ConnectionService).disconnect({ userId: 'ana' });
    expect(await watcher.next('presence_change')).toMatchObject({ event: 'leave', user: 'ana' });
  });

  it('a client that is back in time has never been away: no leave, no join', async () => {
    const { app, clock, watcher, presence } = await setup();
    const ana = await join(app, 'ana', { name: 'Ana' });
    await drain(watcher);
    const since = (await presence.get('ana'))!.since;
    await lose(app, ana);
    clock.advance(3000);
    const back = await join(app, 'ana', { name: 'Ana' });
    clock.advance(60_000);
    expect(await drain(watcher)).toEqual([]);
    expect(await presence.get('ana')).toMatchObject({ connections: 1, channels: ['room'], since });
    expect(await drain(back)).toMatchObject([{ type: 'presence_state', state: { ana: { connections: 1 } } }]);
    await back.close();
    expect(await watcher.next('presence_change')).toMatchObject({ event: 'leave' });
    expect(await drain(watcher)).toEqual([]);
  });

  it('a client that comes back without subscribing again leaves the channel when the delay is over', async () => {
    const { app, clock, watcher, presence } = await setup();
    await lose(app, await join(app, 'ana'));
    await drain(watcher);
    await app.connect('/chat?user_id=ana');
    clock.advance(5000);
    expect(await watcher.next('presence_change')).toMatchObject({
      event: 'leave',
      user: 'ana',
      channel: 'room',
    });
    expect(await presence.get('ana')).toMatchObject({ connections: 1, channels: [] });
  });

  it('another connection that is still there keeps the user, and losing both costs one leave', async () => {
    const { app, clock, watcher } = await setup();
    const [first, second] = [await join(app, 'ana'), await join(app, 'ana')];
    await drain(watcher);
    await lose(app, first);
    clock.advance(10_000);
    expect(await drain(watcher)).toEqual([]);
    await lose(app, second);
    clock.advance(5000);
    expect(await watcher.next('presence_change')).toMatchObject({ event: 'leave' });
    expect(await drain(watcher)).toEqual([]);
  });

  it('0 leaves at once, however the connection ends', async () => {
    const { app, watcher } = await setup(0);
    const ana = await join(app, 'ana');
    await drain(watcher);
    await ana.terminate();
    expect(await watcher.next('presence_change')).toMatchObject({ event: 'leave', user: 'ana' });
  });

  it('no timer outlives the application', async () => {
    const { app, clock } = await setup();
    await lose(app, await join(app, 'ana'));
    await app.get(PresenceService).track('guest', {}, { ttl: 60_000 });
    await app.close();
    expect(clock.pending).toBe(0);
  });
});
