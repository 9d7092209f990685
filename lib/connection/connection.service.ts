import { Injectable } from '@nestjs/common';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { requireName } from '../errors/require-name.js';
import { LifecycleBus, type StateChange } from '../events/lifecycle.bus.js';
import { CloseCode, isSendableCloseCode } from '../protocol/close-codes.js';
import type { RetryPolicy } from '../protocol/retry-policy.js';
import type { ConnectionState, MessageFrame, MessageVia } from '../protocol/server-frames.js';
import { checkState, ConnectionStates } from './connection-states.js';
import type { CloseOptions, Connection } from './connection.js';
import { ConnectionRegistry } from './connection.registry.js';
import { EncodedFrame } from './encoded-frame.js';
import { PendingRequests } from './pending-requests.js';
import { RetryPolicyHolder } from './retry-policy.holder.js';
import { serialise } from './serialise.js';
import { exclusionOf, type Exclusion } from './targets.js';

/** Longest delay a timer can have, ms. */
const MAX_TIMEOUT = 2_147_483_647;

export interface BroadcastOptions {
  /** Connections, connection ids or user ids that do not get it. */
  except?: Exclusion | readonly Exclusion[];
}

export interface DisconnectOptions extends CloseOptions {
  /** @default 4005 (kicked) */
  code?: number;
  /** @default 'disconnected by the server' */
  reason?: string;
}

/** Who sends a message on behalf of a client; the server itself when absent. */
export interface Sender {
  userId: string | null;
}

/**
 * The open connections: who they are, sending to them, closing them, their states.
 * Sends resolve to the number of connections reached.
 *
 * ```ts
 * await connections.sendToUser('ana', { type: 'invoice_ready', id: 7 });
 * ```
 */
@Injectable()
export class ConnectionService {
  constructor(
    private readonly registry: ConnectionRegistry,
    private readonly states: ConnectionStates,
    private readonly bus: LifecycleBus<Connection>,
    private readonly retry: RetryPolicyHolder,
    private readonly questions: PendingRequests,
  ) {}

  /** The connection with this id, if it is open. */
  async get(id: string): Promise<Connection | undefined> {
    return this.registry.get(id);
  }

  /** All open connections, oldest first. */
  async list(): Promise<Connection[]> {
    return [...this.registry.all()];
  }

  async count(): Promise<number> {
    return this.registry.size;
  }

  /** How many open connections are in `state`. @throws HauynaError for a state that does not exist */
  async countByState(state: ConnectionState): Promise<number> {
    checkState('state', state);
    let count = 0;
    for (const connection of this.registry.all()) if (connection.state === state) count++;
    return count;
  }

  /** The open connections of a user, oldest first. */
  async ofUser(userId: string): Promise<Connection[]> {
    return [...this.registry.ofUser(userId)];
  }

  /** The user of an open connection; `null` when it is anonymous or not open. */
  async userIdOf(connection: Connection | string): Promise<string | null> {
    return this.find(connection)?.userId ?? null;
  }

  /** Sends to every open connection, anonymous ones included. */
  async broadcast(data: unknown, options: BroadcastOptions = {}, sender?: Sender): Promise<number> {
    const frame = this.frame('broadcast', data, sender);
    const excluded = exclusionOf(options.except);
    let reached = 0;
    for (const connection of this.registry.all()) {
      if (!excluded(connection) && connection.deliver(frame)) reached++;
    }
    return reached;
  }

  /** Sends to one connection. @returns 1, or 0 when it is not open */
  async sendTo(connectionId: string, data: unknown): Promise<number> {
    const frame = this.frame('connection', data);
    return this.registry.get(connectionId)?.deliver(frame) === true ? 1 : 0;
  }

  /** Sends to every connection of a user. */
  async sendToUser(userId: string, data: unknown, sender?: Sender): Promise<number> {
    return this.deliverToUsers([userId], this.frame('private', data, sender));
  }

  /** Sends to every connection of each user; a user named twice gets it once. */
  async sendToUsers(userIds: Iterable<string>, data: unknown, sender?: Sender): Promise<number> {
    return this.deliverToUsers(new Set(userIds), this.frame('private', data, sender));
  }

