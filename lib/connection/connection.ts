import type { EventConnection } from '../events/lifecycle.bus.js';
import { CloseCode, fitCloseReason, isSendableCloseCode, reconnects } from '../protocol/close-codes.js';
import type { Dialect } from '../protocol/dialect.js';
import type { JsonObject } from '../protocol/json.js';
import type { ConnectionState, MessageFrame, ServerFrame } from '../protocol/server-frames.js';
import type { ClientSession } from './client-session.js';
import type { EncodedFrame } from './encoded-frame.js';
import type { FlushScheduler } from './flush-scheduler.js';
import { Outbox, type OutboxLimits } from './outbox.js';
import { serialise } from './serialise.js';
import type { Transport } from './transport.js';
import { textFrame } from './websocket-frame.js';

/** Where the router keeps what it knows of a connection; found faster than in a table of all connections. */
export const ROUTING = Symbol('hauyna:routing');

/** What is known of a connection when it opens. */
export interface ConnectionInit {
  id: string;
  userId: string | null;
  info: JsonObject;
  meta: Record<string, unknown>;
  path: string;
  params: Record<string, string>;
  query: Record<string, string>;
  dialect: Dialect;
  connectedAt: number;
  transport: Transport;
  /** `null` for connections that cannot be continued. @default null */
  session?: ClientSession | null;
  /** When the credentials run out, ms since the Unix epoch. @default null: never */
  expiresAt?: number | null;
}

/** How a connection reports what only others can do. */
export interface ConnectionHooks {
  scheduler: FlushScheduler;
  limits: OutboxLimits;
}

export interface CloseOptions {
  /** Told to v1 clients; by default the code decides. */
  reconnect?: boolean;
  /** Told to v1 clients, ms. */
  retryAfter?: number;
}

/**
 * One socket. A user may have many. Injected into handlers with Nest's `@ConnectedSocket()`.
 *
 * ```ts
 * @OnMessage('whoami')
 * whoami(@ConnectedSocket() client: Connection) {
 *   return { connection: client.id, user: client.userId };
 * }
 * ```
 */
export class Connection implements EventConnection {
  /** Unique, not guessable. */
  readonly id: string;
  /** The user, `null` for an anonymous connection. */
  readonly userId: string | null;
  /** What other users may see of this one. */
  readonly info: JsonObject;
  /** What only the server sees of this one. */
  readonly meta: Record<string, unknown>;
  /** Path of the request, e.g. `/rooms/42/chat`. */
  readonly path: string;
  /** Path parameters, always text. */
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters, always text. */
  readonly query: Readonly<Record<string, string>>;
  /** A bag for the application; lives as long as the connection, or the session it belongs to. */
  readonly data: Record<string, unknown>;
  /** What outlives this connection when it is lost; `null` for plain clients. */
  readonly session: ClientSession | null;
  /** When the credentials run out, ms since the Unix epoch; `null` for never. */
  expiresAt: number | null;
  readonly dialect: Dialect;
  /** ms since the Unix epoch. */
  readonly connectedAt: number;

  /** When anything was last received, ms since the Unix epoch. Kept by the adapter. */
  lastSeen: number;
  /** When a message (not a heartbeat) was last received, ms since the Unix epoch. */
  lastMessage: number;
  /** Round trip of the latest ping in ms, `null` before the first pong. */
  latency: number | null = null;
  /** Told when the server begins and ceases to wait for answers of the client. Set by the router. */
  inbound: { listen(listening: boolean): void } | undefined;

  [ROUTING]: unknown = undefined;

  private currentState: ConnectionState = 'connected';
  private closing: { code: number; reason: string } | null = null;
  private readonly outbox: Outbox;
  private readonly transport: Transport;

  constructor(init: ConnectionInit, hooks: ConnectionHooks) {
    this.id = init.id;
    this.userId = init.userId;
    this.info = init.info;
    this.meta = init.meta;
    this.path = init.path;
    this.params = init.params;
    this.query = init.query;
    this.dialect = init.dialect;
    this.connectedAt = init.connectedAt;
    this.lastSeen = init.connectedAt;
    this.lastMessage = init.connectedAt;
    this.transport = init.transport;
    this.session = init.session ?? null;
    this.data = this.session?.data ?? {};
    this.expiresAt = init.expiresAt ?? null;
    this.outbox = new Outbox(init.transport, hooks.scheduler, hooks.limits);
  }

