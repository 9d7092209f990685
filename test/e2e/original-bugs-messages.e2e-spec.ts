import { ConnectedSocket } from '@nestjs/websockets';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  ChannelService,
  Connection,
  ConnectionService,
  EventService,
  GroupService,
  HauynaGateway,
  OnMessage,
  PresenceService,
} from '../../lib/index.js';
import { drain, start } from './start.js';

// Faults of the original library that must never come back.

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('fail')
  fail(): void {
    throw new Error('broken');
  }

  @OnMessage('state')
  state(@ConnectedSocket() client: Connection): string {
    return client.state;
  }
}

const providers = [ChatGateway];

afterEach(() => {
  vi.restoreAllMocks();
});

describe('messages', () => {
  // JSON that is no object was an internal error.
  it.each([
    ['null', 'validation_error'],
    ['5', 'validation_error'],
    ['"text"', 'validation_error'],
    ['[]', 'validation_error'],
    ['true', 'validation_error'],
    ['{}', 'validation_error'],
    ['not json', 'parse_error'],
    ['', 'parse_error'],
    ['{"type":"subscribe_channel","channel":7}', 'validation_error'],
    ['{"type":"channel_message","channel":7,"message":1}', 'validation_error'],
  ])('%s is answered with %s, and the connection goes on', async (text, type) => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    client.sendRaw(text);
    expect(await client.next('error')).toMatchObject({
      error_type: type,
      message: expect.stringMatching(/\w/) as string,
      timestamp: expect.any(Number) as number,
      retryable: false,
    });
    expect(await client.request('state')).toBe('connected');
  });

  // `connection_state` was sent before the answer to every single message.
  it('are answered with nothing but their answer', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    for (let n = 0; n < 5; n++) client.send({ type: 'heartbeat' });
    client.send({ type: 'broadcast', message: 1 });
    client.send({ type: 'private', to: 'nobody', message: 1 });
    expect(await client.request('state')).toBe('connected');
    expect(await drain(client)).toEqual([1]);
    expect((await client.close()).code).toBe(1000);
    expect(client.frames).toEqual([]);
  });

  // After one exception in a callback the state of the connection stayed "Error" for good.
  it('that make a handler fail leave the connection as it was', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    for (let n = 0; n < 3; n++)
      await expect(client.request('fail')).rejects.toMatchObject({ error_type: 'internal_error' });
    expect(await client.request('state')).toBe('connected');
    expect(await app.get(ConnectionService).countByState('error')).toBe(0);
    expect(await app.get(ConnectionService).sendToUser('ana', 'still here')).toBe(1);
  });

  // Questions like "who is in this group" wrote to standard output.
  it('and questions of the application write nothing to standard output', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    const logged = app.logs.length;
    await app.get(GroupService).add('ana', 'team');
    await app.get(GroupService).members('team');
    await app.get(GroupService).groupsOf('ana');
    await client.request('subscribe_channel', { channel: 'room' });
    await app.get(ChannelService).presence('room');
    await app.get(ChannelService).subscribers('room');
    await app.get(PresenceService).update('ana', { status: 'away' });
    await app.get(PresenceService).list();
    await app.get(ConnectionService).list();
    app.get(EventService).trigger('nobody listens');
    await client.request('presence_update', { metadata: { a: 1 } });
    for (const spy of written) expect(spy).not.toHaveBeenCalled();
    expect(app.logs.slice(logged)).toEqual([]);
  });

  // There was no limit to anything: size, channels, names, what waits for a slow client.
  it('that are too large end the connection with 1009', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    const message = 'x'.repeat(65_536);
    client.send({ type: 'broadcast', message });
    expect((await client.closed).code).toBe(1009);
    expect(await (await app.connect('/chat')).request('state')).toBe('connected');
  });

  it('that nest too deep or have too many keys are refused', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    client.sendRaw(`{"type":"broadcast","message":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    expect(await client.next('error')).toMatchObject({ error_type: 'limit_exceeded' });
    client.send({
      type: 'broadcast',
      message: Object.fromEntries(Array.from({ length: 2001 }, (_, n) => [n, n])),
    });
    expect(await client.next('error')).toMatchObject({ error_type: 'limit_exceeded' });
    expect(await drain(client)).toEqual([]);
  });

  it('that come too fast are refused, and the sender is told when to try again', async () => {
    const app = await start({ providers, options: { limits: { burst: 5, messagesPerSecond: 1 } } });
    const client = await app.connect('/chat?user_id=ana');
    for (let n = 0; n < 6; n++) client.send({ type: 'broadcast', message: n });
    expect(await client.next('error')).toMatchObject({
      error_type: 'rate_limited',
      retryable: true,
      details: { retryAfter: expect.any(Number) as number },
    });
    expect(client.frames).toEqual([0, 1, 2, 3, 4]);
  });

  it('that nobody can make sense of end the connection when there are too many', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    for (let n = 0; n < 11; n++) client.sendRaw('nonsense');
    expect((await client.closed).code).toBe(4009);
  });

  it('for a client that has stopped reading do not pile up for ever', async () => {
    const app = await start({ providers, options: { limits: { outboxBytes: 100_000 } } });
    const connections = app.get(ConnectionService);
    const [client, other] = [await app.connect('/chat?user_id=slow'), await app.connect('/chat?user_id=ana')];
    client.pause();
    const text = 'x'.repeat(20_000);
    let reached = 2;
    for (let n = 0; n < 5000 && reached === 2; n++) {
      reached = await connections.broadcast(text);
      await other.next();
    }
    expect(reached).toBe(1);
    expect(await other.request('state')).toBe('connected');
    await client.terminate();
  });
});
