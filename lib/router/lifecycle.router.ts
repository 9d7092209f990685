import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ContextIdFactory, ModuleRef } from '@nestjs/core';
import type { Connection } from '../connection/connection.js';
import { LifecycleBus, type PresenceChange } from '../events/lifecycle.bus.js';
import type { DiscoveredNotification } from '../gateway/discovered.js';
import { GatewayExplorer } from '../gateway/gateway.explorer.js';
import type { GatewayConfig } from '../gateway/gateway.config.js';
import type { NotificationKind } from '../gateway/notification.decorators.js';
import { errorText } from '../protocol/error-text.js';
import { entrance, sessionOf } from './session.js';

type Filter = Readonly<Record<string, string | undefined>>;

/**
 * Tells decorated methods what has happened. They are started in the order in which they were found; a failing
 * one is logged, none stops or delays the others, and none of them is on the way of a message.
 */
@Injectable()
export class LifecycleRouter implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Hauyna');
  private readonly offs: (() => void)[] = [];

  constructor(
    private readonly bus: LifecycleBus<Connection>,
    private readonly explorer: GatewayExplorer,
    private readonly moduleRef: ModuleRef,
  ) {}

  onModuleInit(): void {
    // Only what happens at the end of a connection is waited for, at shutdown; the rest must not hold anything up.
    this.listen('disconnect', (methods) =>
      this.bus.on('disconnected', ({ connection, info }) =>
        this.tell(methods, connection, {}, [connection, info]),
      ),
    );
    this.listen('ping', (methods) =>
      this.bus.on('ping', ({ connection, payload }) => {
        void this.tell(methods, connection, {}, [connection, payload]);
      }),
    );
    this.listen('pong', (methods) =>
      this.bus.on('pong', ({ connection, payload }) => {
        void this.tell(methods, connection, {}, [connection, payload]);
      }),
    );
    this.listen('state', (methods) =>
      this.bus.on('stateChanged', (change) => {
        const facts = { from: change.from ?? undefined, to: change.to };
        void this.tell(methods, change.connection, facts, [change]);
      }),
    );
    this.listen('presence', (methods) =>
      this.bus.on('presenceChanged', (change) => {
        const { event, channel } = change;
        const concerned = methods.filter(({ notification }) => concernsGroup(notification.filter, change));
        void this.tell(concerned, null, { event, channel }, [change]);
      }),
    );
    this.listen('subscription', (methods) =>
      this.bus.on('subscription', (change) => {
        const { event, channel, connection } = change;
        void this.tell(methods, connection, { event, channel }, [change]);
      }),
    );
    this.listen('custom', (methods) =>
      this.bus.on('custom', ({ event, connection, data }) => {
        void this.tell(methods, connection, { event }, [connection, data]);
      }),
    );
  }

  onModuleDestroy(): void {
    for (const off of this.offs) off();
  }

  /** Nobody listens on the bus for what nobody wants to be told. */
  private listen(kind: NotificationKind, add: (methods: DiscoveredNotification[]) => () => void): void {
    const methods = this.explorer.notifications.filter(({ notification }) => notification.kind === kind);
    if (methods.length > 0) this.offs.push(add(methods));
  }

  private async tell(
    methods: readonly DiscoveredNotification[],
    connection: Connection | null,
    facts: Filter,
    args: readonly unknown[],
  ): Promise<void> {
    const concerned = methods.filter(
      ({ config, notification }) => this.concerns(config, connection) && matches(notification.filter, facts),
    );
    // Started in order, and none waits for another: one that never ends must not silence the rest.
    await Promise.all(concerned.map((method) => this.call(method, args)));
  }

  /** On a gateway, what concerns a connection is told for the connections of its path only. */
  private concerns(config: GatewayConfig | undefined, connection: Connection | null): boolean {
    if (config === undefined || connection === null) return true;
    return sessionOf(connection)?.entrance === entrance(config.port, config.path);
  }

  private async call(
    { metatype, wrapper, methodName }: DiscoveredNotification,
    args: readonly unknown[],
  ): Promise<void> {
    try {
      const instance = wrapper.isDependencyTreeStatic()
        ? (wrapper.instance as object)
        : ((await this.moduleRef.resolve(metatype as new () => object, ContextIdFactory.create(), {
            strict: false,
          })) as object);
      await (instance as Record<string, (...args: readonly unknown[]) => unknown>)[methodName]?.(...args);
    } catch (error) {
      this.logger.error(`${metatype.name}.${methodName} failed`, errorText(error));
    }
  }
}

function matches(filter: Filter, facts: Filter): boolean {
  return Object.keys(filter).every(
    (key) => key === 'group' || filter[key] === undefined || filter[key] === facts[key],
  );
}

/**
 * A filter by group hears of members coming and going as a whole and of who becomes a member while present; what they do
 * in channels only if it names the channel too.
 */
function concernsGroup({ group, channel }: Filter, change: PresenceChange): boolean {
  if (group === undefined) return true;
  if (!change.groups.includes(group)) return false;
  return change.channel === undefined
    ? change.group === undefined || change.group === group
    : channel !== undefined;
}
