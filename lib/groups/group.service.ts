import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { GroupStore } from '../broker/group-store.js';
import { absenceOf } from '../connection/absence.js';
import type { Connection } from '../connection/connection.js';
import { ConnectionRegistry } from '../connection/connection.registry.js';
import type { BroadcastOptions, Sender } from '../connection/connection.service.js';
import { serialise } from '../connection/serialise.js';
import { FanOutService } from '../delivery/fan-out.service.js';
import { requireName } from '../errors/require-name.js';
import { LifecycleBus, type DisconnectInfo } from '../events/lifecycle.bus.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock, type Timer } from '../protocol/clock.js';
import type { MessageFrame } from '../protocol/server-frames.js';

/**
 * Groups: named sets of users, like roles. They exist while they have a member; whether memberships outlive a
 * user's connections is the option `groups.lifetime`.
 *
 * ```ts
 * await groups.add('ana', 'moderators');
 * await groups.send('moderators', { type: 'notification', content: 'New alert' });
 * ```
 */
@Injectable()
export class GroupService implements OnModuleInit, OnModuleDestroy {
  private readonly leaving = new Map<string, Timer>();
  private readonly offs: (() => void)[] = [];

  constructor(
    private readonly store: GroupStore,
    private readonly registry: ConnectionRegistry,
    private readonly fanOut: FanOutService,
    private readonly bus: LifecycleBus<Connection>,
    private readonly options: ResolvedOptions,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    if (this.options.groups.lifetime !== 'connected') return;
    this.offs.push(
      this.bus.on('userGone', ({ userId, connection, info }) => this.userGone(userId, connection, info)),
      this.bus.on('connected', ({ connection }) => {
        if (connection.userId !== null) this.cancelLeaving(connection.userId);
      }),
    );
  }

  onModuleDestroy(): void {
    for (const off of this.offs) off();
    for (const timer of this.leaving.values()) this.clock.clear(timer);
    this.leaving.clear();
  }

  /**
   * Adds a user, connected or not. A group comes into being with its first member.
   *
   * @returns whether the user was not a member before
   * @throws HauynaError `validation_error` for a bad name
   */
  async add(userId: string, group: string): Promise<boolean> {
    requireName('user id', userId);
    requireName('group', group);
    const added = await this.store.add(userId, group);
    if (added) this.bus.emit('groupChanged', { event: 'added', userId, group });
    return added;
  }

  /** Removes a user. @returns whether the user was a member */
  async remove(userId: string, group: string): Promise<boolean> {
    const removed = await this.store.remove(userId, group);
    if (removed) this.bus.emit('groupChanged', { event: 'removed', userId, group });
    return removed;
  }

  /** Whether a user is a member; anonymous connections (`null`) never are. */
  async has(userId: string | null, group: string): Promise<boolean> {
    return userId !== null && this.store.has(userId, group);
  }

  /** The members, in the order in which they were added; `[]` for an unknown group. */
  async members(group: string): Promise<string[]> {
    return [...(await this.store.members(group))];
  }

  /** The groups of a user, in the order in which they were joined. */
  async groupsOf(userId: string): Promise<string[]> {
    return [...(await this.store.groupsOf(userId))];
  }

  /** How many members a group has. */
  async count(group: string): Promise<number> {
    return this.store.count(group);
  }

  /**
   * Sends to every connection of every member.
   *
   * @returns how many connections were reached; 0 for an unknown group
   * @throws HauynaError `validation_error` when the data has no JSON form
   */
  async send(group: string, data: unknown, options: BroadcastOptions = {}, sender?: Sender): Promise<number> {
    const frame: MessageFrame = {
      type: 'message',
      via: 'group',
      group,
      payload: serialise('The data', data),
    };
    if (sender !== undefined) frame.user = sender.userId;
    const members = await this.store.members(group);
    const connections = members.flatMap((userId) => [...this.registry.ofUser(userId)]);
    return this.fanOut.toConnections(connections, frame, options.except);
  }

  /** Removes every member. @returns how many there were */
  async clear(group: string): Promise<number> {
    const removed = await this.store.clear(group);
    for (const userId of removed) this.bus.emit('groupChanged', { event: 'removed', userId, group });
    return removed.length;
  }

  private async userGone(userId: string, connection: Connection, info: DisconnectInfo): Promise<void> {
    const delay = absenceOf(connection, info, this.options);
    if (delay === 0) {
      await this.dropUser(userId);
      return;
    }
    this.cancelLeaving(userId);
    const timer = this.clock.after(delay, () => {
      this.leaving.delete(userId);
      void this.dropUser(userId).catch(() => undefined);
    });
    this.leaving.set(userId, timer);
  }

  private cancelLeaving(userId: string): void {
    this.clock.clear(this.leaving.get(userId));
    this.leaving.delete(userId);
  }

  private async dropUser(userId: string): Promise<void> {
    if (this.registry.ofUser(userId).size > 0) return;
    const groups = await this.store.clearUser(userId);
    for (const group of groups) this.bus.emit('groupChanged', { event: 'removed', userId, group });
  }
}
