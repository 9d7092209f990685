import { describe, expect, it } from 'vitest';
import { MIN_RECONNECT_DELAY, reconnectDelay, SOON_INTERVAL } from '../../../../lib/client/compat/backoff.js';
import { settle, start } from './support.js';

describe('reconnecting', () => {
  it('connects at once, with the defaults of the seed', () => {
    const { client, sockets } = start();
    expect(sockets.map((socket) => socket.url)).toEqual(['ws://host/chat']);
    expect(client.ws).toBe(sockets[0]);
    expect(client.url).toBe('ws://host/chat');
    expect(client.state).toBe('connecting');
    expect(client.reconnectAttempts).toBe(0);
    expect(client.options).toMatchObject({
      reconnectInterval: 1000,
      maxReconnectAttempts: 5,
      heartbeatInterval: 30_000,
    });
  });

  it('comes back after a lost connection, and tells each step in order', () => {
    const { client, clock, sockets, log } = start();
    sockets[0]!.open();
    sockets[0]!.end(1006, 'gone');
    expect(client.state).toBe('reconnecting');
    clock.advance(999);
    expect(sockets).toHaveLength(1);
    clock.advance(1);
    expect(client.ws).toBe(sockets[1]);
    sockets[1]!.open();
    expect(client.state).toBe('open');
    expect(log).toEqual([
      ['state', { state: 'open', previous: 'connecting' }],
      ['open'],
      ['close', { code: 1006, reason: 'gone', willReconnect: true }],
      [
        'state',
        { state: 'reconnecting', previous: 'open', code: 1006, reason: 'gone', attempt: 1, delay: 1000 },
      ],
      ['reconnecting', { attempt: 1, delay: 1000 }],
      ['state', { state: 'open', previous: 'reconnecting' }],
      ['open'],
    ]);
  });

  it('waits twice as long each time, up to maxReconnectInterval', () => {
    const { clock, last, log } = start({ maxReconnectAttempts: Infinity, maxReconnectInterval: 5000 });
    for (let i = 0; i < 5; i++) {
      last().end();
      clock.advance(60_000);
    }
    const delays = log.filter(([event]) => event === 'reconnecting').map(([, info]) => info);
    expect(delays).toEqual([1000, 2000, 4000, 5000, 5000].map((delay, i) => ({ attempt: i + 1, delay })));
  });

  it('spreads a crowd over the whole wait but never below the floor', () => {
    const options = { reconnectInterval: 1000, maxReconnectInterval: 30_000 };
    expect(reconnectDelay(options, 'backoff', 3, 0)).toBe(4000);
    expect(reconnectDelay(options, 'backoff', 3, 0.5)).toBe(2000);
    expect(reconnectDelay(options, 'backoff', 3, 0.999999)).toBe(MIN_RECONNECT_DELAY);
    expect(reconnectDelay(options, 'soon', 1, 0)).toBe(SOON_INTERVAL);
    expect(reconnectDelay(options, 'soon', 2, 0)).toBe(2 * SOON_INTERVAL);
    expect(reconnectDelay({ ...options, reconnectInterval: 0 }, 'backoff', 5000, 0)).toBe(
      MIN_RECONNECT_DELAY,
    );
    expect(reconnectDelay(options, 'backoff', 5000, 0)).toBe(30_000);
  });

  it('gives up after maxReconnectAttempts, and starts again when asked', () => {
    const { client, clock, sockets, last, log } = start({ maxReconnectAttempts: 2 });
    for (let i = 0; i < 3; i++) {
      last().end();
      clock.advance(60_000);
    }
    expect(client.state).toBe('failed');
    expect(sockets).toHaveLength(3);
    expect(log.at(-1)).toEqual(['failed', { code: 1006, reason: '', attempts: 2 }]);
    expect(clock.size).toBe(0);
    expect(client.connect()).toBe(true);
    expect([client.state, client.reconnectAttempts, sockets.length]).toEqual(['connecting', 0, 4]);
  });

  it('forgives attempts only after the connection has lasted stableAfter', () => {
    const { client, clock, last } = start({ stableAfter: 5000, maxReconnectAttempts: 3 });
    last().end();
    clock.advance(1000);
    last().open();
    clock.advance(4999);
    expect(client.reconnectAttempts).toBe(1);
    last().end();
    expect(client.reconnectAttempts).toBe(2);
    clock.advance(2000);
    last().open();
    clock.advance(5000);
    expect(client.reconnectAttempts).toBe(0);
  });

  it('gives up on a server that accepts and drops at once', () => {
    const { client, clock, sockets, last } = start();
    for (let i = 0; i < 10 && client.state !== 'failed'; i++) {
      last().open();
      last().end();
      clock.advance(60_000);
    }
    expect([client.state, sockets.length]).toEqual(['failed', 6]);
  });

  it('does not wait for ever for a handshake', () => {
    const { client, clock, sockets } = start({ connectTimeout: 3000 });
    clock.advance(3000);
    expect(client.state).toBe('reconnecting');
    expect(sockets[0]!.alive).toBe(false);
    clock.advance(1000);
    expect(sockets).toHaveLength(2);
  });

  it('ignores late events of an old socket', () => {
    const { client, sockets, log, messages } = start();
    const old = sockets[0]!;
    old.open();
    client.reconnect();
    log.length = 0;
    old.receive({ late: true });
    old.end(4001);
    old.open();
    expect(old.listening).toBe(0);
    expect([log, messages, client.state, sockets.length]).toEqual([[], [], 'reconnecting', 2]);
  });

  it('reconnect() drops the connection and makes a new one at once', () => {
    const { client, sockets, log } = start();
    sockets[0]!.open();
    log.length = 0;
    expect(client.reconnect()).toBe(true);
    expect(sockets[0]!.closedWith).toEqual({ code: 4201, reason: 'Reconnect' });
    expect(sockets).toHaveLength(2);
    expect(log).toEqual([
      ['close', { code: 4201, reason: 'Reconnect', willReconnect: true }],
      ['state', { state: 'reconnecting', previous: 'open' }],
    ]);
  });

  it('asks a url function for every attempt', async () => {
    let tokens = 0;
    const { client, clock, sockets } = start({}, () => Promise.resolve(`ws://host/?token=${++tokens}`));
    await settle();
    sockets[0]!.end();
    clock.advance(1000);
    await settle();
    expect(sockets.map((socket) => socket.url)).toEqual(['ws://host/?token=1', 'ws://host/?token=2']);
    expect(client.ws).toBe(sockets[1]);
  });

  it('counts a url function that fails as a failed attempt', async () => {
    const { client, clock, sockets, log } = start({ maxReconnectAttempts: 1 }, () => {
      throw new Error('no token');
    });
    await settle();
    expect(log[0]).toEqual(['error', new Error('no token')]);
    expect([client.state, client.reconnectAttempts]).toEqual(['reconnecting', 1]);
    clock.advance(1000);
    await settle();
    expect([client.state, sockets.length]).toEqual(['failed', 0]);
  });

  it('ignores a url that comes after close()', async () => {
    const { client, sockets } = start({}, () => Promise.resolve('ws://host/late'));
    client.close();
    await settle();
    expect(sockets).toHaveLength(0);
  });
});
