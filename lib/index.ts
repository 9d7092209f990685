export { HauynaModule } from './hauyna.module.js';
export type {
  HauynaAsyncOptions,
  HauynaModuleOptions,
  HauynaModuleParts,
  HauynaOptionsFactory,
} from './hauyna.module.js';
export { HauynaWsAdapter } from './adapter/hauyna-ws.adapter.js';

export { Connection } from './connection/connection.js';
export type { CloseOptions } from './connection/connection.js';
export { ConnectionService } from './connection/connection.service.js';
export type { BroadcastOptions, DisconnectOptions } from './connection/connection.service.js';
export type { Exclusion } from './connection/targets.js';
export { ChannelService } from './channels/channel.service.js';
export type {
  ChannelBroadcastOptions,
  ChannelHistory,
  ChannelHistoryOptions,
} from './channels/channel.options.js';
export type { RevalidateTarget } from './channels/subscription.revalidator.js';
export type { TypedChannels, TypedPublication } from './channels/typed-channels.js';
export { GroupService } from './groups/group.service.js';
export { RequireGroup } from './groups/require-group.decorator.js';
export { PresenceService } from './presence/presence.service.js';
export type { PresenceEntry, TrackOptions } from './presence/presence.service.js';
export type { PresenceCriteria } from './presence/presence.query.js';
export { EventService } from './events/event.service.js';
export type { EventListener } from './events/event.service.js';
export type {
  DisconnectInfo,
  EventConnection,
  PresenceChange,
  StateChange,
  SubscriptionChange,
} from './events/lifecycle.bus.js';

export { HauynaGateway } from './gateway/gateway.decorator.js';
export type { HauynaGatewayOptions } from './gateway/gateway.config.js';
export {
  OnBroadcastMessage,
  OnChannelMessage,
  OnChannelSubscribe,
  OnChannelUnsubscribe,
  OnConnect,
  OnGroupMessage,
  OnMessage,
  OnPrivateMessage,
  OnUpgrade,
} from './gateway/handler.decorators.js';
export type {
  ChannelHandlerOptions,
  ChannelMessageOptions,
  MessageOptions,
} from './gateway/handler.decorators.js';
export {
  OnConnectionStateChange,
  OnDisconnect,
  OnHauynaEvent,
  OnPing,
  OnPong,
  OnPresenceChange,
  OnSubscription,
} from './gateway/notification.decorators.js';
export type { PresenceFilter, StateFilter, SubscriptionFilter } from './gateway/notification.decorators.js';
export {
  ChannelName,
  ChannelParam,
  FrameMeta,
  PathParam,
  QueryParam,
  UserId,
} from './gateway/param.decorators.js';
export { connectionOf } from './connection/connection-of.js';
export type { FrameInfo } from './gateway/frame-context.js';

export { HauynaConfigurationError, HauynaError } from './errors/hauyna.error.js';
export type { HauynaErrorOptions } from './errors/hauyna.error.js';
export { HauynaValidationPipe } from './dto/hauyna-validation.pipe.js';
export { identifyByQuery } from './options/identify-by-query.js';
export type {
  ChannelOptions,
  DrainOptions,
  GroupOptions,
  HauynaOptions,
  HeartbeatOptions,
  HistoryOptions,
  Identify,
  Identity,
  IdentityResult,
  LimitOptions,
  PresenceOptions,
  SessionOptions,
  UpgradeRequest,
} from './options/hauyna.options.js';

export { Broker } from './broker/broker.js';
export type {
  HistoryPolicy,
  HistoryQuery,
  HistoryResult,
  Publication,
  PublicationListener,
  PublishRequest,
  PublishResult,
  StreamPosition,
} from './broker/broker.js';
export { MemoryBroker } from './broker/memory.broker.js';
export { GroupStore } from './broker/group-store.js';
export { PresenceStore } from './broker/presence-store.js';
export type {
  PresenceContext,
  PresenceQuery,
  PresenceStep,
  PresenceTransition,
  StoredPresence,
} from './broker/presence-store.js';
export { Clock, SystemClock } from './protocol/clock.js';
export type { Timer } from './protocol/clock.js';
export { RandomIdSource } from './connection/random.id-source.js';
export { IdSource } from './protocol/id-source.js';
export { CloseCode, closeAction } from './protocol/close-codes.js';
export type { CloseAction } from './protocol/close-codes.js';
export { ERROR_TYPES } from './protocol/error-types.js';
export type { BuiltInErrorType, ErrorType, FieldIssue } from './protocol/error-types.js';
export type { JsonObject, JsonText, JsonValue } from './protocol/json.js';
export type { RetryPolicy } from './protocol/retry-policy.js';
export type * from './protocol/client-frames.js';
export type * from './protocol/server-frames.js';
