import { afterEach, describe, expect, it, vi } from 'vitest';
import { start } from './support.js';

afterEach(() => vi.unstubAllGlobals());

describe('close()', () => {
  it('ends an open client at once and for good', () => {
    const { client, clock, sockets, log } = start();
    sockets[0]!.open();
    log.length = 0;
    client.close(4500, 'bye');
    expect(sockets[0]!.closedWith).toEqual({ code: 4500, reason: 'bye' });
    expect(log).toEqual([
      ['close', { code: 4500, reason: 'bye', willReconnect: false }],
      ['state', { state: 'closed', previous: 'open', code: 4500, reason: 'bye' }],
    ]);
    expect(clock.size).toBe(0);
    client.close();
    expect([client.connect(), client.reconnect(), client.send('a')]).toEqual([false, false, false]);
    expect([sockets.length, log.length, client.readyState]).toEqual([1, 2, 3]);
  });

  it('ends a client that waits or connects', () => {
    for (const waits of [true, false]) {
      const { client, clock, sockets } = start();
      if (waits) sockets[0]!.end();
      client.close();
      clock.advance(60_000);
      expect([client.state, clock.size, sockets.length, sockets[0]!.alive]).toEqual(['closed', 0, 1, false]);
    }
  });

  it('cuts a reason that does not fit a close frame and refuses a code that cannot be sent', () => {
    const { client, last } = start();
    expect(() => client.close(1006)).toThrow(/code must be 1000 or 3000 to 4999/);
    client.close(1000, 'ñ'.repeat(100));
    expect(last().closedWith?.reason).toBe('ñ'.repeat(61));
  });
});

/** A page around the client, counting the listeners on it. */
function page(visibilityState: string) {
  let listeners = 0;
  class CountingTarget extends EventTarget {
    override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
      listeners++;
      super.addEventListener(...args);
    }
    override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
      listeners--;
      super.removeEventListener(...args);
    }
  }
  const world = new CountingTarget();
  const document = Object.assign(new CountingTarget(), { visibilityState });
  vi.stubGlobal('document', document);
  vi.stubGlobal('addEventListener', (type: string, listener: () => void) =>
    world.addEventListener(type, listener),
  );
  vi.stubGlobal('removeEventListener', (type: string, listener: () => void) =>
    world.removeEventListener(type, listener),
  );
  return { world, document, count: () => listeners };
}

describe('waking', () => {
  it('reconnects at once when the network is back or the page is visible', () => {
    const { world, document } = page('visible');
    const { sockets, last } = start();
    last().end();
    world.dispatchEvent(new Event('online'));
    expect(sockets).toHaveLength(2);
    last().end();
    document.dispatchEvent(new Event('visibilitychange'));
    expect(sockets).toHaveLength(3);
  });

  it('keeps waiting while the page is hidden, and does nothing unless it waits', () => {
    const { world, document } = page('hidden');
    const { sockets, last } = start();
    world.dispatchEvent(new Event('online'));
    last().end();
    document.dispatchEvent(new Event('visibilitychange'));
    expect(sockets).toHaveLength(1);
  });

  it('leaves no listener on the page', () => {
    const { count } = page('visible');
    const { client, clock, last } = start();
    for (let i = 0; i < 3; i++) {
      last().end();
      expect(count()).toBe(2);
      clock.advance(60_000);
      expect(count()).toBe(0);
    }
    last().end();
    client.close();
    expect(count()).toBe(0);
  });
});
