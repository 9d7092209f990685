import type { ErrorType, FieldIssue } from './error-types.js';
import type { JsonObject, JsonText, JsonValue } from './json.js';
import type { RetryPolicy } from './retry-policy.js';

export type RequestId = string | number;

/** The states a connection can be in. */
export const CONNECTION_STATES = ['connected', 'idle', 'disconnected', 'reconnecting', 'error'] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** First frame of the v1 dialect. Times in ms. */
export interface WelcomeFrame {
  type: 'welcome';
  connectionId: string;
  user: string | null;
  heartbeat: { interval: number; timeout: number } | null;
  retry: RetryPolicy;
  /** Offered again on the next connect, `resume` continues this session for `ttl` ms after a loss; absent when there are none. */
  session?: { id: string; resume: string; ttl: number; resumed: boolean };
  /** ms until the credentials run out; a `refresh` in time keeps the connection. */
  expiresIn?: number;
}

/** What a channel delivers. A plain client gets the payload alone. */
export interface PublicationFrame {
  type: 'publication';
  channel: string;
  event: string;
  offset: number;
  epoch: string;
  /** The user who published, `null` for the server or an anonymous connection. */
  user: string | null;
  /** When it was published, ms since the Unix epoch. */
  at: number;
  /** What the publisher called it, to know one that is published twice. */
  id?: string;
  payload: JsonText;
}

/** How a direct message was addressed. */
export type MessageVia = 'broadcast' | 'private' | 'group' | 'connection';

/** A direct message. A plain client gets the payload alone. */
export interface MessageFrame {
  type: 'message';
  via: MessageVia;
  payload: JsonText;
  /** The sending user, when a client sent it. */
  user?: string | null;
  /** The group it was addressed to. */
  group?: string;
}

export interface ChannelEventFrame {
  type: 'channel_event';
  event: 'subscription_added' | 'subscription_removed';
  channel: string;
  user: string | null;
  metadata: JsonObject;
}

/**
 * A subscription has ended without the client asking (v1). With `resubscribe` the client may have missed something and
 * should subscribe again from its position at once.
 */
export interface UnsubscribedFrame {
  type: 'unsubscribed';
  channel: string;
  reason: 'forbidden' | 'server' | 'gap';
  resubscribe: boolean;
}

/** A publication that was not for this connection: where the channel stands now (v1). */
export interface PositionFrame {
  type: 'position';
  channel: string;
  offset: number;
  epoch: string;
}

/** The server asks the client (v1); answered with a `response` of the same id. */
export interface RequestFrame {
  type: 'request';
  id: string;
  event: string;
  data: unknown;
}

export type PresenceEvent = 'join' | 'leave' | 'update';

/** One change of presence. `channel` is absent for a change that concerns the user as a whole. */
export interface PresenceChangeFrame {
  type: 'presence_change';
  event: PresenceEvent;
  user: string;
  channel?: string;
  metadata: JsonObject;
}

/** One present user, as a newcomer sees them. */
export interface PresenceMember {
  metadata: JsonObject;
  /** Connections of the user in this channel. */
  connections: number;
  /** When the user entered, ms since the Unix epoch. */
  since: number;
}

/** Who is in a channel, keyed by user; sent to a new subscriber only. */
export interface PresenceStateFrame {
  type: 'presence_state';
  channel: string;
  state: Record<string, PresenceMember>;
}

export interface ConnectionStateFrame {
  type: 'connection_state';
  user: string | null;
  state: ConnectionState;
  timestamp: number;
}

export interface ErrorFrame {
  type: 'error';
  error_type: ErrorType;
  message: string;
  timestamp: number;
  id?: RequestId;
  details?: FieldIssue[] | JsonValue;
  retryable: boolean;
}

/** The answer to a request that succeeded. */
export interface AckFrame {
  type: 'ack';
  id: RequestId;
  data?: unknown;
}

/** One item of a streamed answer; an `ack` or `error` with the same id ends the stream. */
export interface ItemFrame {
  type: 'item';
  id: RequestId;
  data: unknown;
}

/** Announces a deliberate close (v1). `retryAfter` in ms. */
export interface DisconnectFrame {
  type: 'disconnect';
  code: number;
  reason: string;
  reconnect: boolean;
  retryAfter?: number;
}

/** The answer to a `heartbeat` without `id` (v1). `timestamp` in ms since the Unix epoch. */
export interface HeartbeatReplyFrame {
  type: 'heartbeat';
  timestamp: number;
}

/** A new retry policy for a live connection (v1). */
export interface RetryPolicyFrame {
  type: 'retry_policy';
  retry: RetryPolicy;
}

/** Sent exactly as it is, in every dialect: answers to `{event, data}` frames. */
export interface RawFrame {
  type: 'raw';
  data: unknown;
}

export type ServerFrame =
  | WelcomeFrame
  | PublicationFrame
  | MessageFrame
  | ChannelEventFrame
  | PresenceChangeFrame
  | PresenceStateFrame
  | ConnectionStateFrame
  | ErrorFrame
  | AckFrame
  | ItemFrame
  | DisconnectFrame
  | HeartbeatReplyFrame
  | RetryPolicyFrame
  | UnsubscribedFrame
  | PositionFrame
  | RequestFrame
  | RawFrame;

/** The `data` of the ack that answers `subscribe_channel`. */
export interface SubscribeResult {
  channel: string;
  epoch: string;
  /** Offset of the newest publication at the moment of subscribing. */
  offset: number;
  /** Whether the client asked to continue from a position. */
  wasRecovering: boolean;
  /** Whether every missed publication is in `publications`. */
  recovered: boolean;
  publications?: PublicationView[];
  presence?: Record<string, PresenceMember>;
  /** What `@OnChannelSubscribe` returned. */
  initial?: JsonValue;
}

/** A publication with its payload as a value: in acks, history and the services. */
export interface PublicationView {
  /** What the publisher called it, to know one that is published twice. */
  id?: string;
  channel: string;
  data: JsonValue;
  event: string;
  offset: number;
  epoch: string;
  user: string | null;
  at: number;
}
