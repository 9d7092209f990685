/** Where the client reports what must not stop it. */
export interface ClientLogger {
  error(message: string, cause: unknown): void;
}

/** `console`, looked up when it is needed: importing the client touches no global. */
export const CONSOLE_LOGGER: ClientLogger = {
  error: (message, cause) => globalThis.console?.error(message, cause),
};

type Listener<Arguments extends unknown[]> = (...args: Arguments) => unknown;

/**
 * Typed events. A listener that throws or rejects is reported and stops nobody. Events raised inside a
 * listener are delivered after the current one, so all listeners see the same order.
 */
export class Emitter<Events extends { [Name in keyof Events]: unknown[] }> {
  private readonly listeners = new Map<keyof Events, Set<{ call: (args: unknown[]) => unknown }>>();
  private readonly queue: { name: keyof Events; args: unknown[] }[] = [];
  private draining = false;

  constructor(private readonly logger: ClientLogger) {}

  /** @returns removes the listener */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    if (typeof listener !== 'function') {
      throw new TypeError(`on('${String(name)}', listener): the listener must be a function.`);
    }
    const entry = { call: (args: unknown[]) => listener(...(args as Events[Name])) };
    const entries = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, entries.add(entry));
    return () => void entries.delete(entry);
  }

  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const off = this.on(name, (...args) => {
      off();
      return listener(...args);
    });
    return off;
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    this.queue.push({ name, args });
    if (this.draining) return;
    this.draining = true;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      const entries = this.listeners.get(next.name);
      for (const entry of entries === undefined ? [] : [...entries]) {
        // A listener removed by an earlier one of the same event must not hear it any more.
        if (entries?.has(entry)) this.guard(next.name, () => entry.call(next.args));
      }
    }
    this.draining = false;
  }

  private guard(name: keyof Events, call: () => unknown): void {
    try {
      const result = call();
      if (result instanceof Promise) result.catch((error: unknown) => this.report(name, error));
    } catch (error) {
      this.report(name, error);
    }
  }

  private report(name: keyof Events, error: unknown): void {
    try {
      this.logger.error(`WebSocketClient: a listener of "${String(name)}" failed.`, error);
    } catch {
      // A logger that fails has nobody left to tell.
    }
  }
}
