export { createClient, HauynaClient } from './client.js';
export type { ClientEvents, DirectMeta, RequestHandler } from './client.js';
export { Channel } from './channel.js';
export type { ChannelEvents, ChannelState, ChannelStateChange, MessageMeta } from './channel-events.js';
export type { HistoryOptions, PublishOptions, SubscribeOptions } from './channel-options.js';
export { ChannelPresence } from './presence.js';
export type { Member, Members, PresenceEvents } from './presence.js';
export { HauynaClientError } from './client-error.js';
export type { ClientErrorCode } from './client-error.js';
export type { CallOptions } from './calls.js';
export type { ClientState, StateChange } from './client-state.js';
export type { EventsOptions, ListenOptions } from './listeners.js';
export type { ClientClock, ClientOptions, Codec, TokenRequest } from './options.js';
export type { ReconnectOptions } from './reconnect-delay.js';
export type {
  AnyChannel,
  AnyContract,
  ChannelContract,
  ChannelName,
  ChannelOf,
  Contract,
  EventsOf,
  PresenceOf,
  PublishOf,
  RequestData,
  RequestName,
  RequestResult,
} from './contract.js';
export { WebSocketClient } from './compat/index.js';
export type { WebSocketClientEvents, WebSocketClientOptions, WebSocketClientState } from './compat/index.js';
export type { WebSocketConstructor, WebSocketLike } from './web-socket-like.js';
export { closeAction, CloseCode } from '../protocol/close-codes.js';
export type { CloseAction } from '../protocol/close-codes.js';
export type { ErrorType, FieldIssue } from '../protocol/error-types.js';
export type { JsonObject, JsonValue } from '../protocol/json.js';
export type { PresenceMember, PublicationView } from '../protocol/server-frames.js';
