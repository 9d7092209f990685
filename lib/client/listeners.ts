/** How a listener is added. */
export interface ListenOptions {
  /** Removes the listener when it aborts. */
  signal?: AbortSignal | undefined;
  /** Removes the listener after its first call. */
  once?: boolean | undefined;
}

/** How many values an iteration keeps that nobody has taken yet. */
export interface EventsOptions {
  /** Ends the iteration when it aborts. */
  signal?: AbortSignal | undefined;
  /** Values kept at most; beyond it the oldest is dropped. @default 1024 */
  max?: number | undefined;
}

type Entry = (args: unknown[]) => void;

/** What has listeners. One that throws is heard of later, as an uncaught error, and stops nobody. */
export class Listeners<Events extends { [Name in keyof Events]: unknown[] }> {
  readonly #byEvent = new Map<PropertyKey, Set<Entry>>();

  /** Listens to an event. @returns removes the listener */
  on<Name extends keyof Events>(
    event: Name,
    listener: (...args: Events[Name]) => void,
    { signal, once }: ListenOptions = {},
  ): () => void {
    const set = this.#byEvent.get(event) ?? new Set();
    // A function of its own, so that one listener added twice is two.
    const entry: Entry = (args) => {
      if (once) off();
      listener(...(args as Events[Name]));
    };
    const off = (): void => {
      set.delete(entry);
      signal?.removeEventListener('abort', off);
    };
    if (!signal?.aborted) {
      this.#byEvent.set(event, set.add(entry));
      signal?.addEventListener('abort', off);
    }
    return off;
  }

  /** Listens to the next time it happens. @returns removes the listener */
  once<Name extends keyof Events>(
    event: Name,
    listener: (...args: Events[Name]) => void,
    options?: ListenOptions,
  ): () => void {
    return this.on(event, listener, { signal: options?.signal, once: true });
  }

  protected emit<Name extends keyof Events>(event: Name, ...args: Events[Name]): void {
    const set = this.#byEvent.get(event);
    for (const entry of [...(set ?? [])]) {
      try {
        // One that an earlier one has removed does not hear of it any more.
        if (set?.has(entry)) entry(args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Iterates over what `pick` makes of an event, until the signal aborts or the loop is left. */
  protected iterate<Name extends keyof Events, T>(
    event: Name,
    pick: (...args: Events[Name]) => T,
    { signal, max = 1024 }: EventsOptions = {},
  ): AsyncIterableIterator<T> {
    const queue: T[] = [];
    const takers: ((result: IteratorResult<T>) => void)[] = [];
    const end = { done: true } as IteratorResult<T>;
    let done = false;
    const off = this.on(event, (...args) => {
      const value = pick(...args);
      const taker = takers.shift();
      if (taker) taker({ value });
      else if (queue.push(value) > max) queue.shift();
    });
    const stop = (): void => {
      done = true;
      off();
      signal?.removeEventListener('abort', stop);
      for (const taker of takers) taker(end);
    };
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    const iterator: AsyncIterableIterator<T> = {
      [Symbol.asyncIterator]: () => iterator,
      next: () =>
        new Promise((resolve) => {
          if (queue.length) resolve({ value: queue.shift() as T });
          else if (done) resolve(end);
          else takers.push(resolve);
        }),
      return: async () => {
        stop();
        queue.length = 0;
        return end;
      },
    };
    return iterator;
  }
}
