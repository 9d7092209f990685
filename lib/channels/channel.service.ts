import { Injectable } from '@nestjs/common';
import { Broker, type PublishResult } from '../broker/broker.js';
import { PresenceStore } from '../broker/presence-store.js';
import type { Connection } from '../connection/connection.js';
import { ConnectionRegistry } from '../connection/connection.registry.js';
import { serialise } from '../connection/serialise.js';
import type { Exclusion } from '../connection/targets.js';
import { SubscriptionIndex } from '../delivery/subscription.index.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { requireName } from '../errors/require-name.js';
import { nameProblem } from '../protocol/names.js';
import { recordOf, type JsonObject, type JsonText } from '../protocol/json.js';
import type { PresenceMember, SubscribeResult } from '../protocol/server-frames.js';
import type {
  ChannelBroadcastOptions,
  ChannelHistory,
  ChannelHistoryOptions,
  PublishOptions,
} from './channel.options.js';
import { ChannelPolicy } from './channel.policy.js';
import { DEFAULT_HISTORY, MAX_HISTORY, publicationView } from './publication-view.js';
import { SubscriptionRevalidator, type RevalidateTarget } from './subscription.revalidator.js';
import { SubscriptionManager } from './subscription.manager.js';
import type { TypedChannels } from './typed-channels.js';

/**
 * Channels: addresses that connections subscribe to. A channel exists while it has a subscriber or history.
 *
 * ```ts
 * await channels.subscribe('room1', connection, { name: 'Juan' });
 * await channels.broadcast('room1', { text: 'Hola canal!' });
 * await channels.subscribers('room1'); // ['user1', 'user2']
 * ```
 */
@Injectable()
export class ChannelService {
  constructor(
    private readonly manager: SubscriptionManager,
    private readonly index: SubscriptionIndex,
    private readonly registry: ConnectionRegistry,
    private readonly broker: Broker,
    private readonly policy: ChannelPolicy,
    private readonly presences: PresenceStore,
    private readonly revalidator: SubscriptionRevalidator,
  ) {}

  /**
   * The same service for the channels of a contract: a wrong channel, event or payload does not compile. Nothing is checked
   * at run time.
   *
   * ```ts
   * await channels.typed<Chat>().broadcast('room:1', { text: 'Hola' });
   * ```
   */
  typed<C>(): TypedChannels<C> {
    return this as unknown as TypedChannels<C>;
  }

  /**
   * Subscribes a connection on the server's authority: no `@OnChannelSubscribe` is asked. The subscribers are told
   * with `channel_event`, presence follows. Doing it again only replaces the metadata, if some is given.
   *
   * @param metadata JSON object; what others see of this subscription
   * @returns the position of the channel
   * @throws HauynaError `validation_error`, `limit_exceeded`, or `unavailable` when the connection is not open
   */
  async subscribe(
    channel: string,
    connection: Connection | string,
    metadata?: JsonObject,
  ): Promise<SubscribeResult> {
    const found = this.require(connection);
    const { result, release } = await this.manager.join(channel, found, metadata);
    release();
    return result;
  }

  /** Ends a subscription. @returns whether there was one */
  async unsubscribe(channel: string, connection: Connection | string): Promise<boolean> {
    const found = this.find(connection);
    // Nor does it come back with a client that is away just now.
    const awaited = found?.session?.channels.delete(channel) === true;
    const subscription = found === undefined ? undefined : this.index.get(found, channel);
    return subscription === undefined ? awaited : this.manager.expel(subscription, 'server');
  }

  /**
   * Asks `@OnChannelSubscribe` again, guards and all, for subscriptions that clients have made, and ends those that are not
   * allowed any more. Happens by itself for a user who leaves a group.
   *
   * @param target everything that is given has to apply; `{}` is everybody
   * @returns how many subscriptions were ended
   */
  async revalidate(target: RevalidateTarget): Promise<number> {
    return this.revalidator.revalidate(target);
  }

  /** The users subscribed to a channel, each once, in the order in which they came. */
  async subscribers(channel: string): Promise<string[]> {
    const users = new Set<string>();
    for (const connection of this.index.ofChannel(channel).keys()) {
      if (connection.userId !== null) users.add(connection.userId);
    }
    return [...users];
  }

  /** How many connections are subscribed, anonymous ones included. */
  async subscriptionCount(channel: string): Promise<number> {
    return this.index.ofChannel(channel).size;
  }

