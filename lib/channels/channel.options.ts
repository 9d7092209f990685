import type { StreamPosition } from '../broker/broker.js';
import type { Exclusion } from '../connection/targets.js';
import type { PublicationView } from '../protocol/server-frames.js';

export interface ChannelBroadcastOptions {
  /** Name of the event; v1 clients filter by it. @default 'message' */
  event?: string;
  /** Connections, connection ids or user ids that do not get it live; they can still read it from the history. */
  except?: Exclusion | readonly Exclusion[];
  /** Repeating a broadcast with the same key within 5 minutes is harmless. */
  idempotencyKey?: string;
  /** Live delivery only: not kept, no offset. @default false */
  volatile?: boolean;
  /** For states: not published unless it is newer than the newest version so far. A whole number from 0. */
  version?: number;
}

/** How a message of a client differs from one of the server. */
export interface PublishOptions extends ChannelBroadcastOptions {
  /** Travels with the message, for receivers. @default the idempotency key */
  id?: string;
}

export interface ChannelHistoryOptions {
  /** 1 to 1000. @default 100 */
  limit?: number;
  /** Only what is newer than this position; older with `reverse`. */
  since?: StreamPosition;
  /** Newest first. @default false */
  reverse?: boolean;
}

export interface ChannelHistory extends StreamPosition {
  publications: PublicationView[];
}