  get state(): ConnectionState {
    return this.currentState;
  }

  /** Whether frames can still be sent. */
  get isOpen(): boolean {
    return this.closing === null && this.currentState !== 'disconnected';
  }

  /** Bytes waiting to be sent. */
  get bufferedAmount(): number {
    return this.outbox.bufferedAmount;
  }

  /**
   * Sends any JSON value to this connection: bare to a plain client, in a `message` frame to a v1 client.
   *
   * @returns whether it was taken; `false` when the connection is closing.
   * @throws HauynaError `validation_error` when the value has no JSON form.
   */
  send(data: unknown): boolean {
    const frame: MessageFrame = {
      type: 'message',
      via: 'connection',
      payload: serialise('The data', data),
    };
    return this.sendFrame(frame);
  }

  /** Sends one frame of the protocol. @returns whether it was taken. */
  sendFrame(frame: ServerFrame): boolean {
    if (!this.isOpen) return false;
    const text = this.dialect.encode(frame);
    return text !== null && this.push(textFrame(text));
  }

  /** Sends an encoded frame; the same one can go to any number of connections. @returns whether it was taken. */
  deliver(frame: EncodedFrame): boolean {
    if (!this.isOpen) return false;
    const bytes = frame.bytes(this.dialect);
    return bytes !== null && this.push(bytes);
  }

  /** Writes what is waiting now instead of at the end of the turn; for whoever writes to the socket directly. */
  flush(): void {
    this.outbox.flush();
  }

  /**
   * Closes the connection. What was sent before is still delivered; v1 clients get a `disconnect` frame first.
   *
   * @param code 1000–1014 as far as they may be sent, or 3000–4999; see `CloseCode`. @default 1000
   * @param reason cut to 123 bytes
   * @throws RangeError for a code that cannot be sent
   */
  close(code: number = CloseCode.normal, reason = '', options: CloseOptions = {}): void {
    if (!isSendableCloseCode(code)) {
      throw new RangeError(`${String(code)} is not a close code that can be sent; use 1000 or 3000 to 4999.`);
    }
    if (this.closing !== null) return;
    const fitted = fitCloseReason(String(reason));
    this.sendFrame({
      type: 'disconnect',
      code,
      reason: fitted,
      reconnect: options.reconnect ?? reconnects(code),
      ...(options.retryAfter === undefined ? {} : { retryAfter: options.retryAfter }),
    });
    this.outbox.flush();
    this.closing = { code, reason: fitted };
    this.transport.close(code, fitted);
  }

  /** Ends the socket without a closing handshake; for everybody else the connection is lost. */
  terminate(): void {
    this.closing ??= { code: 1006, reason: '' };
    this.outbox.close();
    this.transport.terminate();
  }

  ping(): void {
    this.transport.ping();
  }

  /** Whether the server has begun to close the connection. */
  get isClosing(): boolean {
    return this.closing !== null;
  }

  /** The code and reason with which the server closed the connection; `null` when it did not. */
  get closedWith(): Readonly<{ code: number; reason: string }> | null {
    return this.closing;
  }

  /** Sets the state without asking whether it may follow; `ConnectionRegistry` does the asking. */
  applyState(state: ConnectionState): void {
    this.currentState = state;
  }

  /** The socket has ended: nothing is kept for it any more. */
  end(): void {
    this.currentState = 'disconnected';
    this.outbox.close();
  }

  private push(bytes: Buffer): boolean {
    if (this.outbox.push(bytes)) return true;
    if (this.outbox.hasOverflown) this.overflow();
    return false;
  }

  private overflow(): void {
    this.closing = { code: CloseCode.slowConsumer, reason: 'slow consumer' };
    this.transport.close(CloseCode.slowConsumer, this.closing.reason);
  }
}
