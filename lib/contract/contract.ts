import type { JsonObject, JsonValue } from '../protocol/json.js';
import type { NameOf, PatternOf } from './channel-name.js';
import type { InputOf, OutputOf, Wire } from './leaf.js';

/** What one channel pattern carries. Every part is optional; where nothing is said of messages, they are any JSON. */
export interface ChannelContract {
  /** What clients may publish: event → data. @default nothing when there are `events` */
  publish?: object;
  /** What subscribers receive: event → data. @default what clients publish */
  events?: object;
  /** Metadata of those who are present. @default any JSON object */
  presence?: object;
}

/**
 * What server and client have agreed on. Data are named by plain types, by classes (`typeof SayDto`) or by Standard Schemas:
 *
 * ```ts
 * interface Chat {
 *   channels: { 'room:{id}': { publish: { message: SayDto }; events: { message: SayDto & { from: string } } } };
 *   requests: { move: { data: MoveDto; result: Board } };
 * }
 * const client = createClient<Chat>('/chat');
 * ```
 *
 * `defineContract()` makes one out of values.
 */
export interface Contract {
  /** Channel pattern → what it carries. */
  channels?: object;
  /** type → what is asked with and what is answered. */
  requests?: object;
}

/** A client without a contract: every name, any JSON. */
export interface AnyContract {
  channels: Record<string, AnyChannel>;
  requests: Record<string, { data: JsonObject; result: JsonValue }>;
}

export interface AnyChannel {
  publish: Record<string, JsonValue>;
  events: Record<string, JsonValue>;
  presence: JsonObject;
}

type ChannelsOf<C> = C extends { channels: infer Channels extends object }
  ? Channels
  : AnyContract['channels'];

/** Every channel name of a contract: `room:{id}` → `room:${string}`. */
export type ChannelName<C> = Extract<NameOf<keyof ChannelsOf<C>>, string>;

/** What the channel of this name carries. Of several patterns the one the server would take counts. */
export type ChannelOf<C, Name extends string> = string extends keyof ChannelsOf<C>
  ? ChannelsOf<C>[keyof ChannelsOf<C>]
  : ChannelsOf<C>[PatternOf<keyof ChannelsOf<C>, Name> & keyof ChannelsOf<C>];

/** What a client may publish: event → data, as it gives them. */
export type PublishOf<Channel> = Channel extends { publish: infer P extends object }
  ? { -readonly [E in keyof P]: InputOf<P[E]> }
  : Channel extends { events: object }
    ? object
    : AnyChannel['publish'];

type Events<Channel> = Channel extends { events: infer E extends object }
  ? E
  : Channel extends { publish: infer P extends object }
    ? P
    : AnyChannel['events'];

/** What a subscriber receives: event → data, as they arrive. */
export type EventsOf<Channel> = {
  -readonly [E in keyof Events<Channel>]: Wire<OutputOf<Events<Channel>[E]>>;
};

/** What the server may broadcast: event → data, before they become JSON or as they arrive. */
export type BroadcastsOf<Channel> = {
  -readonly [E in keyof Events<Channel>]: OutputOf<Events<Channel>[E]> | Wire<OutputOf<Events<Channel>[E]>>;
};

/** Metadata of those who are present. */
export type PresenceOf<Channel> = Channel extends { presence: infer P extends object }
  ? Wire<OutputOf<P>>
  : JsonObject;

type RequestsOf<C> = C extends { requests: infer R extends object } ? R : AnyContract['requests'];

export type RequestName<C> = keyof RequestsOf<C> & string;

/** What is asked with, as the client gives it. */
export type RequestData<C, Name extends RequestName<C>> = RequestsOf<C>[Name] extends { data: infer D }
  ? InputOf<D>
  : JsonObject;

/** What is answered, as it arrives. */
export type RequestResult<C, Name extends RequestName<C>> = RequestsOf<C>[Name] extends { result: infer R }
  ? Wire<OutputOf<R>>
  : JsonValue;

/** A contract of values, as plain types: what the client gives and gets. */
export type InferContract<C> = {
  channels: {
    -readonly [Pattern in keyof ChannelsOf<C>]: {
      publish: PublishOf<ChannelsOf<C>[Pattern]>;
      events: EventsOf<ChannelsOf<C>[Pattern]>;
      presence: PresenceOf<ChannelsOf<C>[Pattern]>;
    };
  };
  requests: {
    [Name in RequestName<C>]: { data: RequestData<C, Name>; result: RequestResult<C, Name> };
  };
};
