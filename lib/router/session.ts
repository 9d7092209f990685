import type { Unsubscribable } from 'rxjs';
import { ROUTING, type Connection } from '../connection/connection.js';
import { Inbox, type InboxFlow } from '../connection/inbox.js';
import type { HandlerTable } from '../gateway/handler.table.js';
import type { Envelope } from '../protocol/envelope.js';
import { FaultBudget, TokenBucket } from './token-bucket.js';

/** A decorated method, bound by Nest to the client of one connection. */
export type HandlerCallback = (data: unknown, frame: unknown, ack?: AckFunction) => Promise<unknown>;
export type AckFunction = (value?: unknown) => void;

export interface SessionInit {
  connection: Connection;
  table: HandlerTable;
  /** Whether the library's own verbs are served: only where a `@HauynaGateway` is. */
  builtIn: boolean;
  limits: { messagesPerSecond: number; burst: number; inFlight: number; errorsPerMinute: number };
  now: number;
  handle: (session: Session, envelope: Envelope) => Promise<void>;
  /** Stops and restarts reading. */
  flow: InboxFlow;
  /** By which path and port the connection came in; see {@link entrance}. */
  entrance?: string;
}

/** What the router keeps for one connection. */
export class Session {
  readonly connection: Connection;
  readonly table: HandlerTable;
  readonly builtIn: boolean;
  readonly entrance: string | undefined;
  readonly flow: InboxFlow;
  /** By slot of the handler. */
  callbacks: HandlerCallback[] = [];
  readonly inbox: Inbox<Envelope>;
  readonly bucket: TokenBucket;
  /** Work of the application that has to finish before messages flow: plain `handleConnection` hooks. */
  opening: Promise<boolean>[] | undefined;
  /** Set when a plain Nest gateway has sent its `exception` event while a message is handled. */
  exceptionSent = false;
  /** Made when it is needed: most connections never stream. */
  private streams: Set<Unsubscribable> | undefined;
  private faults: FaultBudget | undefined;
  private readonly errorsPerMinute: number;

  constructor(init: SessionInit) {
    const { limits, handle } = init;
    this.connection = init.connection;
    this.table = init.table;
    this.builtIn = init.builtIn;
    this.bucket = new TokenBucket(limits.messagesPerSecond, limits.burst, init.now);
    this.errorsPerMinute = limits.errorsPerMinute;
    this.entrance = init.entrance;
    this.flow = init.flow;
    this.inbox = new Inbox<Envelope>(limits.inFlight, (envelope) => handle(this, envelope), init.flow);
    init.connection.inbound = this.inbox;
    init.connection[ROUTING] = this;
  }

  /** Notes a fault of the client. @returns whether it has made more of them than it may */
  fault(now: number): boolean {
    this.faults ??= new FaultBudget(this.errorsPerMinute, now);
    return this.faults.spend(now);
  }

  /** Streams whose items are still being sent. */
  get streamCount(): number {
    return this.streams?.size ?? 0;
  }

  /**
   * Ends with the connection.
   *
   * @param asked whether it makes an answer the client may come back for; then it ends when the client cannot any more
   * @returns a function to call when the stream has ended by itself
   */
  addStream(stream: Unsubscribable, asked = false): () => void {
    const outlasting = asked ? this.connection.session : null;
    if (outlasting !== null) return outlasting.addCall(stream);
    const streams = (this.streams ??= new Set());
    streams.add(stream);
    return () => streams.delete(stream);
  }

  /** The connection has ended: nothing more is handled or streamed. */
  close(): void {
    this.inbox.close();
    for (const stream of this.streams ?? []) stream.unsubscribe();
    this.streams = undefined;
  }
}

/** What the router keeps for a connection, for those who only have the connection. */
export function sessionOf(connection: Connection): Session | undefined {
  return connection[ROUTING] as Session | undefined;
}

/** Names one path of one port; the URL of a connection alone does not say which pattern it has matched. */
export function entrance(port: number, path: string): string {
  return `${port} ${path}`;
}
