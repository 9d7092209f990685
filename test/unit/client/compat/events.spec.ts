// The handlers are what is tested here, and the client is no EventTarget.
/* oxlint-disable unicorn/prefer-add-event-listener */
import { describe, expect, it, vi } from 'vitest';
import type { CloseEventLike, MessageEventLike } from '../../../../lib/client/compat/index.js';
import { settle, start } from './support.js';

describe('events', () => {
  it('runs pasted WebSocket code: onopen, onmessage, onclose, onerror', () => {
    const { client, last } = start();
    const seen: unknown[] = [];
    client.onopen = () => seen.push('open');
    client.onmessage = (event: MessageEventLike) => seen.push(JSON.parse(event.data));
    client.onerror = (event) => seen.push(event.message);
    client.onclose = (event: CloseEventLike) => seen.push(event);
    last().open();
    last().receive({ type: 'hello' });
    last().fail(new Error('broken'));
    last().end(1006, 'lost');
    expect(seen).toEqual([
      'open',
      { type: 'hello' },
      'broken',
      { type: 'close', code: 1006, reason: 'lost', wasClean: false, willReconnect: true },
    ]);
  });

  it('gives parsed JSON and the raw text; text that is no JSON as it is', () => {
    const { client, last } = start();
    const seen: unknown[][] = [];
    client.on('message', (data, raw) => seen.push([data, raw]));
    last().open();
    last().receive('{"a":1}');
    last().receive('hello');
    expect(seen).toEqual([
      [{ a: 1 }, '{"a":1}'],
      ['hello', 'hello'],
    ]);
  });

  it('stops calling a listener that was removed, and a once listener after the first time', () => {
    const { client, last } = start();
    const always = vi.fn();
    const once = vi.fn();
    const off = client.on('message', always);
    client.once('message', once);
    last().open();
    last().receive('1');
    last().receive('2');
    off();
    last().receive('3');
    expect([always.mock.calls.length, once.mock.calls.length]).toEqual([2, 1]);
  });

  it('survives listeners that throw or reject, and reports them', async () => {
    const error = vi.fn();
    const { client, last, messages } = start({ logger: { error } });
    const thrown = new Error('thrown');
    const rejected = new Error('rejected');
    client.onmessage = () => {
      throw thrown;
    };
    client.on('message', () => Promise.reject(rejected));
    last().open();
    last().receive('1');
    await settle();
    expect(messages).toEqual([1]);
    expect(error.mock.calls.map(([, cause]) => cause as Error)).toEqual([thrown, rejected]);
    expect(client.state).toBe('open');
  });

  it('reports to console when no logger is given', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { client, last } = start();
    client.onopen = () => {
      throw new Error('mine');
    };
    last().open();
    expect(error).toHaveBeenCalledOnce();
    error.mockRestore();
  });

  it('tells all listeners the same order, even if one closes in the middle', () => {
    const { client, clock, last } = start();
    const second: string[] = [];
    client.on('state', ({ state }) => {
      if (state === 'open') client.close();
    });
    client.on('state', ({ state }) => second.push(state));
    client.on('open', () => second.push('open event'));
    last().open();
    expect(second).toEqual(['open', 'closed']);
    expect(clock.size).toBe(0);
  });

  it('lets a close listener stop the reconnect that was planned', () => {
    const { client, clock, last, log, sockets } = start();
    client.on('close', () => client.close());
    last().open();
    last().end();
    clock.advance(60_000);
    expect([client.state, sockets.length, clock.size]).toEqual(['closed', 1, 0]);
    expect(log.filter(([event]) => event === 'reconnecting')).toEqual([]);
    expect(log.at(-1)).toEqual([
      'state',
      { state: 'closed', previous: 'reconnecting', code: 1000, reason: '' },
    ]);
  });

  it('names what is wrong when a listener is no function', () => {
    const { client } = start();
    expect(() => client.on('open', 'x' as unknown as () => void)).toThrow(/on\('open', listener\)/);
  });
});
