import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Broker, type HistoryResult } from '../broker/broker.js';
import { absenceOf } from '../connection/absence.js';
import type { Connection } from '../connection/connection.js';
import { ChannelActivation } from '../delivery/channel-activation.js';
import { FanOutService } from '../delivery/fan-out.service.js';
import { SubscriptionIndex, type Subscription } from '../delivery/subscription.index.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { requireName } from '../errors/require-name.js';
import { LifecycleBus, type DisconnectInfo } from '../events/lifecycle.bus.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import type { Since } from '../protocol/client-frames.js';
import { Clock } from '../protocol/clock.js';
import { errorText } from '../protocol/error-text.js';
import { jsonEqual, type JsonObject } from '../protocol/json.js';
import type { ChannelEventFrame, SubscribeResult } from '../protocol/server-frames.js';
import { checkMetadata } from './check-metadata.js';
import { Departures } from './departures.js';
import { MAX_RECOVERY, publicationView } from './publication-view.js';

/** A subscribe that has taken effect and whose live publications still wait. */
export interface Joined {
  result: SubscribeResult;
  /** Lets the live publications flow; call it when the answer has been sent. */
  release: () => void;
}

/** How a subscription comes about. */
export interface JoinOptions {
  /** Whether the client asked for it. @default false: the server did it */
  byClient?: boolean;
  /** Whether the user becomes present in the channel. @default true, or as it is */
  presence?: boolean | undefined;
}

