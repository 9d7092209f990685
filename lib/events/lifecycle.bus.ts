import { Injectable, Logger } from '@nestjs/common';
import { errorText } from '../protocol/error-text.js';
import type { JsonObject } from '../protocol/json.js';
import type { ConnectionState, PresenceEvent } from '../protocol/server-frames.js';
import { isThenable } from './thenable.js';

/** What listeners may know of a connection without knowing its folder. */
export interface EventConnection {
  readonly id: string;
  readonly userId: string | null;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly info: JsonObject;
  readonly data: Record<string, unknown>;
  readonly state: ConnectionState;
  send(data: unknown): boolean;
  close(code?: number, reason?: string): void;
}

/** How a connection ended. */
export interface DisconnectInfo {
  code: number;
  reason: string;
  /** Whether a close frame was exchanged or the server closed on purpose; `false` means it was lost. */
  clean: boolean;
}

/** A change of presence: in a channel, in a group, or, with neither, of the user as a whole. */
export interface PresenceChange {
  event: PresenceEvent;
  userId: string;
  channel?: string;
  /** The group the user has entered or left by this change. */
  group?: string;
  /** Every group the user is in, `group` included. */
  groups: string[];
  metadata: JsonObject;
}

export interface StateChange<C> {
  connection: C;
  from: ConnectionState | null;
  to: ConnectionState;
  at: number;
}

export interface SubscriptionChange<C> {
  event: 'added' | 'removed' | 'updated';
  connection: C;
  channel: string;
  metadata: JsonObject;
  /** Whether the user is present in the channel through it. */
  present: boolean;
  /** Whether the connection was lost without a close frame; only for `removed`. */
  lost: boolean;
}

/** Everything that happens inside one application, by name. */
export interface LifecycleEvents<C> {
  /** The connection is registered and can receive; its frames are still held back. */
  connected: { connection: C };
  /** The connection has ended; it is no longer registered. Listeners may return a promise to be awaited at shutdown. */
  disconnected: { connection: C; info: DisconnectInfo };
  /** The user's last connection on this node has ended. */
  userGone: { userId: string; connection: C; info: DisconnectInfo };
  stateChanged: StateChange<C>;
  ping: { connection: C; payload: string };
  pong: { connection: C; payload: string; latency: number | null };
  subscription: SubscriptionChange<C>;
  presenceChanged: PresenceChange;
  groupChanged: { event: 'added' | 'removed'; userId: string; group: string };
  custom: { event: string; connection: C | null; data: unknown };
}

export type LifecycleListener<C, E extends keyof LifecycleEvents<C>> = (
  payload: LifecycleEvents<C>[E],
) => void | Promise<unknown>;

type Listener = (payload: never) => void | Promise<unknown>;

/**
 * The in-process bus on which the parts of the library meet. Emitting never throws, a failing listener is
 * logged and never stops the others, and listeners run in the order in which they were added.
 */
@Injectable()
export class LifecycleBus<C extends EventConnection = EventConnection> {
  private readonly logger = new Logger('Hauyna');
  private readonly listeners = new Map<string, Set<Listener>>();

  /** @returns a function that removes the listener */
  on<E extends keyof LifecycleEvents<C>>(event: E, listener: LifecycleListener<C, E>): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  /** Whether anybody listens; lets hot paths skip making the payload. */
  has(event: keyof LifecycleEvents<C>): boolean {
    return (this.listeners.get(event)?.size ?? 0) > 0;
  }

  /** Calls every listener; promises they return are guarded and not waited for. */
  emit<E extends keyof LifecycleEvents<C>>(event: E, payload: LifecycleEvents<C>[E]): void {
    const listeners = this.listeners.get(event);
    if (listeners === undefined) return;
    for (const listener of listeners) void this.call(event, listener, payload);
  }

  /** Like {@link emit}, and resolves when every listener has finished. Never rejects. */
  async emitAndWait<E extends keyof LifecycleEvents<C>>(
    event: E,
    payload: LifecycleEvents<C>[E],
  ): Promise<void> {
    const running: PromiseLike<unknown>[] = [];
    for (const listener of this.listeners.get(event) ?? []) {
      const result = this.call(event, listener, payload);
      if (result !== undefined) running.push(result);
    }
    await Promise.all(running);
  }

  /** @returns what has to be waited for, if anything; it does not reject */
  private call(event: string, listener: Listener, payload: unknown): PromiseLike<unknown> | undefined {
    try {
      const result = (listener as (payload: unknown) => unknown)(payload);
      if (!isThenable(result)) return undefined;
      return result.then(undefined, (error: unknown) => this.report(event, error));
    } catch (error) {
      this.report(event, error);
      return undefined;
    }
  }

  private report(event: string, error: unknown): void {
    this.logger.error(`A listener of "${event}" failed`, errorText(error));
  }
}
