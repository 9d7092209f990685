import type { Subscription as Unsubscribable } from 'rxjs';
import type { Connection } from '../connection/connection.js';
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
}

/** What the router keeps for one connection. */
export class Session {
  readonly connection: Connection;
  readonly table: HandlerTable;
  readonly builtIn: boolean;
  /** By slot of the handler. */
  readonly callbacks: HandlerCallback[] = [];
  readonly inbox: Inbox<Envelope>;
  readonly bucket: TokenBucket;
  readonly faults: FaultBudget;
  /** Work of the application that has to finish before messages flow: plain `handleConnection` hooks. */
  readonly opening: Promise<boolean>[] = [];
  /** Set when a plain Nest gateway has sent its `exception` event while a message is handled. */
  exceptionSent = false;
  /** Made when it is needed: most connections never stream. */
  private streams: Set<Unsubscribable> | undefined;

  constructor(init: SessionInit) {
    const { limits, handle } = init;
    this.connection = init.connection;
    this.table = init.table;
    this.builtIn = init.builtIn;
    this.bucket = new TokenBucket(limits.messagesPerSecond, limits.burst, init.now);
    this.faults = new FaultBudget(limits.errorsPerMinute, init.now);
    this.inbox = new Inbox<Envelope>(limits.inFlight, (envelope) => handle(this, envelope), init.flow);
  }

  /** Streams whose items are still being sent. */
  get streamCount(): number {
    return this.streams?.size ?? 0;
  }

  /** Ends with the connection. @returns a function to call when the stream has ended by itself */
  addStream(stream: Unsubscribable): () => void {
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
