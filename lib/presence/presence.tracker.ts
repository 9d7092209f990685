import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { PresenceStore, type PresenceStep, type PresenceTransition } from '../broker/presence-store.js';
import { absenceOf } from '../connection/absence.js';
import type { Connection } from '../connection/connection.js';
import { LifecycleBus, type DisconnectInfo, type SubscriptionChange } from '../events/lifecycle.bus.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock, type Timer } from '../protocol/clock.js';
import { recordOf } from '../protocol/json.js';
import { PresenceAnnouncer } from './presence.announcer.js';

/**
 * Follows connections and subscriptions and keeps presence equal to them. The leave of a connection that was lost is held back
 * for a while, so a client that comes back in time has never been away.
 */
@Injectable()
export class PresenceTracker implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Hauyna');
  private readonly offs: (() => void)[] = [];
  /** Lost connections that have not left yet. */
  private readonly lost = new Map<Connection, Timer>();
  /** One function for all steps. */
  private readonly announce = (transitions: readonly PresenceTransition[]): void | Promise<void> =>
    this.announcer.announce(transitions);

  constructor(
    private readonly store: PresenceStore,
    private readonly announcer: PresenceAnnouncer,
    private readonly bus: LifecycleBus<Connection>,
    private readonly options: ResolvedOptions,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.offs.push(
      this.bus.on('connected', ({ connection }) => this.connected(connection)),
      this.bus.on('disconnected', ({ connection, info }) => this.disconnected(connection, info)),
      this.bus.on('subscription', (change) => this.subscription(change)),
      this.bus.on('groupChanged', ({ event, userId, group }) => this.groupChanged(event, userId, group)),
    );
  }

  onModuleDestroy(): void {
    for (const off of this.offs) off();
    for (const timer of this.lost.values()) this.clock.clear(timer);
    this.lost.clear();
  }

  private connected({ userId, id, connectedAt }: Connection): void | Promise<unknown> {
    if (userId === null) return;
    const step = { kind: 'connect', userId, ref: id, at: connectedAt } as const;
    // Who has only just come is in no channel yet, so there is nobody else to tell.
    return this.bus.has('presenceChanged') ? this.apply(step) : this.store.apply(step);
  }

  private async disconnected(connection: Connection, info: DisconnectInfo): Promise<void> {
    const { userId, id } = connection;
    if (userId === null) return;
    const absence = absenceOf(connection, info, this.options);
    if (absence === 0) {
      await this.apply({ kind: 'disconnect', userId, ref: id });
      return;
    }
    const timer = this.clock.after(absence, () => {
      this.lost.delete(connection);
      this.apply({ kind: 'disconnect', userId, ref: id }).catch((error: unknown) => this.logger.error(error));
    });
    this.lost.set(connection, timer);
    await this.apply({ kind: 'lose', userId, ref: id });
  }

  private async subscription({
    event,
    connection,
    channel,
    metadata,
    present,
    lost,
  }: SubscriptionChange<Connection>): Promise<void> {
    const { userId, id: ref } = connection;
    if (event === 'removed') {
      // What a lost connection leaves behind stays until its delay has passed.
      if (userId !== null && !lost) {
        await this.apply({ kind: 'leave', userId, ref, channel });
      }
      return;
    }
    if (userId !== null && present) {
      await this.apply({ kind: 'enter', userId, ref, channel, metadata, at: this.clock.now() });
    } else if (userId !== null) {
      await this.apply({ kind: 'leave', userId, ref, channel });
    }
    if (event === 'added') await this.sendState(connection, channel);
  }

  /** Everybody who is there, the newcomer included, to the newcomer alone. */
  private async sendState(connection: Connection, channel: string): Promise<void> {
    const members = await this.store.members(channel);
    connection.sendFrame({
      type: 'presence_state',
      channel,
      state: recordOf(members),
    });
  }

  /** Somebody present has become or ceased to be a member: for the group that is a join or a leave. */
  private async groupChanged(event: 'added' | 'removed', userId: string, group: string): Promise<void> {
    const present = await this.store.get(userId);
    if (present === undefined || present.groups.includes(group)) return;
    const { metadata } = present;
    await this.announcer.announce([{ event: event === 'added' ? 'join' : 'leave', userId, group, metadata }]);
  }

  private apply(step: PresenceStep): Promise<void> {
    return this.store.apply(step).then(this.announce);
  }
}
