import type { DiscoveryService } from '@nestjs/core';
import type { ResolvedHeartbeat } from '../options/hauyna.options.js';
import type { GatewayConfig } from './gateway.config.js';
import type { Notification } from './notification.decorators.js';

/** How Nest keeps a provider. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A `@HauynaGateway` class of this application. */
export interface DiscoveredGateway {
  metatype: Function;
  wrapper: ProviderWrapper;
  config: GatewayConfig;
  /** `undefined` follows the application, `null` is no heartbeat. */
  heartbeat: ResolvedHeartbeat | null | undefined;
  upgradeMethods: string[];
}

/** A method that wants to be told of something. */
export interface DiscoveredNotification {
  notification: Notification;
  wrapper: ProviderWrapper;
  metatype: Function;
  methodName: string;
  /** Set on gateways: told for connections of this path and port only. */
  config: GatewayConfig | undefined;
}
