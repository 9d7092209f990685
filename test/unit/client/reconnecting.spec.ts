import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StateChange } from '../../../lib/client/client-state.js';
import { DEFAULT_POLICY } from '../../../lib/client/link.js';
import type { ClientOptions } from '../../../lib/client/options.js';
import { reconnectDelay } from '../../../lib/client/reconnect-delay.js';
import { DEFAULT_RETRY_POLICY } from '../../../lib/protocol/retry-policy.js';
import { FakeServer } from './fake-server.js';

afterEach(() => vi.unstubAllGlobals());

async function connected(options: ClientOptions = {}, prepare?: (server: FakeServer) => void) {
  const server = new FakeServer();
  prepare?.(server);
  const client = server.client('ana', options);
  const changes: StateChange[] = [];
  client.on('state', (change) => changes.push(change));
  void client.connect().catch(() => undefined);
  await server.settle();
  return { server, client, changes, socket: server.open()[0]! };
}

async function delaysWhileAway(
  options: ClientOptions,
  count: number,
  prepare?: (server: FakeServer) => void,
) {
  const { server, client, changes, socket } = await connected(options, prepare);
  server.online = false;
  socket.end(1006);
  for (let i = 0; i < 200 && changes.filter(({ delay }) => delay !== undefined).length < count; i++) {
    if (client.state === 'closed') break;
    await server.advance(1000);
  }
  const delays = changes.flatMap(({ delay }) => delay ?? []).slice(0, count);
  const { state } = client;
  client.close();
  expect(server.clock.pending).toBe(0);
  return { delays, state };
}

describe('coming back', () => {
  it('waits from 1 s to 10 s with full jitter, and never gives up', async () => {
    const random = () => 0;
    expect((await delaysWhileAway({ random }, 7)).delays).toEqual([
      1000, 2000, 4000, 8000, 10_000, 10_000, 10_000,
    ]);
    expect((await delaysWhileAway({ random: () => 0.999 }, 3)).delays).toEqual([100, 100, 100]);
    expect(reconnectDelay(undefined, 5000, 0)).toBe(10_000);
  });

  it('follows the options it is given', async () => {
    const reconnect = { baseDelay: 10, multiplier: 3, maxDelay: 50, minDelay: 20, maxAttempts: 4 };
    const away = await delaysWhileAway({ reconnect, random: () => 0 }, 9);
    expect(away).toEqual({ delays: [20, 30, 50, 50], state: 'closed' });
  });

  it('asks a function for the wait, and stops when it gives none', async () => {
    const reconnect = (attempt: number) => (attempt > 3 ? null : attempt * 7);
    expect(await delaysWhileAway({ reconnect }, 9)).toEqual({ delays: [7, 14, 21], state: 'closed' });
  });

  it('does not come back with reconnect: false', async () => {
    const { client, server, socket } = await connected({ reconnect: false });
    socket.end(1006);
    await server.settle();
    expect(client.state).toBe('closed');
  });

  it('follows a policy of the server, but not the one every server has', async () => {
    const retry = { maxAttempts: 3, baseDelay: 5, maxDelay: 100, multiplier: 10, jitter: 0 };
    const from = (policy: object) => (server: FakeServer) => void (server.welcome = { retry: policy });
    const reconnect = undefined as never;
    const random = () => 0;
    expect(await delaysWhileAway({ reconnect, random }, 9, from(retry))).toEqual({
      delays: [100, 100, 100],
      state: 'closed',
    });
    // Infinity is `null` in JSON.
    const forever = await delaysWhileAway({ random }, 7, from({ ...retry, maxAttempts: Infinity }));
    expect(forever.delays).toHaveLength(7);
    expect((await delaysWhileAway({ random }, 7, from(DEFAULT_RETRY_POLICY))).delays).toHaveLength(7);
    expect(DEFAULT_POLICY).toBe(String(Object.values(DEFAULT_RETRY_POLICY)));
  });

  it('takes a new policy from a live connection, and prefers its own options to both', async () => {
    const retry = { maxAttempts: Infinity, baseDelay: 300, maxDelay: 300, multiplier: 1, jitter: 0 };
    for (const [reconnect, delay] of [
      [undefined, 300],
      [{ minDelay: 700 }, 1000],
    ] as const) {
      const { server, client, changes, socket } = await connected({
        random: () => 0,
        ...(reconnect ? { reconnect } : {}),
      });
      socket.push({ type: 'retry_policy', retry });
      await server.settle();
      socket.end(1006);
      await server.settle();
      expect(changes.at(-1)).toMatchObject({ delay });
      client.close();
    }
  });

  it('adds what the server asks for with retryAfter, and does not come earlier for a wake', async () => {
    const world = new EventTarget();
    vi.stubGlobal('addEventListener', world.addEventListener.bind(world));
    vi.stubGlobal('removeEventListener', world.removeEventListener.bind(world));
    const { server, client, changes, socket } = await connected({ random: () => 0 });
    socket.push({ type: 'disconnect', code: 4100, reason: 'full', reconnect: true, retryAfter: 5000 });
    await server.settle();
    socket.end(4100);
    await server.settle();
    expect(changes.at(-1)).toMatchObject({ to: 'reconnecting', code: 4100, reason: 'full', delay: 6000 });
    world.dispatchEvent(new Event('online'));
    await server.advance(5900);
    expect(server.sockets).toHaveLength(1);
    await server.advance(200);
    expect(client.state).toBe('connected');
    client.close();
  });

  it.each([
    [1000, 'closed'],
    [1008, 'closed'],
    [4003, 'closed'],
    [4006, 'closed'],
    [4501, 'closed'],
    [1001, 'reconnecting'],
    [1012, 'reconnecting'],
    [4100, 'reconnecting'],
    [4200, 'reconnecting'],
    [4400, 'reconnecting'],
  ])('after code %i it is %s', async (code, state) => {
    const { server, client, socket } = await connected();
    socket.end(code);
    await server.settle();
    expect(client.state).toBe(state);
    client.close();
  });

  it('does what the farewell says, whatever the code', async () => {
    for (const [code, reconnect, state] of [
      [1012, false, 'closed'],
      [4003, true, 'reconnecting'],
    ] as const) {
      const { server, client, socket } = await connected();
      socket.push({ type: 'disconnect', code, reason: 'because', reconnect });
      await server.settle();
      socket.end(1006);
      await server.settle();
      expect(client.state).toBe(state);
      client.close();
    }
  });

  it('begins with the shortest wait again only after a connection that lasted', async () => {
    const { server, client, changes } = await connected({ random: () => 0 });
    for (const lasts of [100, 100, 6000, 100]) {
      await server.advance(lasts);
      server.open()[0]!.end(1006);
      await server.settle();
      while (client.state !== 'connected') await server.advance(500);
    }
    expect(changes.flatMap(({ delay }) => delay ?? [])).toEqual([1000, 2000, 1000, 2000]);
    client.close();
  });
});