/** Subscribing and unsubscribing: one subscription per connection and channel, announced, cleaned up. */
@Injectable()
export class SubscriptionManager implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Hauyna');
  private readonly departures: Departures;
  private off: (() => void) | undefined;

  constructor(
    private readonly index: SubscriptionIndex,
    private readonly activation: ChannelActivation,
    private readonly fanOut: FanOutService,
    private readonly broker: Broker,
    private readonly bus: LifecycleBus<Connection>,
    private readonly options: ResolvedOptions,
    private readonly clock: Clock,
  ) {
    this.departures = new Departures(clock);
  }

  onModuleInit(): void {
    this.off = this.bus.on('disconnected', ({ connection, info }) => this.leaveAll(connection, info));
  }

  onModuleDestroy(): void {
    this.off?.();
    this.departures.clear();
  }

  /**
   * Subscribes a connection. Doing it again changes nothing but the metadata, if some is given.
   *
   * @throws HauynaError `validation_error` for a bad name or metadata, `limit_exceeded` beyond the limit,
   * `unavailable` when the connection is closing; nothing has changed then.
   */
  async join(
    channel: string,
    connection: Connection,
    metadata?: JsonObject,
    since?: Since,
    { byClient = false, presence }: JoinOptions = {},
  ): Promise<Joined> {
    requireName('channel', channel);
    const checked = checkMetadata(metadata, this.options.limits.metadataBytes);
    if (!connection.isOpen) throw new HauynaError('unavailable', messages.connectionGone(connection.id));
    const existing = this.index.get(connection, channel);
    if (existing !== undefined) return this.rejoin(existing, checked, since, { byClient, presence });
    const { subscriptions } = this.options.limits;
    if (this.index.ofConnection(connection).size >= subscriptions) {
      throw new HauynaError('limit_exceeded', messages.tooManySubscriptions(subscriptions));
    }
    const subscription: Subscription = {
      connection,
      channel,
      metadata: checked ?? {},
      since: this.clock.now(),
      byClient,
      present: presence ?? true,
      pending: null,
      holds: 0,
      answered: 0,
      announced: false,
    };
    this.index.add(subscription);
    let joined: Joined;
    try {
      joined = await this.answer(subscription, since, true);
      this.requireStillThere(subscription);
    } catch (error) {
      this.remove(subscription);
      throw error;
    }
    subscription.announced = true;
    const { userId } = connection;
    const back = userId !== null && this.departures.returned(userId, channel);
    this.announce('subscription_added', subscription, back);
    await this.emit('added', subscription, false);
    return joined;
  }

  /** Ends a subscription without the client asking, and tells it. @returns whether there was one to end */
  async expel({ channel, connection }: Subscription, reason: 'forbidden' | 'server'): Promise<boolean> {
    const ended = await this.leave(channel, connection);
    if (ended) connection.sendFrame({ type: 'unsubscribed', channel, reason, resubscribe: false });
    return ended;
  }

  /**
   * Ends a subscription.
   *
   * @param lost whether the connection was lost, and may be followed by another one
   * @param hold how long the others are not told then, ms
   * @returns whether there was a subscription to end
   */
  async leave(channel: string, connection: Connection, lost = false, hold = 0): Promise<boolean> {
    const subscription = this.index.get(connection, channel);
    if (subscription === undefined) return false;
    this.remove(subscription);
    // Of one whose subscribe is still under way nobody has heard.
    if (!subscription.announced) return true;
    const { userId } = connection;
    const announce = (): void => this.announce('subscription_removed', subscription);
    if (hold > 0 && userId !== null) this.departures.hold(userId, channel, hold, announce);
    else announce();
    await this.emit('removed', subscription, lost);
    return true;
  }

  private async leaveAll(connection: Connection, info: DisconnectInfo): Promise<void> {
    const subscriptions = [...this.index.ofConnection(connection).values()];
    const { session } = connection;
    if (session !== null && session.connectionId === connection.id) {
      // What the server did for the connection it will have to do again, if the client comes back.
      for (const { channel, metadata, present: presence, byClient, announced } of subscriptions) {
        if (!byClient && announced) session.channels.set(channel, { metadata, presence });
      }
    }
    const absence = absenceOf(connection, info, this.options);
    // A plain client cannot say that it goes on where another one stopped: it is gone, and somebody else comes.
    const hold = session === null ? 0 : absence;
    await Promise.all(subscriptions.map(({ channel }) => this.leave(channel, connection, absence > 0, hold)));
  }

  private async rejoin(
    subscription: Subscription,
    metadata: JsonObject | undefined,
    since: Since | undefined,
    { byClient, presence }: JoinOptions,
  ): Promise<Joined> {
    // From now on the server stands behind it, whatever the application would say to the client.
    if (byClient === false) subscription.byClient = false;
    const renamed = metadata !== undefined && !jsonEqual(metadata, subscription.metadata);
    const moved = presence !== undefined && presence !== subscription.present;
    if (renamed) subscription.metadata = metadata;
    if (moved) subscription.present = presence;
    if ((renamed || moved) && subscription.announced) await this.emit('updated', subscription, false);
    return this.answer(subscription, since, false);
  }

  /** Holds live publications back from before the broker is asked until the answer has been sent. */
  private async answer(
    subscription: Subscription,
    since: Since | undefined,
    fresh: boolean,
  ): Promise<Joined> {
    this.fanOut.hold(subscription);
    const release = once((answered: number) => this.fanOut.release(subscription, answered));
    try {
      const { channel } = subscription;
      await this.activation.ensure(channel);
      const history = since === undefined ? undefined : await this.missed(channel, since);
      const { offset, epoch } = history ?? (await this.broker.position(channel));
      this.requireStillThere(subscription);
      const wasRecovering = since !== undefined;
      const recovered = history !== undefined && wasRecovering && isComplete(history, since);
      const result: SubscribeResult = { channel, epoch, offset, wasRecovering, recovered };
      if (recovered) result.publications = history.publications.map(publicationView);
      // A newcomer begins at the position. Who was subscribed before has a claim to all that has waited.
      return { result, release: () => release(recovered || fresh ? offset : 0) };
    } catch (error) {
      release(0);
      throw error;
    }
  }

  private async missed(channel: string, since: Since): Promise<HistoryResult> {
    // The position creates the stream, so that a first subscriber has an epoch to come back with.
    await this.broker.position(channel);
    if ('last' in since) {
      const newest = await this.broker.history(channel, {
        limit: Math.min(since.last, MAX_RECOVERY),
        reverse: true,
      });
      return { ...newest, publications: newest.publications.toReversed() };
    }
    return this.broker.history(channel, { since, limit: MAX_RECOVERY });
  }

  private remove(subscription: Subscription): void {
    const { connection, channel } = subscription;
    if (this.index.get(connection, channel) !== subscription) return;
    if (this.index.remove(connection, channel)?.last !== true) return;
    // Nobody waits for the broker: a channel without subscribers may linger there without harm.
    this.activation.sync(channel).catch((error: unknown) => this.logger.warn(errorText(error)));
  }

  /** A connection may have ended while the broker was asked; what was cleaned up must not come back. */
  private requireStillThere(subscription: Subscription): void {
    const { connection, channel } = subscription;
    if (this.index.get(connection, channel) === subscription && connection.isOpen) return;
    const why = connection.isOpen
      ? messages.subscriptionEnded(channel)
      : messages.connectionGone(connection.id);
    throw new HauynaError('unavailable', why);
  }

  /** @param quietly only the connection itself is told: the others do not know that it was away */
  private announce(event: ChannelEventFrame['event'], subscription: Subscription, quietly = false): void {
    if (!this.options.channels.announce) return;
    const { channel, connection, metadata } = subscription;
    const frame: ChannelEventFrame = {
      type: 'channel_event',
      event,
      channel,
      user: connection.userId,
      metadata,
    };
    // An anonymous connection is nobody's subscriber: only it is told of itself.
    if (quietly || connection.userId === null) connection.sendFrame(frame);
    else this.fanOut.toChannel(channel, frame);
    // One who left is not in the channel any more, but a client that asked to leave wants to know.
    if (event === 'subscription_removed' && connection.userId !== null) connection.sendFrame(frame);
  }

  private async emit(
    event: 'added' | 'removed' | 'updated',
    subscription: Subscription,
    lost: boolean,
  ): Promise<void> {
    const { connection, channel, metadata, present } = subscription;
    await this.bus.emitAndWait('subscription', { event, connection, channel, metadata, present, lost });
  }
}

/** All or nothing: every publication after the position, in order, or none. */
function isComplete(history: HistoryResult, since: Since): boolean {
  if ('last' in since) return true;
  if (history.epoch !== since.epoch || since.offset > history.offset) return false;
  const { publications } = history;
  if (since.offset === history.offset) return true;
  return publications[0]?.offset === since.offset + 1 && publications.at(-1)?.offset === history.offset;
}

function once<T>(call: (value: T) => void): (value: T) => void {
  let called = false;
  return (value) => {
    if (called) return;
    called = true;
    call(value);
  };
}
