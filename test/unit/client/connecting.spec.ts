import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StateChange } from '../../../lib/client/client-state.js';
import { CLOCK } from '../../../lib/client/options.js';
import { FakeServer } from './fake-server.js';

afterEach(() => vi.unstubAllGlobals());

describe('opening a connection', () => {
  it('opens nothing when a client and its channels are made and listened to', async () => {
    const server = new FakeServer();
    const client = server.client('ana');
    client.channel('room').on('message', () => undefined);
    client.channel('room').presence.on('change', () => undefined);
    await server.settle();
    expect(server.sockets).toEqual([]);
    expect(server.clock.pending).toBe(0);
    expect(client).toMatchObject({
      state: 'idle',
      connectionId: undefined,
      userId: undefined,
      latency: null,
    });
  });

  it.each<[string, (client: ReturnType<FakeServer['client']>) => unknown]>([
    ['connect', (client) => client.connect()],
    ['ping', (client) => client.ping()],
    ['request', (client) => client.request('x', {})],
    ['send', (client) => client.send('x', {})],
    ['subscribe', (client) => client.channel('room').subscribe()],
    ['publish', (client) => client.channel('room').publish(1)],
    ['history', (client) => client.channel('room').history()],
    ['presence.enter', (client) => client.channel('room').presence.enter({})],
  ])('opens one with the first %s', async (_name, use) => {
    const server = new FakeServer();
    server.answers['x'] = () => ({ type: 'ack' });
    const client = server.client('ana');
    void Promise.resolve(use(client)).catch(() => undefined);
    await server.settle();
    expect(client.state).toBe('connected');
    expect(server.sockets).toHaveLength(1);
    client.close();
  });

  it('tells every change of state, and who one is', async () => {
    const server = new FakeServer();
    const client = server.client('ana');
    const changes: StateChange[] = [];
    const connected = vi.fn<(info: object) => void>();
    client.on('state', (change) => changes.push(change));
    client.on('connected', connected);
    const opening = Promise.all([client.connect(), client.connect()]);
    await server.settle();
    await opening;
    await client.connect();
    expect(connected).toHaveBeenCalledExactlyOnceWith({
      connectionId: client.connectionId,
      userId: 'ana',
      resumed: false,
    });
    server.open()[0]!.end(1012, 'restart');
    await server.advance(1000);
    client.close(1000, 'enough');
    expect(changes).toEqual([
      { from: 'idle', to: 'connecting' },
      { from: 'connecting', to: 'connected' },
      { from: 'connected', to: 'reconnecting', code: 1012, reason: 'restart', attempt: 1, delay: 500 },
      { from: 'reconnecting', to: 'connected' },
      { from: 'connected', to: 'closed', code: 1000, reason: 'enough' },
    ]);
    expect(connected).toHaveBeenLastCalledWith(expect.objectContaining({ resumed: true }));
  });

  it('makes a WebSocket address of what it is given', async () => {
    const server = new FakeServer();
    vi.stubGlobal('location', { href: 'https://example.org/app/page?x=1' });
    for (const url of ['/chat', 'http://other/chat', new URL('wss://third/chat?y=1')]) {
      const { WebSocket, clock } = server;
      const { createClient } = await import('../../../lib/client/client.js');
      const client = createClient(url, { WebSocket, clock, params: async () => ({ user_id: 'ana b' }) });
      void client.connect().catch(() => undefined);
      await server.settle();
      client.close();
    }
    expect(server.sockets.map(({ url }) => url)).toEqual([
      'wss://example.org/chat?user_id=ana+b',
      'ws://other/chat?user_id=ana+b',
      'wss://third/chat?y=1&user_id=ana+b',
    ]);
    expect(server.sockets[0]!.protocols).toEqual(['hauyna.v1.json']);
  });

  it('says what is wrong instead of trying for ever, without an address or a WebSocket', async () => {
    const { createClient } = await import('../../../lib/client/client.js');
    const server = new FakeServer();
    const { WebSocket, clock } = server;
    await expect(createClient('/chat', { WebSocket, clock }).connect()).rejects.toThrow(/Invalid URL/);
    vi.stubGlobal('WebSocket', undefined);
    await expect(createClient('ws://fake/', { clock }).connect()).rejects.toThrow(
      /package 'ws': createClient/,
    );
    expect(clock.pending).toBe(0);
  });

  it('gives an attempt connectTimeout from the token to the welcome, and then tries again', async () => {
    const server = new FakeServer();
    server.welcomes = false;
    const client = server.client('ana', { connectTimeout: 3000 });
    const changes: StateChange[] = [];
    client.on('state', (change) => changes.push(change));
    void client.connect();
    await server.advance(3000);
    expect(changes.at(-1)).toMatchObject({ to: 'reconnecting', code: 4203 });
    expect(server.open()).toEqual([]);
    server.welcomes = true;
    await server.advance(1000);
    expect(client.state).toBe('connected');
    client.close();
  });

  it('ignores what a token or a socket of an attempt that was given up says later', async () => {
    const server = new FakeServer();
    const tokens: ((token: string) => void)[] = [];
    const failures: ((error: Error) => void)[] = [];
    const token = () =>
      new Promise<string>((resolve, reject) => {
        tokens.push(resolve);
        failures.push(reject);
      });
    const client = server.client('ana', { token, connectTimeout: 3000 });
    void client.connect();
    await server.advance(4000);
    expect(tokens).toHaveLength(2);
    tokens[1]!('second');
    await server.settle();
    expect(client.state).toBe('connected');
    failures[0]!(new Error('late'));
    const [socket] = server.sockets;
    await server.settle();
    expect(client.state).toBe('connected');
    client.reconnect();
    socket!.emit('message', { data: '{"type":"disconnect","code":4003,"reconnect":false}' });
    socket!.emit('close', { code: 4003 });
    await server.advance(1000);
    expect(client.state).toBe('connected');
    client.close();
    expect(server.clock.pending).toBe(0);
  });
});

