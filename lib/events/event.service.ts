import { Injectable, Logger } from '@nestjs/common';
import { errorText } from '../protocol/error-text.js';
import { LifecycleBus, type EventConnection } from './lifecycle.bus.js';
import { isThenable } from './thenable.js';

/** Called with the connection an event concerns (`null` when there is none) and its data. */
export type EventListener<C extends EventConnection = EventConnection, T = unknown> = (
  connection: C | null,
  data: T,
) => void | Promise<void>;

/**
 * Application events: named, in process, any number of listeners each. A failing listener, sync or
 * async, is logged and never stops the others.
 *
 * ```ts
 * const off = events.on('user_joined', (connection, data) => audit(data));
 * events.trigger('user_joined', connection, { user_id: '123' });
 * ```
 */
@Injectable()
export class EventService<C extends EventConnection = EventConnection> {
  private readonly logger = new Logger(EventService.name);
  private readonly listeners = new Map<string, Set<EventListener<C>>>();

  constructor(private readonly bus: LifecycleBus<C>) {}

  /** Adds a listener; the same function twice is called twice. @returns a function that removes it */
  on<T = unknown>(event: string, listener: EventListener<C, T>): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set);
    // A wrapper of its own, so that adding one function twice gives two listeners with two `off`s.
    const entry: EventListener<C> = (connection, data) => listener(connection, data as T);
    set.add(entry);
    return () => {
      set.delete(entry);
      if (set.size === 0 && this.listeners.get(event) === set) this.listeners.delete(event);
    };
  }

  /** Like {@link on}, for one call. */
  once<T = unknown>(event: string, listener: EventListener<C, T>): () => void {
    const off = this.on<T>(event, (connection, data) => {
      off();
      return listener(connection, data);
    });
    return off;
  }

  /**
   * Calls the listeners of `event` in the order in which they were added, then the `@OnHauynaEvent` methods.
   *
   * @returns how many listeners were called, decorated methods not included. Never throws.
   */
  trigger(event: string, connection: C | null = null, data: unknown = undefined): number {
    const listeners = [...(this.listeners.get(event) ?? [])];
    for (const listener of listeners) {
      try {
        const result = listener(connection, data);
        if (isThenable(result)) result.then(undefined, (error: unknown) => this.report(event, error));
      } catch (error) {
        this.report(event, error);
      }
    }
    this.bus.emit('custom', { event, connection, data });
    return listeners.length;
  }

  /** How many listeners `event` has. */
  listenerCount(event: string): number {
    return this.listeners.get(event)?.size ?? 0;
  }

  private report(event: string, error: unknown): void {
    this.logger.error(`A listener of "${event}" failed`, errorText(error));
  }
}
