import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Listeners, type EventsOptions } from '../../../lib/client/listeners.js';

class Source extends Listeners<{ tick: [n: number, text: string] }> {
  tick(n: number): void {
    this.emit('tick', n, `${n}`);
  }
  values(options?: EventsOptions): AsyncIterableIterator<number> {
    return this.iterate('tick', (n) => n, options);
  }
}

afterEach(() => vi.restoreAllMocks());

describe('listeners', () => {
  it('are called until they are removed, one function added twice as two', () => {
    const source = new Source();
    const heard: number[] = [];
    const listen = (n: number): void => void heard.push(n);
    const off = source.on('tick', listen);
    source.on('tick', listen);
    source.tick(1);
    off();
    off();
    source.tick(2);
    expect(heard).toEqual([1, 1, 2]);
  });

  it('are called once if that is wanted, even if they cause the event again', () => {
    const source = new Source();
    const heard: number[] = [];
    source.once('tick', (n) => {
      heard.push(n);
      source.tick(n + 1);
    });
    source.on('tick', () => undefined, { once: true });
    source.tick(1);
    source.tick(5);
    expect(heard).toEqual([1]);
  });

  it('are removed by a signal, which keeps nothing of those that left before', () => {
    const source = new Source();
    const controller = new AbortController();
    const heard: string[] = [];
    source.on('tick', (_n, text) => heard.push(text), controller);
    source.once('tick', () => undefined, controller);
    source.on('tick', () => undefined, controller)();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(2);
    source.tick(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    source.on('tick', (_n, text) => heard.push(text), controller);
    source.tick(2);
    expect(heard).toEqual(['1']);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('removed by another one of the same event do not hear it', () => {
    const source = new Source();
    const heard = vi.fn<() => void>();
    source.on('tick', () => off());
    const off = source.on('tick', heard);
    source.tick(1);
    expect(heard).not.toHaveBeenCalled();
  });

  it('that throw stop nobody and are heard of as uncaught errors', async () => {
    const later: (() => void)[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((job) => void later.push(job));
    const source = new Source();
    const heard = vi.fn<() => void>();
    source.on('tick', () => {
      throw new Error('mine');
    });
    source.on('tick', heard);
    source.tick(1);
    expect(heard).toHaveBeenCalledOnce();
    expect(later).toHaveLength(1);
    expect(later[0]).toThrow('mine');
  });
});

describe('iterating', () => {
  it('gives every value in order, those that came before they were asked for, too', async () => {
    const source = new Source();
    const values = source.values();
    source.tick(1);
    source.tick(2);
    const seen: number[] = [];
    queueMicrotask(() => source.tick(3));
    for await (const value of values) {
      seen.push(value);
      if (value === 3) break;
    }
    source.tick(4);
    expect(seen).toEqual([1, 2, 3]);
    expect(await values.next()).toEqual({ done: true, value: undefined });
  });

  it('keeps the newest max values', async () => {
    const source = new Source();
    const values = source.values({ max: 2 });
    for (let n = 1; n <= 5; n++) source.tick(n);
    expect([(await values.next()).value, (await values.next()).value]).toEqual([4, 5]);
    const many = source.values();
    for (let n = 1; n <= 1030; n++) source.tick(n);
    expect((await many.next()).value).toBe(7);
  });

  it('ends with the signal, after what has come, and leaves nothing on it', async () => {
    const source = new Source();
    const controller = new AbortController();
    const values = source.values(controller);
    source.tick(1);
    controller.abort();
    source.tick(2);
    const seen: number[] = [];
    for await (const value of values) seen.push(value);
    expect(seen).toEqual([1]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    for await (const value of source.values(controller)) expect.fail(String(value));
  });

  it('leaves nothing on the signal when the loop is left', async () => {
    const source = new Source();
    const controller = new AbortController();
    const values = source.values(controller);
    source.tick(1);
    for await (const _ of values) break;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('serves those who wait at once in the order in which they asked, and lets all go at the end', async () => {
    const source = new Source();
    const values = source.values();
    const waiting = [values.next(), values.next(), values.next(), values.next()];
    source.tick(1);
    source.tick(2);
    await values.return?.();
    expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual([1, 2, undefined, undefined]);
  });
});