describe('closing', () => {
  it('can happen while the token is asked for, while dialling, and before anything', async () => {
    for (const when of ['idle', 'token', 'dialling'] as const) {
      const server = new FakeServer();
      let give = (_token: string): void => undefined;
      const signals: AbortSignal[] = [];
      const client = server.client('ana', {
        token: ({ signal }) => {
          signals.push(signal);
          return when === 'token' ? new Promise<string>((resolve) => (give = resolve)) : 'x';
        },
      });
      const opening = when === 'idle' ? Promise.resolve() : client.connect();
      const outcome = opening.then(
        () => 'open',
        (error: { code: string }) => error.code,
      );
      for (let i = 0; i < 5; i++) await Promise.resolve();
      client.close();
      expect(client.state).toBe('closed');
      expect(await outcome).toBe(when === 'idle' ? 'open' : 'closed');
      for (const signal of signals) expect(signal.aborted).toBe(true);
      give('late');
      await server.advance(20_000);
      expect(server.sockets.every(({ readyState }) => readyState === 3)).toBe(true);
      expect(server.clock.pending).toBe(0);
    }
  });

  it('closes the socket even with a code or a reason it does not take', async () => {
    const server = new FakeServer();
    const client = server.client('ana');
    void client.connect();
    await server.settle();
    client.close(1001, 'x'.repeat(200));
    expect(server.open()).toEqual([]);
  });

  it('is no end: connect() starts afresh, with a token of its own', async () => {
    const server = new FakeServer();
    const reasons: string[] = [];
    const client = server.client('ana', {
      token: ({ reason }) => {
        reasons.push(reason);
        return 'x';
      },
    });
    for (let i = 0; i < 2; i++) {
      const opening = client.connect();
      await server.settle();
      await opening;
      client.close();
    }
    expect(reasons).toEqual(['initial', 'initial']);
    expect(server.sockets[1]!.resume).toBeUndefined();
  });

  it('can happen inside a listener of the connection', async () => {
    const server = new FakeServer();
    server.welcome = { expiresIn: 1000 };
    const client = server.client('ana', { token: () => 'x' });
    const states: string[] = [];
    client.on('state', ({ to }) => {
      states.push(to);
      if (to === 'connected') client.close();
    });
    const connected = vi.fn<() => void>();
    client.on('connected', connected);
    await Promise.all([client.connect(), server.settle()]);
    expect(states).toEqual(['connecting', 'connected', 'closed']);
    expect(connected).not.toHaveBeenCalled();
    expect(server.clock.pending).toBe(0);
  });

  it('leaves no listener on the page and none on signals', async () => {
    const page = new EventTarget();
    const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    vi.stubGlobal('document', document);
    const server = new FakeServer();
    server.answers['x'] = () => ({});
    const client = server.client('ana');
    const { signal } = new AbortController();
    const calls = [
      client.connect({ signal }),
      client.ping({ signal }),
      client.request('x', {}, { signal }),
      client.channel('room').subscribe({ signal }),
      client.channel('room').publish(1, { signal }),
    ].map((call) => call.catch(() => undefined));
    await server.settle();
    expect(getEventListeners(page, 'online')).toHaveLength(1);
    client.close();
    await Promise.all(calls);
    expect(getEventListeners(page, 'online')).toEqual([]);
    expect(getEventListeners(document, 'visibilitychange')).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('the real clock', () => {
  it('takes a wait without end as one', async () => {
    const passed = vi.fn<() => void>();
    const timer = CLOCK.after(Infinity, passed);
    await new Promise((resolve) => setTimeout(resolve, 5));
    CLOCK.clear(timer);
    expect(passed).not.toHaveBeenCalled();
    expect(Math.abs(CLOCK.now() - Date.now())).toBeLessThan(50);
  });
});
