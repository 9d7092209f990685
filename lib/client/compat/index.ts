export { WebSocketClient } from './web-socket-client.js';
export type { ResolvedClientOptions, WebSocketClientOptions } from './client-options.js';
export type {
  CloseEventLike,
  CloseInfo,
  ErrorEventLike,
  MessageEventLike,
  OpenEventLike,
  ReconnectInfo,
  StateChange,
  WebSocketClientEvents,
  WebSocketClientState,
} from './client-events.js';
export type { ClientLogger } from '../emitter.js';
export type { WebSocketAddress } from './web-socket-address.js';
export type {
  SocketEvent,
  SocketEventName,
  WebSocketConstructor,
  WebSocketLike,
} from '../web-socket-like.js';

export type { Clock, Timer } from '../../protocol/clock.js';
export { closeAction, CloseCode } from '../../protocol/close-codes.js';
export type { CloseAction } from '../../protocol/close-codes.js';
export type { ErrorType, FieldIssue } from '../../protocol/error-types.js';
export type { JsonObject, JsonValue } from '../../protocol/json.js';
export type { BuiltInClientFrame } from '../../protocol/client-frames.js';
export type {
  AckFrame,
  ChannelEventFrame,
  ConnectionStateFrame,
  ErrorFrame,
  PresenceChangeFrame,
  PresenceMember,
  PresenceStateFrame,
  SubscribeResult,
} from '../../protocol/server-frames.js';
