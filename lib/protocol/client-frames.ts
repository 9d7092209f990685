import type { JsonObject, JsonValue } from './json.js';

/** Where a client is in a channel's stream, or how many of the latest publications it wants. */
export type Since = { offset: number; epoch: string } | { last: number };

/** Fields every client frame may carry. With an `id` the frame is a request and gets exactly one answer. */
export interface ClientFrameBase {
  id?: string | number;
}

export interface SubscribeFrame extends ClientFrameBase {
  type: 'subscribe_channel';
  channel: string;
  metadata?: JsonObject;
  since?: Since;
  /** `false` subscribes without becoming present in the channel. @default true */
  presence?: boolean;
}

export interface UnsubscribeFrame extends ClientFrameBase {
  type: 'unsubscribe_channel';
  channel: string;
}

/** A publication by a client. `content` is accepted for `message`. */
export interface ChannelMessageFrame extends ClientFrameBase {
  type: 'channel_message';
  channel: string;
  message?: JsonValue;
  content?: JsonValue;
  event?: string;
  /** Repeating the message with the same key within 5 minutes publishes it once. */
  idempotencyKey?: string;
  /** Live delivery only: takes no offset and is not kept. @default false */
  volatile?: boolean;
}

export interface BroadcastFrame extends ClientFrameBase {
  type: 'broadcast';
  message: JsonValue;
}

/** A message to one user. `recipient` is accepted for `to`. */
export interface PrivateFrame extends ClientFrameBase {
  type: 'private';
  to?: string;
  recipient?: string;
  message: JsonValue;
}

/** A message to a group. `group` is accepted for `room`. */
export interface GroupFrame extends ClientFrameBase {
  type: 'group';
  room?: string;
  group?: string;
  message: JsonValue;
}

/** A sign of life; answered only with an `id` or in the v1 dialect. */
export interface HeartbeatFrame extends ClientFrameBase {
  type: 'heartbeat';
}

export interface PresenceUpdateFrame extends ClientFrameBase {
  type: 'presence_update';
  metadata: JsonObject;
}

export interface HistoryFrame extends ClientFrameBase {
  type: 'history';
  channel: string;
  limit?: number;
  since?: { offset: number; epoch: string };
  reverse?: boolean;
}

/** New credentials for a connection whose old ones run out. */
export interface RefreshFrame extends ClientFrameBase {
  type: 'refresh';
  token: string;
}

/** The answer to a `request` of the server (v1): `data`, or why there is none. */
export interface ResponseFrame {
  type: 'response';
  id: string | number;
  data?: JsonValue;
  error?: { error_type: string; message: string };
}

export type BuiltInClientFrame =
  | SubscribeFrame
  | UnsubscribeFrame
  | ChannelMessageFrame
  | BroadcastFrame
  | PrivateFrame
  | GroupFrame
  | HeartbeatFrame
  | PresenceUpdateFrame
  | HistoryFrame
  | RefreshFrame;

export type BuiltInFrameType = BuiltInClientFrame['type'];

const BUILT_IN: ReadonlySet<string> = new Set<BuiltInFrameType>([
  'subscribe_channel',
  'unsubscribe_channel',
  'channel_message',
  'broadcast',
  'private',
  'group',
  'heartbeat',
  'presence_update',
  'history',
  'refresh',
]);

/** Whether the library itself understands this type; all others belong to the application. */
export function isBuiltInType(type: string): type is BuiltInFrameType {
  return BUILT_IN.has(type);
}
