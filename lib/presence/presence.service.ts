import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { GroupStore } from '../broker/group-store.js';
import { PresenceStore, type PresenceContext, type StoredPresence } from '../broker/presence-store.js';
import type { Connection } from '../connection/connection.js';
import { serialise } from '../connection/serialise.js';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { requireName } from '../errors/require-name.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock, type Timer } from '../protocol/clock.js';
import { isJsonObject, recordOf, type JsonObject, type JsonValue } from '../protocol/json.js';
import { PresenceAnnouncer } from './presence.announcer.js';
import { toQuery, type PresenceCriteria } from './presence.query.js';

/** One present user. */
export interface PresenceEntry {
  userId: string;
  /** Flat: what the channels were told, under what was said of the user as a whole. In `list({ channel })`: as that channel sees it. */
  metadata: JsonObject;
  /** In the order in which they were entered. */
  channels: string[];
  /** Memberships, and groups the user was tracked into. */
  groups: string[];
  /** Open connections; 0 for a user tracked without one. */
  connections: number;
  /** When the user came, ms since the Unix epoch. */
  since: number;
}

export interface TrackOptions {
  /** Untracks a user without connections after so many ms; tracking again starts anew. @default none */
  ttl?: number;
}

/**
 * Who is here. A user is present while they have a connection, and in a channel while one of their connections is
 * subscribed; the last one counts, never the first. Users without a connection can be tracked by hand. Every change is
 * told once to each subscriber of the channel concerned (`presence_change`) and to `@OnPresenceChange()` methods.
 *
 * ```ts
 * await presence.track('ana', { name: 'Ana', status: 'online', channel: 'room1' });
 * await presence.update('ana', { status: 'away' });
 * await presence.listBy({ channel: 'room1', status: 'away' }); // { ana: { userId: 'ana', … } }
 * ```
 */
@Injectable()
export class PresenceService implements OnModuleDestroy {
  private readonly logger = new Logger('Hauyna');
  private readonly expiries = new Map<string, Timer>();

  constructor(
    private readonly store: PresenceStore,
    private readonly groups: GroupStore,
    private readonly announcer: PresenceAnnouncer,
    private readonly options: ResolvedOptions,
    private readonly clock: Clock,
  ) {}

  onModuleDestroy(): void {
    for (const timer of this.expiries.values()) this.clock.clear(timer);
    this.expiries.clear();
  }

