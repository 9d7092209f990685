import { describe, expect, it } from 'vitest';
import { ChannelService, ConnectionService, HauynaGateway, PresenceService } from '../../lib/index.js';
import type { TestApp, TestClient } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const given = { providers: [ChatGateway], options: { channels: { announce: false } } };

async function join(app: TestApp, user: string, channel: string, metadata: object = {}): Promise<TestClient> {
  const client = await app.connect(`/chat?user_id=${user}`);
  await client.request('subscribe_channel', { channel, metadata });
  return client;
}

describe('a user with several connections', () => {
  it('joins a channel with the first and leaves it with the last', async () => {
    const app = await start(given);
    const watcher = await join(app, 'watcher', 'room');
    await drain(watcher);
    const tabs = [
      await join(app, 'ana', 'room'),
      await join(app, 'ana', 'room'),
      await join(app, 'ana', 'room'),
    ];
    expect(await drain(watcher)).toMatchObject([{ event: 'join', user: 'ana' }]);
    const presence = app.get(PresenceService);
    expect(await presence.get('ana')).toMatchObject({ connections: 3, channels: ['room'] });
    expect((await app.get(ChannelService).presence('room'))['ana']).toMatchObject({ connections: 3 });
    await tabs[0]!.close();
    await tabs[1]!.request('unsubscribe_channel', { channel: 'room' });
    await until(async () => (await app.get(ConnectionService).ofUser('ana')).length === 2);
    expect(await drain(watcher)).toEqual([]);
    expect((await app.get(ChannelService).presence('room'))['ana']).toMatchObject({ connections: 1 });
    await tabs[2]!.close();
    expect(await watcher.next('presence_change')).toMatchObject({ event: 'leave', user: 'ana' });
    expect(await drain(watcher)).toEqual([]);
    // The tab that has only left the channel keeps the user present.
    expect(await presence.get('ana')).toMatchObject({ connections: 1, channels: [] });
  });

  it('is in each channel as long as one of them is', async () => {
    const app = await start(given);
    const watcher = await join(app, 'watcher', 'a');
    await watcher.request('subscribe_channel', { channel: 'b' });
    const [first, second] = [await join(app, 'ana', 'a'), await join(app, 'ana', 'b')];
    await second.request('subscribe_channel', { channel: 'a' });
    await drain(watcher);
    await first.close();
    await until(async () => (await app.get(ConnectionService).ofUser('ana')).length === 1);
    expect(await drain(watcher)).toEqual([]);
    await second.close();
    const leaves = [await watcher.next({ event: 'leave' }), await watcher.next({ event: 'leave' })];
    expect(leaves.map(({ channel }) => String(channel)).toSorted()).toEqual(['a', 'b']);
    expect(await drain(watcher)).toEqual([]);
  });

  it('is seen with what the latest of them said, and with what is left when it goes', async () => {
    const app = await start(given);
    const watcher = await join(app, 'watcher', 'room');
    await join(app, 'ana', 'room', { device: 'laptop', name: 'Ana' });
    await drain(watcher);
    const phone = await join(app, 'ana', 'room', { device: 'phone' });
    expect(await drain(watcher)).toMatchObject([
      { event: 'update', metadata: { device: 'phone', name: 'Ana' } },
    ]);
    await phone.close();
    expect(await watcher.next('presence_change')).toMatchObject({
      event: 'update',
      metadata: { device: 'laptop', name: 'Ana' },
    });
  });

  it('all of them hear what is told, each once', async () => {
    const app = await start(given);
    const tabs = [await join(app, 'ana', 'room'), await join(app, 'ana', 'room')];
    for (const tab of tabs) await drain(tab);
    await join(app, 'bob', 'room');
    for (const tab of tabs) expect(await drain(tab)).toMatchObject([{ event: 'join', user: 'bob' }]);
  });

  it('the second gets the state, but no join is told again', async () => {
    const app = await start(given);
    const first = await join(app, 'ana', 'room');
    await drain(first);
    const second = await join(app, 'ana', 'room');
    expect(await drain(second)).toMatchObject([
      { type: 'presence_state', state: { ana: { connections: 2 } } },
    ]);
    expect(await drain(first)).toEqual([]);
  });

  it('a crowd that comes and goes at once leaves nobody behind', async () => {
    const app = await start(given);
    const watcher = await join(app, 'watcher', 'room');
    const clients = await Promise.all(
      Array.from({ length: 30 }, (_, n) => join(app, `user${n % 10}`, 'room')),
    );
    expect(await app.get(PresenceService).count()).toBe(11);
    await Promise.all(clients.map((client) => client.close()));
    await until(async () => (await app.get(PresenceService).count()) === 1);
    const changes = (await drain(watcher)).filter(
      ({ type, user }) => type === 'presence_change' && user !== 'watcher',
    );
    for (const event of ['join', 'leave']) {
      const users = changes.filter((change) => change['event'] === event).map(({ user }) => user);
      expect(users.map(String).toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `user${n}`));
    }
    expect(Object.keys(await app.get(ChannelService).presence('room'))).toEqual(['watcher']);
  });
});
