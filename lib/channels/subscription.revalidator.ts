import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { GroupStore } from '../broker/group-store.js';
import type { Connection } from '../connection/connection.js';
import { ConnectionRegistry } from '../connection/connection.registry.js';
import { SubscriptionIndex, type Subscription } from '../delivery/subscription.index.js';
import { LifecycleBus } from '../events/lifecycle.bus.js';
import { SubscriptionDecider } from './subscription.decider.js';
import { SubscriptionManager } from './subscription.manager.js';

/** Whose subscriptions to look at: everything that is given has to apply. */
export interface RevalidateTarget {
  userId?: string;
  /** Members of this group. */
  group?: string;
  channel?: string;
}

/** Decisions under way at once; guards may ask a database. */
const AT_ONCE = 16;

/** Asks again whether clients may be where they are, and takes out those who may not. */
@Injectable()
export class SubscriptionRevalidator implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Hauyna');
  private off: (() => void) | undefined;
  private count = 0;

  constructor(
    private readonly index: SubscriptionIndex,
    private readonly registry: ConnectionRegistry,
    private readonly groups: GroupStore,
    private readonly manager: SubscriptionManager,
    private readonly decider: SubscriptionDecider,
    private readonly bus: LifecycleBus<Connection>,
  ) {}

  onModuleInit(): void {
    this.off = this.bus.on('groupChanged', async ({ event, userId }) => {
      if (event === 'removed') await this.revalidate({ userId });
    });
  }

  onModuleDestroy(): void {
    this.off?.();
  }

  /** How often anything was revalidated. A decision that began in an earlier round may be out of date. */
  get round(): number {
    return this.count;
  }

  /** @returns how many subscriptions were ended */
  async revalidate(target: RevalidateTarget): Promise<number> {
    this.count++;
    const subscriptions = await this.select(target);
    let ended = 0;
    for (let start = 0; start < subscriptions.length; start += AT_ONCE) {
      const batch = subscriptions.slice(start, start + AT_ONCE);
      const results = await Promise.all(batch.map((subscription) => this.check(subscription)));
      ended += results.filter(Boolean).length;
    }
    return ended;
  }

  /** Asks again about one subscription. @returns whether it was ended */
  async recheck(connection: Connection, channel: string): Promise<boolean> {
    const subscription = this.index.get(connection, channel);
    return subscription?.byClient === true && this.check(subscription);
  }

  private async select({ userId, group, channel }: RevalidateTarget): Promise<Subscription[]> {
    const members = group === undefined ? undefined : new Set(await this.groups.members(group));
    const found: Subscription[] = [];
    const take = (subscription: Subscription): void => {
      const user = subscription.connection.userId;
      if (userId !== undefined && user !== userId) return;
      if (members !== undefined && (user === null || !members.has(user))) return;
      if (subscription.byClient) found.push(subscription);
    };
    if (channel !== undefined) {
      for (const subscription of this.index.ofChannel(channel).values()) take(subscription);
      return found;
    }
    const connections = userId === undefined ? this.registry.all() : this.registry.ofUser(userId);
    for (const connection of connections) {
      for (const subscription of this.index.ofConnection(connection).values()) take(subscription);
    }
    return found;
  }

  /** @returns whether the subscription was ended */
  private async check(subscription: Subscription): Promise<boolean> {
    const { connection, channel, metadata } = subscription;
    if (await this.decider.allows(connection, channel, metadata)) return false;
    // It may have ended, or begun anew, while the application was asked.
    if (this.index.get(connection, channel) !== subscription) return false;
    this.logger.debug(`${connection.userId ?? connection.id} may not be in "${channel}" any more`);
    return this.manager.expel(subscription, 'forbidden');
  }
}
