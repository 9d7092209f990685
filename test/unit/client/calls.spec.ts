import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { HauynaClientError } from '../../../lib/client/client-error.js';
import type { ClientOptions } from '../../../lib/client/options.js';
import { failure, FakeServer } from './fake-server.js';

async function connected(options: ClientOptions = {}) {
  const server = new FakeServer();
  server.answers['echo'] = ({ type: _type, id: _id, ...fields }) => ({ type: 'ack', data: fields });
  server.answers['never'] = () => ({});
  const client = server.client('ana', options);
  void client.connect();
  await server.settle();
  return { server, client, socket: server.open()[0]! };
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (error instanceof HauynaClientError ? error.code : 'not a HauynaClientError'),
  );

describe('a call', () => {
  it('is answered with what the server says', async () => {
    const { server, client } = await connected();
    const answer = client.request('echo', { a: 1 });
    await server.settle();
    expect(await answer).toEqual({ a: 1 });
    const round = client.ping();
    await server.settle();
    expect(await round).toBeGreaterThanOrEqual(0);
    client.close();
  });

  it('fails with the type, the details and the retryable of the server', async () => {
    const { server, client } = await connected();
    const details = [{ path: 'text', messages: ['must be text'] }];
    server.answers['bad'] = () => failure('validation_error', { details });
    server.answers['busy'] = () => failure('app_busy', { retryable: true });
    const bad = client.request('bad', {}).catch((error: unknown) => error);
    const busy = client.request('busy', {}).catch((error: unknown) => error);
    await server.settle();
    const error = await bad;
    expect(error).toBeInstanceOf(HauynaClientError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'HauynaClientError',
      code: 'validation_error',
      message: 'It is validation_error.',
      retryable: false,
      details,
    });
    expect(await busy).toMatchObject({ code: 'app_busy', retryable: true });
    client.close();
  });

  it('has a timeout: its own, or that of the client, time without a connection included', async () => {
    const { server, client } = await connected({ timeout: 3000 });
    const calls = [
      client.request('never', {}),
      client.request('never', {}, { timeout: 500 }),
      client.channel('room').subscribe({ timeout: 500 }),
      client.channel('room').history({ timeout: 500 }),
    ];
    server.requestFates = ['lost', 'lost', 'lost', 'lost'];
    const codes = calls.map(codeOf);
    await server.advance(500);
    expect(await codes[1]).toBe('timeout');
    expect(await codes[2]).toBe('timeout');
    expect(await codes[3]).toBe('timeout');
    server.online = false;
    server.open()[0]!.end(1006);
    await server.advance(2500);
    expect(await codes[0]).toBe('timeout');
    const waiting = client.request('echo', {}, { timeout: 100 });
    const outcome = waiting.catch((error: unknown) => error);
    await server.advance(100);
    expect(await outcome).toMatchObject({
      code: 'timeout',
      retryable: true,
      message: expect.stringContaining('100 ms'),
    });
    client.close();
  });

  it('can be aborted, before it begins and while it waits, whatever it is', async () => {
    const { server, client } = await connected();
    const room = client.channel('room');
    const calls = (signal: AbortSignal): Promise<unknown>[] => [
      client.request('never', {}, { signal }),
      client.ping({ signal }),
      room.subscribe({ signal }),
      room.publish(1, { signal }),
      room.history({ signal }),
      room.presence.enter({ a: 1 }, { signal }),
      server.client('luis').connect({ signal }),
    ];
    const sent = server.open()[0]!.received.length;
    const sockets = server.sockets.length;
    for (const call of calls(AbortSignal.abort())) expect(await codeOf(call)).toBe('aborted');
    await server.settle();
    expect(server.open()[0]!.received).toHaveLength(sent);
    expect(server.sockets).toHaveLength(sockets);
    expect(room.state).toBe('idle');
    server.requestFates = Array.from({ length: 9 }, () => 'lost' as const);
    const controller = new AbortController();
    const codes = calls(controller.signal).map(codeOf);
    controller.abort();
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['aborted']));
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    client.close();
  });

  it('that cannot be sent says so and leaves the others alone', async () => {
    const { server, client } = await connected();
    const circle: Record<string, never> = {};
    (circle as Record<string, unknown>)['self'] = circle;
    expect(await codeOf(client.request('echo', circle))).toBe('invalid_argument');
    expect(await codeOf(client.channel('room').publish(1n as never))).toBe('invalid_argument');
    expect(() => client.send('echo', circle)).toThrow(HauynaClientError);
    const fine = client.request('echo', { a: 1 });
    await server.settle();
    expect(await fine).toEqual({ a: 1 });
    client.close();
    expect(server.clock.pending).toBe(0);
  });

  it('says what the application meant when it was made, not what it made of the data since', async () => {
    const server = new FakeServer();
    server.answers['echo'] = ({ text }) => ({ type: 'ack', data: text });
    const client = server.client('ana');
    const data = { text: 'before' };
    const answer = client.request('echo', data);
    data.text = 'after';
    await server.settle();
    expect(await answer).toBe('before');
    client.close();
  });

  it('ends with the client', async () => {
    const { server, client } = await connected();
    const outcome = client.request('never', {}).catch((error: unknown) => error);
    client.close(1000, 'bye');
    expect(await outcome).toMatchObject({
      code: 'closed',
      retryable: false,
      message: expect.stringContaining('bye'),
    });
    expect(server.clock.pending).toBe(0);
  });
});

