import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ChannelService, HauynaGateway } from '../../lib/index.js';
import type { TestApp, TestClient } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';

// Faults of the original library that must never come back.

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const given = { providers: [ChatGateway], options: { channels: { announce: false } } };

async function join(app: TestApp, user: string): Promise<TestClient> {
  const client = await app.connect(`/chat?user_id=${user}`);
  await client.request('subscribe_channel', { channel: 'room' });
  await drain(client);
  return client;
}

describe('channels', () => {
  // The worker waited for itself at the first disconnect of a subscriber; every channel was dead until a restart.
  it('go on when subscribers disconnect, all of them and in any way', async () => {
    const app = await start(given);
    const channels = app.get(ChannelService);
    for (let round = 0; round < 3; round++) {
      const clients = await Promise.all(['ana', 'bob', 'eva'].map((user) => join(app, user)));
      await Promise.all(clients.map((client, n) => (n % 2 === 0 ? client.terminate() : client.close())));
      await until(async () => (await channels.subscriptionCount('room')) === 0);
    }
    const zoe = await join(app, 'zoe');
    await zoe.request('channel_message', { channel: 'room', message: 'anybody?' });
    expect(await drain(zoe)).toEqual(['anybody?']);
  });

  it('go on when everybody leaves in the middle of a publication', async () => {
    const app = await start(given);
    const channels = app.get(ChannelService);
    const clients = await Promise.all(Array.from({ length: 10 }, (_, n) => join(app, `user${n}`)));
    const stays = await join(app, 'stays');
    await drain(stays);
    const publishing = Promise.all(Array.from({ length: 50 }, (_, n) => channels.broadcast('room', n)));
    await Promise.all(clients.map((client) => client.terminate()));
    await publishing;
    const numbers = ((await drain(stays)) as unknown[]).filter((frame) => typeof frame === 'number');
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  // Subscribing twice doubled every message, and one unsubscribe removed only one of the two.
  it('deliver once, however often one has subscribed, and not at all after one unsubscribe', async () => {
    const app = await start(given);
    const client = await join(app, 'ana');
    for (let n = 0; n < 3; n++) await client.request('subscribe_channel', { channel: 'room' });
    await app.get(ChannelService).broadcast('room', 'one');
    expect(await drain(client)).toEqual(['one']);
    await client.request('unsubscribe_channel', { channel: 'room' });
    await drain(client);
    await app.get(ChannelService).broadcast('room', 'none');
    expect(await drain(client)).toEqual([]);
    expect(await app.get(ChannelService).subscribers('room')).toEqual([]);
  });

  // Text was sent bare, so `JSON.parse` in the browser failed.
  it('deliver text as JSON text', async () => {
    const app = await start(given);
    const client = await join(app, 'ana');
    const raw: string[] = [];
    const socket = new WebSocket(`${app.url}/chat?user_id=bob&channel=room`);
    socket.on('message', (data) => raw.push((data as Buffer).toString()));
    await until(async () => (await app.get(ChannelService).subscriptionCount('room')) === 2);
    await client.request('channel_message', { channel: 'room', message: 'hola "a todos"' });
    await app.get(ChannelService).broadcast('room', 'texto');
    await until(() => raw.includes('"texto"'));
    expect(raw).toContain('"hola \\"a todos\\""');
    for (const text of raw) expect(() => JSON.parse(text) as unknown).not.toThrow();
    socket.close();
  });

  // Subscribing was asynchronous: right after the call the answer could still be "no".
  it('know of a subscription as soon as the call is through', async () => {
    const app = await start(given);
    const channels = app.get(ChannelService);
    const client = await app.connect('/chat?user_id=ana');
    await client.request('subscribe_channel', { channel: 'a' });
    expect(await channels.subscribers('a')).toEqual(['ana']);
    client.send({ type: 'unsubscribe_channel', channel: 'a' });
    client.send({ type: 'subscribe_channel', channel: 'b' });
    client.send({ type: 'channel_message', channel: 'b', message: 'first' });
    expect(await client.next((frame) => (frame as unknown) === 'first')).toBe('first');
    expect([await channels.subscribers('a'), await channels.subscribers('b')]).toEqual([[], ['ana']]);
  });
});
