import { Injectable } from '@nestjs/common';
import type { Publication } from '../broker/broker.js';
import type { Connection } from '../connection/connection.js';
import type { JsonObject } from '../protocol/json.js';
import type { PositionFrame } from '../protocol/server-frames.js';

/** One connection in one channel. */
export interface Subscription {
  readonly connection: Connection;
  readonly channel: string;
  metadata: JsonObject;
  /** ms since the Unix epoch. */
  readonly since: number;
  /** Whether the client asked for it, so that the application's decision stands behind it; else the server did it. */
  byClient: boolean;
  /** Whether the user is present in the channel through it. */
  present: boolean;
  /** Live publications, and positions of those that were for others, that wait while a subscribe is being answered; `null` means they are delivered. */
  pending: (Publication | PositionFrame)[] | null;
  /** Answers under way; the publications wait for the last of them. */
  holds: number;
  /** Offset up to which the answers under way tell the client everything. */
  answered: number;
  /** Whether the others have been told of it. */
  announced: boolean;
}

/** Which connections of this node are subscribed to which channels. */
@Injectable()
export class SubscriptionIndex {
  private readonly byChannel = new Map<string, Map<Connection, Subscription>>();
  private readonly byConnection = new Map<Connection, Map<string, Subscription>>();

  /** @returns whether this is the channel's first subscription here */
  add(subscription: Subscription): boolean {
    const { channel, connection } = subscription;
    let subscribers = this.byChannel.get(channel);
    const first = subscribers === undefined;
    if (subscribers === undefined) {
      subscribers = new Map();
      this.byChannel.set(channel, subscribers);
    }
    subscribers.set(connection, subscription);
    let channels = this.byConnection.get(connection);
    if (channels === undefined) {
      channels = new Map();
      this.byConnection.set(connection, channels);
    }
    channels.set(channel, subscription);
    return first;
  }

  /** @returns whether it was the channel's last subscription here, or `null` when there was none to remove */
  remove(connection: Connection, channel: string): { last: boolean; subscription: Subscription } | null {
    const subscribers = this.byChannel.get(channel);
    const subscription = subscribers?.get(connection);
    if (subscribers === undefined || subscription === undefined) return null;
    subscribers.delete(connection);
    const last = subscribers.size === 0;
    if (last) this.byChannel.delete(channel);
    const channels = this.byConnection.get(connection);
    channels?.delete(channel);
    if (channels?.size === 0) this.byConnection.delete(connection);
    return { last, subscription };
  }

  get(connection: Connection, channel: string): Subscription | undefined {
    return this.byConnection.get(connection)?.get(channel);
  }

  ofChannel(channel: string): ReadonlyMap<Connection, Subscription> {
    return this.byChannel.get(channel) ?? NO_SUBSCRIBERS;
  }

  ofConnection(connection: Connection): ReadonlyMap<string, Subscription> {
    return this.byConnection.get(connection) ?? NO_CHANNELS;
  }

  /** The channels with at least one subscriber here. */
  channels(): IterableIterator<string> {
    return this.byChannel.keys();
  }
}

const NO_SUBSCRIBERS: ReadonlyMap<Connection, Subscription> = new Map();
const NO_CHANNELS: ReadonlyMap<string, Subscription> = new Map();