describe('a call over a loss', () => {
  it('is carried out once when the server still knows the session', async () => {
    for (const fate of ['break-before', 'break-after'] as const) {
      const { server, client } = await connected();
      let carriedOut = 0;
      server.answers['count'] = () => ({ type: 'ack', data: ++carriedOut });
      server.requestFates = [fate];
      const answer = client.request('count', {});
      await server.advance(1000);
      expect(await answer).toBe(1);
      expect(carriedOut).toBe(1);
      client.close();
    }
  });

  it('fails honestly when the session is gone, unless doing it twice does no harm', async () => {
    const { server, client } = await connected();
    server.requestFates = ['lost', 'ok', 'lost'];
    const request = client.request('echo', {}).catch((error: unknown) => error);
    const room = client.channel('room');
    void room.subscribe();
    const kept = room.history();
    await server.settle();
    server.restart({ keepHistory: true });
    await server.advance(1000);
    expect(await request).toMatchObject({ code: 'closed', retryable: true });
    expect(await kept).toMatchObject({ offset: 0 });
    client.close();
  });

  it('keeps the order in which things were called, and subscribes before it publishes', async () => {
    const server = new FakeServer();
    const client = server.client('ana');
    const room = client.channel('room');
    const calls = [room.publish(1), room.publish(2), room.subscribe(), room.publish(3)];
    await server.settle();
    await Promise.all(calls);
    expect(server.channel('room').log.map(({ data }) => data)).toEqual([1, 2, 3]);
    client.close();
  });
});

