import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { HauynaConfigurationError } from '../errors/hauyna.error.js';
import { OptionChecks } from '../options/option-checks.js';
import { resolveHeartbeat } from '../options/resolve-options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { checkGateway, checkStrayRoutes, duplicateRoutes } from './gateway.checks.js';
import type { DiscoveredGateway, DiscoveredNotification, ProviderWrapper } from './discovered.js';
import type { GatewayConfig } from './gateway.config.js';
import { GATEWAY_CONFIG, NEST_IS_GATEWAY, NOTIFICATIONS, UPGRADE_METHOD } from './metadata-keys.js';
import { canSwallow, guardOutcome } from './outcome.guard.js';
import type { Notification } from './notification.decorators.js';

/** Finds what the decorators marked, once per application, and refuses to boot on what can't work. */
@Injectable()
export class GatewayExplorer {
  /** Whether methods are called with an interceptor that makes success visible. */
  outcomesGuarded = false;
  /** Whether interceptors of the whole application are around every method. */
  globalInterceptors = false;
  private found: { gateways: DiscoveredGateway[]; notifications: DiscoveredNotification[] } | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly options: ResolvedOptions,
  ) {}

  /** @throws HauynaConfigurationError that lists every problem, naming class and method */
  get gateways(): readonly DiscoveredGateway[] {
    return this.explore().gateways;
  }

  get notifications(): readonly DiscoveredNotification[] {
    return this.explore().notifications;
  }

  /**
   * Makes the outcome of every method certain, if somebody could swallow an error; once for the application, before Nest
   * takes hold of the gateways.
   */
  guardOutcomes(): void {
    const classes = this.discovery
      .getProviders()
      .map(({ metatype }) => metatype)
      .filter((metatype): metatype is Function => configOf(metatype) !== undefined);
    this.outcomesGuarded = classes.some((metatype) =>
      canSwallow(metatype, this.scanner.getAllMethodNames(metatype.prototype as object)),
    );
    if (this.outcomesGuarded) classes.forEach(guardOutcome);
  }

  /** Whether the application has a `@HauynaGateway`; usable before anything is instantiated. */
  hasGateways(): boolean {
    return this.discovery.getProviders().some(({ metatype }) => configOf(metatype) !== undefined);
  }

  /** Instances of all gateways, plain Nest ones included; request-scoped ones as their shell. */
  gatewayWrappers(): ProviderWrapper[] {
    return this.discovery
      .getProviders()
      .filter(({ metatype }) => isClass(metatype) && Reflect.hasMetadata(NEST_IS_GATEWAY, metatype));
  }

  private explore(): NonNullable<GatewayExplorer['found']> {
    if (this.found !== undefined) return this.found;
    const problems: string[] = [];
    const gateways: DiscoveredGateway[] = [];
    const notifications: DiscoveredNotification[] = [];
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const { metatype } = wrapper;
      if (!isClass(metatype) || wrapper.isAlias) continue;
      const methods = this.scanner.getAllMethodNames(metatype.prototype as object);
      const config = configOf(metatype);
      if (config === undefined) problems.push(...checkStrayRoutes(metatype, methods));
      else gateways.push(this.gateway(wrapper, metatype, config, methods, problems));
      notifications.push(...notificationsOf(wrapper, metatype, config, methods));
    }
    problems.push(...duplicateRoutes(gateways, this.scanner));
    if (problems.length > 0) {
      throw new HauynaConfigurationError(
        `Hauyna gateways are wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
      );
    }
    this.found = { gateways, notifications };
    return this.found;
  }

  private gateway(
    wrapper: ProviderWrapper,
    metatype: Function,
    config: GatewayConfig,
    methods: string[],
    problems: string[],
  ): DiscoveredGateway {
    problems.push(...checkGateway(metatype, config, methods));
    const checks = new OptionChecks();
    const path = `${metatype.name}: heartbeat`;
    const heartbeat =
      config.heartbeat === undefined
        ? undefined
        : resolveHeartbeat(checks, path, config.heartbeat, this.options.heartbeat);
    problems.push(...checks.problems);
    const upgradeMethods = (Reflect.getMetadata(UPGRADE_METHOD, metatype) ?? []) as string[];
    return { metatype, wrapper, config, heartbeat, upgradeMethods: upgradeMethods.map(String) };
  }
}

function isClass(metatype: unknown): metatype is Function {
  return (
    typeof metatype === 'function' && typeof metatype.prototype === 'object' && metatype.prototype !== null
  );
}

function configOf(metatype: unknown): GatewayConfig | undefined {
  if (!isClass(metatype)) return undefined;
  return Reflect.getMetadata(GATEWAY_CONFIG, metatype) as GatewayConfig | undefined;
}

function notificationsOf(
  wrapper: ProviderWrapper,
  metatype: Function,
  config: GatewayConfig | undefined,
  methods: string[],
): DiscoveredNotification[] {
  const prototype = metatype.prototype as Record<string, object>;
  return methods.flatMap((methodName) => {
    const list = (Reflect.getMetadata(NOTIFICATIONS, prototype[methodName] as object) ??
      []) as Notification[];
    return list.map((notification) => ({ notification, wrapper, metatype, methodName, config }));
  });
}
