import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { LifecycleBus } from '../events/lifecycle.bus.js';
import { Clock, type Timer } from '../protocol/clock.js';
import { IdSource } from '../protocol/id-source.js';
import { isJsonObject, type JsonObject } from '../protocol/json.js';
import { nameProblem } from '../protocol/names.js';
import type { Connection } from './connection.js';
import { serialise } from './serialise.js';

/** Questions to one client that may wait for an answer at once. */
const MAX_PENDING = 1000;

interface Pending {
  resolve: (data: unknown) => void;
  reject: (error: HauynaError) => void;
  timer: Timer;
}

/** Questions of the server to clients, and who waits for the answers. */
@Injectable()
export class PendingRequests implements OnModuleInit, OnModuleDestroy {
  private readonly pending = new Map<Connection, Map<string, Pending>>();
  private off: (() => void) | undefined;

  constructor(
    private readonly bus: LifecycleBus<Connection>,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  onModuleInit(): void {
    this.off = this.bus.on('disconnected', ({ connection }) => this.abandon(connection));
  }

  onModuleDestroy(): void {
    this.off?.();
    for (const connection of [...this.pending.keys()]) this.abandon(connection);
  }

  /** Asks. Rejects with `timeout`, `unavailable`, or what the client answers instead of data. */
  ask(connection: Connection, event: string, data: unknown, timeout: number): Promise<unknown> {
    if (connection.dialect.name !== 'v1') {
      return Promise.reject(new HauynaError('unavailable', messages.cannotBeAsked()));
    }
    serialise('The data', data ?? null);
    const waiting = this.pending.get(connection) ?? new Map<string, Pending>();
    if (waiting.size >= MAX_PENDING) {
      return Promise.reject(new HauynaError('limit_exceeded', messages.tooManyQuestions(MAX_PENDING)));
    }
    const id = this.ids.next();
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(timeout, () => {
        this.take(connection, id);
        reject(new HauynaError('timeout', messages.noAnswer(event, timeout)));
      });
      waiting.set(id, { resolve, reject, timer });
      this.pending.set(connection, waiting);
      if (waiting.size === 1) connection.inbound?.listen(true);
      if (connection.sendFrame({ type: 'request', id, event, data: data ?? null })) return;
      this.take(connection, id);
      reject(new HauynaError('unavailable', messages.connectionGone(connection.id)));
    });
  }

  /** Takes the answer of a client; one nobody waits for is dropped. */
  answer(connection: Connection, frame: JsonObject): void {
    const { id, data, error } = frame;
    const waiting = typeof id === 'string' ? this.take(connection, id) : undefined;
    if (waiting === undefined) return;
    if (!isJsonObject(error)) waiting.resolve(data);
    else waiting.reject(refusal(error));
  }

  private take(connection: Connection, id: string): Pending | undefined {
    const waiting = this.pending.get(connection);
    const found = waiting?.get(id);
    if (waiting === undefined || found === undefined) return undefined;
    this.clock.clear(found.timer);
    waiting.delete(id);
    if (waiting.size === 0) {
      this.pending.delete(connection);
      connection.inbound?.listen(false);
    }
    return found;
  }

  private abandon(connection: Connection): void {
    for (const [id, { reject }] of [...(this.pending.get(connection) ?? [])]) {
      this.take(connection, id);
      reject(new HauynaError('unavailable', messages.connectionGone(connection.id)));
    }
  }
}

/** What a client says is not to be believed further than it reaches. */
function refusal(error: JsonObject): HauynaError {
  const given = error['error_type'];
  const type = typeof given === 'string' && nameProblem(given) === null ? given : 'internal_error';
  const message =
    typeof error['message'] === 'string' ? error['message'].slice(0, 1000) : 'The client refused.';
  return new HauynaError(type, message, { retryable: false });
}
