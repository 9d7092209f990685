import type { HauynaClientError } from './client-error.js';
import type { EventsOf } from './contract.js';

export type ChannelState = 'idle' | 'subscribing' | 'subscribed' | 'closed';

/** Where a message stands and how it came. */
export interface MessageMeta {
  /** Position in the channel, from 1; 0 for a volatile message. */
  offset: number;
  epoch: string;
  /** Who published it; `null` for the server or an anonymous connection. */
  userId: string | null;
  /** When it was published, ms since the Unix epoch. */
  at: number;
  event: string;
  /** Whether it was missed at first and brought back. */
  recovered: boolean;
}

/** A change of a channel's state; `error` says why it was closed. */
export interface ChannelStateChange {
  from: ChannelState;
  to: ChannelState;
  error?: HauynaClientError;
}

/** What listeners of a channel are called with. */
export type ChannelEvents<C> = {
  [E in keyof EventsOf<C>]: [data: EventsOf<C>[E], meta: MessageMeta];
} & {
  $state: [change: ChannelStateChange];
  /** After a loss: whether everything missed has been delivered, and how much it was. */
  $recovered: [report: { complete: boolean; count: number }];
  $error: [error: HauynaClientError];
};
