import type { Provider } from '@nestjs/common';
import { ClientFileServer } from './adapter/client-file.server.js';
import { ConnectionOpener } from './adapter/connection.opener.js';
import { DrainService } from './adapter/drain.service.js';
import { EndpointRegistry } from './adapter/endpoint.registry.js';
import { HauynaWsAdapter } from './adapter/hauyna-ws.adapter.js';
import { OriginPolicy } from './adapter/origin.policy.js';
import { SessionRegistry } from './adapter/session.registry.js';
import { UpgradeAuthenticator } from './adapter/upgrade.authenticator.js';
import { UpgradeHandler } from './adapter/upgrade.handler.js';
import { Broker } from './broker/broker.js';
import { GroupStore } from './broker/group-store.js';
import { MemoryBroker } from './broker/memory.broker.js';
import { MemoryGroupStore } from './broker/memory.group-store.js';
import { MemoryPresenceStore } from './broker/memory.presence-store.js';
import { PresenceStore } from './broker/presence-store.js';
import { ChannelPolicy } from './channels/channel.policy.js';
import { ChannelService } from './channels/channel.service.js';
import { SubscriptionDecider } from './channels/subscription.decider.js';
import { SubscriptionRevalidator } from './channels/subscription.revalidator.js';
import { SubscriptionManager } from './channels/subscription.manager.js';
import { ConnectionRegistry } from './connection/connection.registry.js';
import { ConnectionService } from './connection/connection.service.js';
import { CredentialWatch } from './connection/credential.watch.js';
import { PendingRequests } from './connection/pending-requests.js';
import { RandomIdSource } from './connection/random.id-source.js';
import { ResumeRegistry } from './connection/resume.registry.js';
import { ConnectionStates } from './connection/connection-states.js';
import { FlushScheduler } from './connection/flush-scheduler.js';
import { HeartbeatService } from './connection/heartbeat.service.js';
import { RetryPolicyHolder } from './connection/retry-policy.holder.js';
import { ChannelActivation } from './delivery/channel-activation.js';
import { FanOutService } from './delivery/fan-out.service.js';
import { SubscriptionIndex } from './delivery/subscription.index.js';
import { EventService } from './events/event.service.js';
import { LifecycleBus } from './events/lifecycle.bus.js';
import { GatewayExplorer } from './gateway/gateway.explorer.js';
import { GroupService } from './groups/group.service.js';
import type { HauynaOptions } from './options/hauyna.options.js';
import { HAUYNA_OPTIONS } from './options/options.token.js';
import { resolveOptions } from './options/resolve-options.js';
import { ResolvedOptions } from './options/resolved-options.js';
import { PresenceAnnouncer } from './presence/presence.announcer.js';
import { PresenceService } from './presence/presence.service.js';
import { PresenceTracker } from './presence/presence.tracker.js';
import { Clock, SystemClock } from './protocol/clock.js';
import { IdSource } from './protocol/id-source.js';
import { CommandTable } from './router/commands/command.table.js';
import { DirectCommands } from './router/commands/direct.commands.js';
import { PublishCommand } from './router/commands/publish.command.js';
import { QueryCommands } from './router/commands/query.commands.js';
import { RefreshCommand } from './router/commands/refresh.command.js';
import { SubscriptionCommands } from './router/commands/subscription.commands.js';
import { CredentialVerifier } from './router/credential.verifier.js';
import { ConnectFlow } from './router/connect.flow.js';
import { ErrorReply } from './router/error-reply.js';
import { HandlerInvoker } from './router/handler.invoker.js';
import { LifecycleRouter } from './router/lifecycle.router.js';
import { MessageRouter } from './router/message.router.js';
import { SubscriptionDecisions } from './router/subscription.decisions.js';
import { Responder } from './router/responder.js';

/** What applications inject. */
export const exported: Provider[] = [
  ConnectionService,
  GroupService,
  ChannelService,
  PresenceService,
  EventService,
  HauynaWsAdapter,
  DrainService,
];

/** The parts behind it. Ports are provided by their abstract class, so each can be replaced by another implementation. */
export const internal: Provider[] = [
  {
    provide: ResolvedOptions,
    useFactory: (options: HauynaOptions) => resolveOptions(options),
    inject: [HAUYNA_OPTIONS],
  },
  { provide: Clock, useClass: SystemClock },
  { provide: IdSource, useClass: RandomIdSource },
  { provide: Broker, useClass: MemoryBroker },
  { provide: GroupStore, useClass: MemoryGroupStore },
  { provide: PresenceStore, useClass: MemoryPresenceStore },
  LifecycleBus,
  ConnectionRegistry,
  ConnectionStates,
  FlushScheduler,
  HeartbeatService,
  CredentialWatch,
  PendingRequests,
  ResumeRegistry,
  RetryPolicyHolder,
  SubscriptionIndex,
  ChannelActivation,
  FanOutService,
  ChannelPolicy,
  SubscriptionManager,
  SubscriptionRevalidator,
  { provide: SubscriptionDecider, useExisting: SubscriptionDecisions },
  SubscriptionDecisions,
  PresenceAnnouncer,
  PresenceTracker,
  GatewayExplorer,
  ErrorReply,
  Responder,
  HandlerInvoker,
  SubscriptionCommands,
  PublishCommand,
  DirectCommands,
  QueryCommands,
  RefreshCommand,
  { provide: CredentialVerifier, useExisting: UpgradeAuthenticator },
  CommandTable,
  MessageRouter,
  LifecycleRouter,
  ConnectFlow,
  EndpointRegistry,
  OriginPolicy,
  SessionRegistry,
  UpgradeAuthenticator,
  ConnectionOpener,
  UpgradeHandler,
  ClientFileServer,
];