  async isSubscribed(channel: string, connection: Connection | string): Promise<boolean> {
    const found = this.find(connection);
    return found !== undefined && this.index.get(found, channel) !== undefined;
  }

  /** The channels a connection is subscribed to, in the order in which it came to them. */
  async channelsOf(connection: Connection | string): Promise<string[]> {
    const found = this.find(connection);
    return found === undefined ? [] : [...this.index.ofConnection(found).keys()];
  }

  /** The metadata of a subscription; `undefined` when there is none. */
  async metadata(channel: string, connection: Connection | string): Promise<JsonObject | undefined> {
    const found = this.find(connection);
    const metadata = found === undefined ? undefined : this.index.get(found, channel)?.metadata;
    return metadata === undefined ? undefined : structuredClone(metadata);
  }

  /** Who is present in a channel, keyed by user. */
  async presence(channel: string): Promise<Record<string, PresenceMember>> {
    return recordOf(await this.presences.members(channel));
  }

  /**
   * Publishes to every subscriber of a channel. Plain clients get the payload bare, v1 clients in a `publication`.
   *
   * @returns the position the publication took
   * @throws HauynaError `validation_error` for a bad name or data without JSON form, `unavailable` from the broker
   */
  async broadcast(
    channel: string,
    data: unknown,
    options: ChannelBroadcastOptions = {},
  ): Promise<PublishResult> {
    return this.publish(channel, serialise('The data', data), null, options);
  }

  /** Publishes text that is JSON already, on behalf of a user. */
  async publish(
    channel: string,
    payload: JsonText,
    user: string | null,
    options: PublishOptions = {},
  ): Promise<PublishResult> {
    requireName('channel', channel);
    const { event = 'message', except, idempotencyKey, volatile = false, version } = options;
    const { id = idempotencyKey } = options;
    requireText('event', event);
    if (id !== undefined) requireText('idempotencyKey', id);
    if (version !== undefined && !(Number.isSafeInteger(version) && version >= 0)) {
      throw new HauynaError('validation_error', 'version must be a whole number from 0.');
    }
    return this.broker.publish({
      channel,
      event,
      payload,
      user,
      volatile,
      history: this.policy.history(channel),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...(id === undefined ? {} : { id }),
      ...(version === undefined ? {} : { version }),
      ...(except === undefined ? {} : { except: exclusionIds(except) }),
    });
  }

  /**
   * Reads what is kept of a channel; nothing unless `channels.history` has a pattern that matches it.
   *
   * @throws HauynaError `validation_error` for a bad limit, `conflict` when `since` belongs to another epoch
   */
  async history(channel: string, options: ChannelHistoryOptions = {}): Promise<ChannelHistory> {
    requireName('channel', channel);
    const { limit = DEFAULT_HISTORY, since, reverse = false } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_HISTORY) {
      throw new HauynaError('validation_error', `limit must be a whole number from 1 to ${MAX_HISTORY}.`);
    }
    const result = await this.broker.history(channel, {
      limit,
      reverse,
      ...(since === undefined ? {} : { since }),
    });
    if (since !== undefined && since.epoch !== result.epoch) {
      throw new HauynaError(
        'conflict',
        `The history of "${channel}" has begun anew since that position. Read it without "since".`,
      );
    }
    const { offset, epoch, publications } = result;
    return { offset, epoch, publications: publications.map(publicationView) };
  }

  private find(connection: Connection | string): Connection | undefined {
    return typeof connection === 'string' ? this.registry.get(connection) : connection;
  }

  private require(connection: Connection | string): Connection {
    const found = this.find(connection);
    if (found === undefined) {
      const id = typeof connection === 'string' ? connection : connection.id;
      throw new HauynaError('not_found', messages.connectionGone(id));
    }
    return found;
  }
}

function requireText(field: string, value: unknown): void {
  const problem = nameProblem(value);
  if (problem === null) return;
  throw new HauynaError('validation_error', messages.badName(field, problem), {
    details: [{ path: field, messages: [problem] }],
  });
}

function exclusionIds(except: Exclusion | readonly Exclusion[]): string[] {
  const list = Array.isArray(except) ? (except as readonly Exclusion[]) : [except as Exclusion];
  return list.map((item) => (typeof item === 'string' ? item : item.id));
}
