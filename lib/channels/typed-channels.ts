import type { PublishResult, StreamPosition } from '../broker/broker.js';
import type { Connection } from '../connection/connection.js';
import type { BroadcastsOf, ChannelName, ChannelOf, EventsOf, PresenceOf } from '../contract/contract.js';
import type { PresenceMember, PublicationView, SubscribeResult } from '../protocol/server-frames.js';
import type { ChannelBroadcastOptions, ChannelHistoryOptions } from './channel.options.js';

/** A publication of a channel whose events are known: `event` tells which `data` it has. */
export type TypedPublication<Events> = {
  [E in keyof Events & string]: Omit<PublicationView, 'data' | 'event'> & { event: E; data: Events[E] };
}[keyof Events & string];

/** `ChannelService` for the channels of a contract: names, events and payloads are checked by the compiler. */
export interface TypedChannels<C> {
  broadcast<
    Name extends ChannelName<C>,
    E extends keyof BroadcastsOf<ChannelOf<C, Name>> & string = 'message' &
      keyof BroadcastsOf<ChannelOf<C, Name>>,
  >(
    channel: Name,
    data: BroadcastsOf<ChannelOf<C, Name>>[E],
    options?: ChannelBroadcastOptions & { event?: E },
  ): Promise<PublishResult>;

  history<Name extends ChannelName<C>>(
    channel: Name,
    options?: ChannelHistoryOptions,
  ): Promise<StreamPosition & { publications: TypedPublication<EventsOf<ChannelOf<C, Name>>>[] }>;

  presence<Name extends ChannelName<C>>(
    channel: Name,
  ): Promise<Record<string, Omit<PresenceMember, 'metadata'> & { metadata: PresenceOf<ChannelOf<C, Name>> }>>;

  subscribe<Name extends ChannelName<C>>(
    channel: Name,
    connection: Connection | string,
    metadata?: PresenceOf<ChannelOf<C, Name>>,
  ): Promise<SubscribeResult>;

  metadata<Name extends ChannelName<C>>(
    channel: Name,
    connection: Connection | string,
  ): Promise<PresenceOf<ChannelOf<C, Name>> | undefined>;

  channelsOf(connection: Connection | string): Promise<string[]>;
  unsubscribe(channel: ChannelName<C>, connection: Connection | string): Promise<boolean>;
  subscribers(channel: ChannelName<C>): Promise<string[]>;
  subscriptionCount(channel: ChannelName<C>): Promise<number>;
  isSubscribed(channel: ChannelName<C>, connection: Connection | string): Promise<boolean>;
}
