import { describe, expect, it } from 'vitest';
import { ChannelService, ConnectionService, HauynaGateway, PresenceService } from '../../lib/index.js';
import { ManualClock, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';
import { arrive } from './support/arrive.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const begin = (): Promise<TestApp> =>
  start({
    providers: [ChatGateway],
    clock: new ManualClock(),
    options: { heartbeat: false, session: { ttl: 10_000 } },
  });

async function enter(app: TestApp, user: string, more: object = {}): Promise<TestClient> {
  const { client } = await arrive(app, `/chat?user_id=${user}`);
  await client.request('subscribe_channel', { channel: 'room', ...more });
  return client;
}

const changes = (frames: readonly object[]): unknown[] =>
  frames
    .filter((frame) => (frame as { type: unknown }).type === 'presence_change')
    .map((frame) => {
      const { user, event } = frame as { user: unknown; event: unknown };
      return `${String(user)} ${String(event)}`;
    });

describe('subscribe_channel with presence: false', () => {
  it('hears everything and is not present: nobody sees a join, and it is in no list', async () => {
    const app = await begin();
    const bob = await enter(app, 'bob');
    await drain(bob);
    const ana = await enter(app, 'ana', { presence: false });
    expect(await ana.next('presence_state')).toMatchObject({ state: { bob: { connections: 1 } } });
    expect(changes(await drain(bob, ana))).toEqual([]);
    expect(await app.get(PresenceService).inChannel('room')).toEqual(['bob']);
    expect(await app.get(ChannelService).subscribers('room')).toEqual(['bob', 'ana']);
    await app.get(ChannelService).broadcast('room', 'hi');
    expect(await ana.next('publication')).toMatchObject({ data: 'hi' });
    await bob.close();
    expect(await ana.next('presence_change')).toMatchObject({ user: 'bob', event: 'leave' });
  });

  it('goes without a leave', async () => {
    const app = await begin();
    const bob = await enter(app, 'bob');
    const ana = await enter(app, 'ana', { presence: false });
    await drain(bob, ana);
    await ana.close();
    await until(async () => (await app.get(ConnectionService).count()) === 1);
    expect(changes(await drain(bob))).toEqual([]);
  });

  it('may come and go as it likes, without subscribing anew', async () => {
    const app = await begin();
    const bob = await enter(app, 'bob');
    const ana = await enter(app, 'ana', { presence: false });
    await drain(bob, ana);
    const say = (more: object): Promise<unknown> =>
      ana.request('subscribe_channel', { channel: 'room', ...more });
    await say({ presence: true, metadata: { name: 'Ana' } });
    expect(changes(await drain(bob, ana))).toEqual(['ana join']);
    // What is not said stays as it is.
    await say({ metadata: { name: 'Ana Maria' } });
    expect(changes(await drain(bob, ana))).toEqual(['ana update']);
    await say({ presence: false });
    expect(changes(await drain(bob, ana))).toEqual(['ana leave']);
    await say({});
    expect(changes(await drain(bob, ana))).toEqual([]);
    expect(await app.get(PresenceService).inChannel('room')).toEqual(['bob']);
  });

  it('of one device does not take away the presence of another', async () => {
    const app = await begin();
    const bob = await enter(app, 'bob');
    const [phone, laptop] = [await enter(app, 'ana'), await enter(app, 'ana', { presence: false })];
    await drain(bob, phone, laptop);
    await laptop.close();
    await until(async () => (await app.get(ConnectionService).count()) === 2);
    expect(await app.get(PresenceService).inChannel('room')).toEqual(['bob', 'ana']);
    expect(changes(await drain(bob))).toEqual([]);
  });

  it('comes back as it was left: hidden', async () => {
    const app = await begin();
    const bob = await enter(app, 'bob');
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.request('subscribe_channel', { channel: 'room', presence: false });
    await drain(bob, ana);
    await ana.terminate();
    await until(async () => (await app.get(ConnectionService).count()) === 1);
    const { client: back } = await arrive(app, '/chat?user_id=ana', key);
    await back.request('subscribe_channel', { channel: 'room', presence: false });
    app.clock?.advance(60_000);
    expect(await drain(bob, back)).toEqual([]);
    expect(await app.get(PresenceService).inChannel('room')).toEqual(['bob']);
  });

  it('is true or false', async () => {
    const app = await begin();
    await expect(enter(app, 'ana', { presence: 'no' })).rejects.toMatchObject({
      error_type: 'validation_error',
      details: [expect.objectContaining({ path: 'presence' })],
    });
  });
});