describe('noticing', () => {
  it('asks for a sign of life when nothing came for the interval, and measures how long it takes', async () => {
    const { server, client, socket } = await connected({ heartbeatInterval: 5000 });
    const latencies: number[] = [];
    client.on('latency', (ms) => latencies.push(ms));
    await server.advance(4900);
    socket.push({ type: 'message', data: 1, via: 'broadcast' });
    await server.advance(4900);
    expect(socket.received).toEqual([]);
    server.answersHeartbeats = false;
    await server.advance(200, 10);
    expect(socket.received).toEqual([{ type: 'heartbeat' }]);
    // Something else that comes first is a sign of life, but not the answer.
    socket.push({ type: 'message', data: 1, via: 'broadcast' });
    await server.settle();
    expect(latencies).toEqual([]);
    socket.push({ type: 'heartbeat', timestamp: 0 });
    await server.settle();
    expect(latencies).toHaveLength(1);
    expect(client.latency).toBe(latencies[0]);
    expect(client.latency).toBeGreaterThan(0);
    client.close();
  });

  it('sends none with an interval of 0', async () => {
    const { server, client, socket } = await connected({ heartbeatInterval: 0 });
    await server.advance(100_000);
    expect(socket.received).toEqual([]);
    client.close();
  });

  it('drops a connection that is dead but looks open', async () => {
    const { server, client, changes, socket } = await connected({ heartbeatTimeout: 4000 });
    socket.frozen = true;
    await server.advance(25_000);
    expect(client.state).toBe('connected');
    await server.advance(4500);
    expect(changes.some(({ to, code }) => to === 'reconnecting' && code === 4203)).toBe(true);
    expect(socket.readyState).toBe(3);
    await server.advance(1000);
    expect(client.state).toBe('connected');
    client.close();
  });

  it('asks at once when the page is looked at again, and dials at once when the network is back', async () => {
    const world = new EventTarget();
    const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    vi.stubGlobal('addEventListener', world.addEventListener.bind(world));
    vi.stubGlobal('removeEventListener', world.removeEventListener.bind(world));
    vi.stubGlobal('document', document);
    const { server, client, socket } = await connected({ random: () => 0 });
    document.dispatchEvent(new Event('visibilitychange'));
    await server.settle();
    expect(socket.received).toEqual([]);
    document.visibilityState = 'visible';
    socket.frozen = true;
    document.dispatchEvent(new Event('visibilitychange'));
    await server.advance(5000);
    // Looking again does not put the end off.
    document.dispatchEvent(new Event('visibilitychange'));
    await server.advance(5000);
    expect(client.state).toBe('reconnecting');
    world.dispatchEvent(new Event('online'));
    world.dispatchEvent(new Event('online'));
    await server.settle();
    expect(client.state).toBe('connected');
    expect(server.sockets).toHaveLength(2);
    client.close();
    expect(server.clock.pending).toBe(0);
  });

  it('does not ask for a second token when it wakes while the first is on its way', async () => {
    const world = new EventTarget();
    vi.stubGlobal('addEventListener', world.addEventListener.bind(world));
    vi.stubGlobal('removeEventListener', world.removeEventListener.bind(world));
    const token = vi.fn<() => Promise<string>>(() => new Promise(() => undefined));
    const { server, client } = await connected({ token });
    await server.advance(10_500, 100);
    const asked = token.mock.calls.length;
    world.dispatchEvent(new Event('online'));
    await server.settle();
    expect(token.mock.calls.length).toBe(asked);
    client.close();
  });

  it('makes a new connection when it is told to', async () => {
    const { server, client, socket } = await connected();
    client.reconnect();
    expect(socket.closedWith).toMatchObject({ code: 4201 });
    await server.advance(1000);
    expect(client.state).toBe('connected');
    client.close();
  });
});
