import { describe, expect, it } from 'vitest';
import { ChannelService, ConnectionService, HauynaGateway, PresenceService } from '../../lib/index.js';
import type { TestApp, TestClient } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';

// Faults of the original library that must never come back.

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const given = { providers: [ChatGateway] };

async function join(app: TestApp, user: string, channel = 'room'): Promise<TestClient> {
  const client = await app.connect(`/chat?user_id=${user}`);
  await client.request('subscribe_channel', { channel });
  return client;
}

describe('presence', () => {
  // The worker died at the first untrack or update, and everything that needed presence hung from then on.
  it('survives any number of updates, untracks and departures, and new clients still get in', async () => {
    const app = await start(given);
    const presence = app.get(PresenceService);
    for (let round = 0; round < 5; round++) {
      const client = await join(app, 'ana');
      await presence.update('ana', { round });
      await presence.untrack('ana');
      await presence.untrack('ana');
      await presence.track('ana', { metadata: '{"looks":"like json"}', state: 'online' });
      await presence.update('ana', { metadata: null });
      await client.close();
      await until(async () => !(await presence.isPresent('ana')));
    }
    const last = await join(app, 'bob');
    expect(await presence.inChannel('room')).toEqual(['bob']);
    expect(await last.request('presence_update', { metadata: { status: 'fine' } })).toBeUndefined();
  });

  // One of two connections leaving announced `leave` and removed the presence of the other.
  it('of a user with two connections is not ended by one of them', async () => {
    const app = await start(given);
    const watcher = await join(app, 'watcher');
    const [first] = [await join(app, 'ana'), await join(app, 'ana')];
    await drain(watcher);
    await first.request('unsubscribe_channel', { channel: 'room' });
    await first.close();
    await until(async () => (await app.get(ConnectionService).ofUser('ana')).length === 1);
    expect((await drain(watcher)).filter(({ type }) => type === 'presence_change')).toEqual([]);
    expect(await app.get(PresenceService).isPresentIn('ana', { channel: 'room' })).toBe(true);
  });

  // Every change went to every connection, and twice to those in the channel.
  it('changes are told once to those in the channel and never to the rest of the world', async () => {
    const app = await start(given);
    const [inside, elsewhere, nowhere] = [
      await join(app, 'inside'),
      await join(app, 'elsewhere', 'other'),
      await app.connect('/chat?user_id=nowhere'),
    ];
    for (const client of [inside, elsewhere, nowhere]) await drain(client);
    const ana = await join(app, 'ana');
    await ana.request('presence_update', { metadata: { status: 'away' } });
    await ana.request('unsubscribe_channel', { channel: 'room' });
    const changes = (await drain(inside)).filter(({ type }) => type === 'presence_change');
    expect(changes.map(({ event }) => event)).toEqual(['join', 'update', 'leave']);
    expect(await drain(elsewhere)).toEqual([]);
    expect(await drain(nowhere)).toEqual([]);
  });

  // The N-th subscribe sent the state of all N users to every subscriber of every channel.
  it('the state of a channel goes to the newcomer alone, so a crowd costs each one only the joins', async () => {
    const app = await start({ providers: [ChatGateway], options: { channels: { announce: false } } });
    const first = await join(app, 'first');
    await drain(first);
    const crowd = 60;
    for (let n = 0; n < crowd; n++) await join(app, `user${n}`);
    const frames = await drain(first);
    expect(frames).toHaveLength(crowd);
    expect(frames.every(({ type, event }) => type === 'presence_change' && event === 'join')).toBe(true);
    expect(Object.keys(await app.get(ChannelService).presence('room'))).toHaveLength(crowd + 1);
  });
});