  /**
   * Makes a user present with this metadata, which replaces what was tracked before. `channel` and `group` in it are no
   * metadata: the user enters them. Connected users leave with their last connection, others stay until `untrack` or
   * their `ttl`.
   *
   * @throws HauynaError `validation_error` for a bad name, metadata or ttl, `limit_exceeded` for metadata that is too
   * large; nothing has changed then
   */
  async track(userId: string, metadata: JsonObject = {}, options: TrackOptions = {}): Promise<void> {
    requireName('user id', userId);
    const { channel, group, ...own } = requireObject('metadata', metadata);
    const context = requireContext(channel, group);
    const { ttl } = options;
    if (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0 && ttl <= MAX_TTL)) {
      throw new HauynaError('validation_error', `ttl must be a number of ms from 1 to ${MAX_TTL}.`);
    }
    const at = this.clock.now();
    const { maxMetadataBytes: maxBytes } = this.options.presence;
    const step = { kind: 'track', userId, metadata: own, at, maxBytes, ...context } as const;
    await this.announcer.announce(await this.store.apply(step));
    this.expire(userId, ttl);
  }

  /**
   * Lays a patch over a user's metadata, as a whole and in every channel that has its own value for the same key.
   *
   * @returns whether the user is present; nothing has changed otherwise
   * @throws HauynaError `validation_error`, `limit_exceeded`; nothing has changed then
   */
  async update(userId: string, patch: JsonObject): Promise<boolean> {
    requireName('user id', userId);
    const checked = requireObject('metadata', patch);
    for (const key of ['channel', 'group']) {
      if (Object.hasOwn(checked, key)) {
        throw new HauynaError(
          'validation_error',
          `"${key}" is where a user is, not what they are. Use track() to enter it.`,
        );
      }
    }
    const { maxMetadataBytes: maxBytes } = this.options.presence;
    const present = (await this.store.get(userId)) !== undefined;
    const transitions = await this.store.apply({ kind: 'update', userId, patch: checked, maxBytes });
    await this.announcer.announce(transitions);
    return present;
  }

  /**
   * Ends a user's presence, connected or not, until they are tracked again or subscribe to a channel; with a context,
   * takes the user out of what they were tracked into there.
   *
   * @returns whether the user was present
   */
  async untrack(userId: string, context: PresenceContext = {}): Promise<boolean> {
    const present = (await this.store.get(userId)) !== undefined;
    const { channel, group } = context;
    if (channel === undefined && group === undefined) this.expire(userId, undefined);
    await this.announcer.announce(
      await this.store.apply({ kind: 'untrack', userId, ...requireContext(channel, group) }),
    );
    return present;
  }

  /** Everything about one user; `undefined` when they are not present. */
  async get(userId: string): Promise<PresenceEntry | undefined> {
    const stored = await this.store.get(userId);
    return stored === undefined ? undefined : this.entry(stored);
  }

  /** The user's metadata, flat; `undefined` when they are not present. */
  async state(userId: string): Promise<JsonObject | undefined> {
    return (await this.store.get(userId))?.metadata;
  }

  async isPresent(userId: string): Promise<boolean> {
    return (await this.store.get(userId)) !== undefined;
  }

  /** Whether a user is present where and how the criteria say: `{ channel: 'room1', status: 'online' }`. */
  async isPresentIn(userId: string, criteria: PresenceCriteria): Promise<boolean> {
    const stored = await this.store.find({ ...(await toQuery(criteria, this.groups)), users: [userId] });
    return stored.length > 0;
  }

  /** Everybody, or those in a channel or group (or both), keyed by user. */
  async list(context: PresenceContext = {}): Promise<Record<string, PresenceEntry>> {
    return this.listBy({ ...requireContext(context.channel, context.group) });
  }

  /**
   * Those for whom all criteria hold at once, keyed by user: top-level metadata keys compared as a whole, `channel` and
   * `group` as contexts. Without a `channel` they have to hold for the user as a whole or in any one channel.
   */
  async listBy(criteria: PresenceCriteria): Promise<Record<string, PresenceEntry>> {
    const stored = await this.store.find(await toQuery(criteria, this.groups));
    const entries = await Promise.all(stored.map((item) => this.entry(item)));
    return recordOf(new Map(entries.map((entry) => [entry.userId, entry])));
  }

  /** How many users are present. */
  async count(): Promise<number> {
    return this.store.count({});
  }

  /** How many users {@link listBy} would return. */
  async countBy(criteria: PresenceCriteria): Promise<number> {
    return this.store.count(await toQuery(criteria, this.groups));
  }

  /** The users in a channel. */
  async inChannel(channel: string): Promise<string[]> {
    return [...(await this.store.members(channel)).keys()];
  }

  /** The present users of a group. */
  async inGroup(group: string): Promise<string[]> {
    const stored = await this.store.find(await toQuery({ group }, this.groups));
    return stored.map(({ userId }) => userId);
  }

  /**
   * What a client says of its own user.
   *
   * @throws HauynaError `unauthorized` for an anonymous connection, `conflict` for a user who was untracked
   */
  async updateByClient({ userId }: Connection, patch: JsonObject): Promise<void> {
    if (userId === null) throw new HauynaError('unauthorized', messages.anonymousPresence());
    if (!(await this.update(userId, patch))) throw new HauynaError('conflict', messages.notPresent());
  }

  private async entry(stored: StoredPresence): Promise<PresenceEntry> {
    const groups = new Set([...(await this.groups.groupsOf(stored.userId)), ...stored.groups]);
    return { ...stored, groups: [...groups] };
  }

  private expire(userId: string, ttl: number | undefined): void {
    this.clock.clear(this.expiries.get(userId));
    this.expiries.delete(userId);
    if (ttl === undefined) return;
    const timer = this.clock.after(ttl, () => {
      this.expiries.delete(userId);
      this.expired(userId).catch((error: unknown) => this.logger.error(error));
    });
    this.expiries.set(userId, timer);
  }

  /** Whoever has come in person meanwhile stays until they go. */
  private async expired(userId: string): Promise<void> {
    await this.announcer.announce(await this.store.apply({ kind: 'expire', userId }));
  }
}

/** Longest delay a timer can have, ms. */
const MAX_TTL = 2_147_483_647;

/** A copy nobody else holds. */
function requireObject(field: string, value: unknown): JsonObject {
  // A `toJSON` may make something else of it.
  const copy = isJsonObject(value) ? (JSON.parse(serialise('The metadata', value)) as JsonValue) : null;
  if (isJsonObject(copy)) return copy;
  throw new HauynaError('validation_error', messages.metadataNotObject(), {
    details: [{ path: field, messages: ['must be an object'] }],
  });
}

function requireContext(channel: unknown, group: unknown): PresenceContext {
  const context: PresenceContext = {};
  if (channel !== undefined) {
    requireName('channel', channel);
    context.channel = channel;
  }
  if (group !== undefined) {
    requireName('group', group);
    context.group = group;
  }
  return context;
}