describe('without a connection', () => {
  async function offline(options: ClientOptions) {
    const { server, client, socket } = await connected(options);
    server.online = false;
    socket.end(1006);
    await server.settle();
    return { server, client };
  }

  it('keeps as many calls as the buffer takes and rejects the next', async () => {
    const { server, client } = await offline({ buffer: { max: 2 } });
    const codes = [1, 2, 3].map((a) => codeOf(client.request('echo', { a })));
    expect(await codes[2]).toBe('buffer_full');
    server.online = true;
    await server.advance(1000);
    expect(await Promise.all(codes)).toEqual(['ok', 'ok', 'buffer_full']);
    client.close();
  });

  it('drops the oldest if that is wanted', async () => {
    const { server, client } = await offline({ buffer: { max: 2, overflow: 'drop-oldest' } });
    const codes = [1, 2, 3].map((a) => codeOf(client.request('echo', { a })));
    server.online = true;
    await server.advance(1000);
    expect(await Promise.all(codes)).toEqual(['buffer_full', 'ok', 'ok']);
    client.close();
  });

  it('keeps 256 unless it is told otherwise', async () => {
    const { client } = await offline({});
    const codes = Array.from({ length: 257 }, (_, a) => codeOf(client.request('echo', { a })));
    client.close();
    const all = await Promise.all(codes);
    expect(all.filter((code) => code === 'buffer_full')).toHaveLength(1);
    expect(all.filter((code) => code === 'closed')).toHaveLength(256);
  });

  it('keeps nothing with buffer: false, but wishes to be subscribed are wishes', async () => {
    const { server, client } = await offline({ buffer: false });
    const refused = await client.request('echo', {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'closed', retryable: true });
    const subscribed = client.channel('room').subscribe();
    server.online = true;
    await server.advance(1000);
    await subscribed;
    client.close();
  });

  it('takes volatile as now or never, on the way, too', async () => {
    const { server, client } = await offline({});
    const room = client.channel('room');
    expect(await codeOf(room.publish(1, { volatile: true }))).toBe('closed');
    server.online = true;
    const subscribed = room.subscribe();
    await server.advance(1000);
    await subscribed;
    server.requestFates = ['break-before'];
    const lost = codeOf(room.publish(2, { volatile: true }));
    await server.settle();
    expect(await lost).toBe('closed');
    await server.advance(2000);
    expect(server.sockets.at(-1)!.received.map(({ type }) => type)).not.toContain('channel_message');
    client.close();
  });
});

describe('both ways', () => {
  it('sends without an answer, and says whether it is on its way', async () => {
    const { server, client, socket } = await connected();
    expect(client.send('typing', { on: true })).toBe(true);
    await server.settle();
    expect(socket.received).toEqual([{ type: 'typing', on: true }]);
    client.close();
    expect(new FakeServer().client('luis').send('typing', {})).toBe(false);
  });

  it('hears direct messages, errors nobody waits for, and every frame', async () => {
    const { server, client, socket } = await connected();
    const heard: unknown[] = [];
    client.on('message', (data, meta) => heard.push([data, meta]));
    client.on('error', ({ code }) => heard.push(code));
    const types: unknown[] = [];
    client.on('frame', ({ type }) => types.push(type));
    socket.push({ type: 'message', data: { a: 1 }, via: 'group', group: 'mods', user: 'luis' });
    socket.push(failure('rate_limited'));
    socket.push({ type: 'something new' });
    socket.push(null);
    socket.push(5);
    socket.emit('message', { data: 'no JSON' });
    await server.settle();
    expect(heard).toEqual([[{ a: 1 }, { via: 'group', group: 'mods', user: 'luis' }], 'rate_limited']);
    expect(types).toContain('something new');
    expect(client.state).toBe('connected');
    client.close();
  });

  it('answers questions of the server, and every failure is an answer, too', async () => {
    const { server, client, socket } = await connected();
    client.handle('sum', (data) => (data as number[]).reduce((a, b) => a + b));
    client.handle('nothing', async () => undefined);
    client.handle('throws', () => {
      throw new Error('oops');
    });
    client.handle('throws null', () => Promise.reject(null));
    client.handle('refuses', () => {
      throw new HauynaClientError('forbidden', 'No.');
    });
    client.handle('big', () => 1n);
    const off = client.handle('gone', () => 1);
    off();
    const events = ['sum', 'nothing', 'throws', 'throws null', 'refuses', 'big', 'gone'];
    for (const [index, event] of events.entries()) {
      socket.push({ type: 'request', id: `q${index}`, event, data: [1, 2] });
    }
    await server.settle();
    expect(
      socket.received.map(({ id, data, error }) => [
        id,
        data ?? (error as { error_type: string } | undefined)?.error_type,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['q0', 3],
        ['q2', 'internal_error'],
        ['q3', 'internal_error'],
        ['q4', 'forbidden'],
        ['q5', 'invalid_argument'],
        ['q6', 'unknown_type'],
      ]),
    );
    expect(socket.received.find(({ id }) => id === 'q1')).toEqual({ type: 'response', id: 'q1', data: null });
    client.close();
  });
});