  /**
   * Asks one client and waits for its answer (v1 clients; `createClient()` answers with `client.handle(event, …)`). The
   * client's other messages wait for a handler that waits for the answer; the answer itself does not.
   *
   * ```ts
   * const { battery } = (await connections.request(id, 'status', {})) as { battery: number };
   * ```
   *
   * @param options `timeout` in ms, 10000 by default
   * @returns what the client answered. Never trust it more than a message
   * @throws HauynaError `timeout`, `unavailable` when the connection is not open, ends, or cannot be asked, `limit_exceeded`
   * beyond 1000 questions at once, `validation_error`, or the type the client refused with
   */
  async request(
    connectionId: string,
    event: string,
    data?: unknown,
    options: { timeout?: number } = {},
  ): Promise<unknown> {
    const { timeout = 10_000 } = options;
    requireName('event', event);
    if (!(timeout > 0 && timeout <= MAX_TIMEOUT)) {
      throw new HauynaError('validation_error', `timeout must be a number of ms from 1 to ${MAX_TIMEOUT}.`);
    }
    const connection = this.registry.get(connectionId);
    if (connection === undefined) throw new HauynaError('unavailable', messages.connectionGone(connectionId));
    return this.questions.ask(connection, event, data, timeout);
  }

  /**
   * Closes one connection, or all connections of a user.
   *
   * @param target a connection id or `{ userId }`
   * @returns how many were closed
   */
  async disconnect(target: string | { userId: string }, options: DisconnectOptions = {}): Promise<number> {
    const { code = CloseCode.kicked, reason = 'disconnected by the server', ...close } = options;
    if (!isSendableCloseCode(code)) {
      throw new HauynaError('validation_error', `code must be 1000 or 3000 to 4999, got ${String(code)}.`);
    }
    const single = typeof target === 'string' ? this.registry.get(target) : undefined;
    const connections =
      typeof target === 'string' ? (single ? [single] : []) : [...this.registry.ofUser(target.userId)];
    const open = connections.filter((connection) => !connection.isClosing);
    for (const connection of open) connection.close(code, reason, close);
    return open.length;
  }

  /**
   * Moves a connection to another state and tells its client.
   *
   * @returns `false` when the transition is not allowed or the connection is not open; nothing has changed then
   */
  async setState(connection: Connection | string, state: ConnectionState): Promise<boolean> {
    checkState('state', state);
    const found = this.find(connection);
    return found !== undefined && this.registry.setState(found, state);
  }

  /** Allows a transition the table does not have; for this application only. */
  addTransition(from: ConnectionState, to: ConnectionState): void {
    this.states.add(from, to);
  }

  /** Calls `fn` on every change of state (`from` is `null` for a new connection). @returns a function that removes it */
  onStateChange(fn: (change: StateChange<Connection>) => void | Promise<void>): () => void {
    return this.bus.on('stateChanged', fn);
  }

  /**
   * Changes how clients come back: for all (new connections are told, open v1 ones too), or for one connection.
   *
   * @throws HauynaError `validation_error` naming the wrong fields; nothing has changed then
   */
  async setRetryPolicy(policy: Partial<RetryPolicy>, connection?: Connection | string): Promise<void> {
    const retry = this.retry.merge(policy);
    const frame = new EncodedFrame({ type: 'retry_policy', retry });
    if (connection !== undefined) {
      this.find(connection)?.deliver(frame);
      return;
    }
    this.retry.set(retry);
    for (const open of this.registry.all()) open.deliver(frame);
  }

  private find(connection: Connection | string): Connection | undefined {
    return this.registry.get(typeof connection === 'string' ? connection : connection.id);
  }

  private frame(via: MessageVia, data: unknown, sender?: Sender): EncodedFrame {
    const frame: MessageFrame = {
      type: 'message',
      via,
      payload: serialise('The data', data),
    };
    if (sender !== undefined) frame.user = sender.userId;
    return new EncodedFrame(frame);
  }

  private deliverToUsers(userIds: Iterable<string>, frame: EncodedFrame): number {
    let reached = 0;
    for (const userId of userIds) {
      for (const connection of this.registry.ofUser(userId)) if (connection.deliver(frame)) reached++;
    }
    return reached;
  }
}
