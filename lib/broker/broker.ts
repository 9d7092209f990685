import type { JsonText } from '../protocol/json.js';

/** How much of a channel is kept: so many publications, each so many ms. */
export interface HistoryPolicy {
  size: number;
  ttl: number;
}

/** What a channel delivers, as it travels between nodes. */
export interface Publication {
  channel: string;
  event: string;
  payload: JsonText;
  /** The publishing user, `null` for the server or an anonymous connection. */
  user: string | null;
  /** ms since the Unix epoch. */
  at: number;
  /** Position in the channel's stream, from 1 in steps of 1; 0 for a volatile publication. */
  offset: number;
  epoch: string;
  /** What the publisher called it: its idempotency key, without what the server put before it. */
  id?: string;
}

export interface PublishRequest {
  channel: string;
  event: string;
  payload: JsonText;
  user: string | null;
  /** `null` keeps nothing. */
  history: HistoryPolicy | null;
  /** Live delivery only: takes no offset and is not kept. */
  volatile: boolean;
  /** A repeated publish with the same key to the same channel is stored and delivered once. */
  idempotencyKey?: string;
  /** Travels with the publication. */
  id?: string;
  /**
   * For states rather than messages: one that is not newer than the newest of the stream is not published. Needs a
   * stream that is kept: history, or a subscriber.
   */
  version?: number;
  /** Connection and user ids that do not get it live. */
  except?: readonly string[];
}

export interface StreamPosition {
  offset: number;
  epoch: string;
}

export interface PublishResult extends StreamPosition {
  /**
   * Whether nothing was published: the idempotency key was known (the result is that of the first time), or the version is
   * not newer (the result is where the stream stands).
   */
  duplicate: boolean;
}

export interface HistoryQuery {
  /** Most publications to return. */
  limit: number;
  /** Only what is newer than this position (or older, with `reverse`). */
  since?: StreamPosition;
  /** Newest first. */
  reverse?: boolean;
}

export interface HistoryResult extends StreamPosition {
  publications: Publication[];
}

export type PublicationListener = (publication: Publication, except: readonly string[] | undefined) => void;

/** How long an idempotency key is remembered, ms. */
export const IDEMPOTENCY_TTL = 300_000;

/**
 * Carries publications from whoever publishes to the nodes that have subscribers. The publishing node delivers
 * nothing by itself: it hears of its own publication like all others, so every node sees one order.
 */
export abstract class Broker {
  /**
   * Publishes. Atomic: idempotency check, offset, history and fan-out happen together or not at all.
   * Order: publications of one channel are heard in offset order by everybody. A rejection with
   * `unavailable` or `timeout` means the outcome is unknown; repeat it with an idempotency key.
   */
  abstract publish(request: PublishRequest): Promise<PublishResult>;

  /** This node wants the channel's publications. Resolves when none published from now on can be missed. Idempotent. */
  abstract subscribe(channel: string): Promise<void>;

  /** This node no longer wants them. Idempotent. */
  abstract unsubscribe(channel: string): Promise<void>;

  /** The newest position of a channel; creates the stream when there is none. */
  abstract position(channel: string): Promise<StreamPosition>;

  /** Reads kept publications, oldest first unless reversed. */
  abstract history(channel: string, query: HistoryQuery): Promise<HistoryResult>;

  /** Hears every publication of the channels this node subscribed to. @returns a function that removes the listener */
  abstract onPublication(listener: PublicationListener): () => void;

  /** Ends timers and connections; harmless when called twice. */
  abstract close(): Promise<void>;
}
