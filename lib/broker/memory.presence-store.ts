import { Injectable } from '@nestjs/common';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { cloneJson, jsonEqual, type JsonObject } from '../protocol/json.js';
import { matchesCriteria, mergeMetadata } from '../protocol/presence-state.js';
import type { PresenceMember } from '../protocol/server-frames.js';
import { PresenceEntry } from './memory.presence-entry.js';
import { PresenceIndex } from './memory.presence-index.js';
import {
  PresenceStore,
  type PresenceContext,
  type PresenceQuery,
  type PresenceStep,
  type PresenceTransition,
  type StoredPresence,
} from './presence-store.js';

type Step<K extends PresenceStep['kind']> = Extract<PresenceStep, { kind: K }>;

/** Presence of a single process. Every step is applied before `apply` returns its promise. */
@Injectable()
export class MemoryPresenceStore extends PresenceStore {
  private readonly entries = new Map<string, PresenceEntry>();
  /** Users who were taken out although they have connections. */
  private readonly hidden = new Map<string, PresenceEntry>();
  private readonly byChannel = new Map<string, Set<string>>();
  private readonly byGroup = new Map<string, Set<string>>();
  private readonly index: PresenceIndex;

  constructor(options: ResolvedOptions) {
    super();
    this.index = new PresenceIndex(options.presence.indexes);
  }

  async apply(step: PresenceStep): Promise<PresenceTransition[]> {
    switch (step.kind) {
      case 'connect':
        return this.connect(step);
      case 'disconnect':
        return this.change(step, null, this.channelsOf(step.userId), (entry) => disconnect(entry, step.ref));
      case 'lose':
        return this.change(step, null, [], (entry) => entry.lose(step.ref));
      case 'enter':
        return this.change(step, step.at, [step.channel], (entry) => {
          entry.show();
          entry.connect(step.ref);
          entry.enter(step.channel, step.ref, step.metadata, step.at);
        });
      case 'leave':
        return this.change(step, null, [step.channel], (entry) => entry.leave(step.channel, step.ref));
      case 'track':
        return this.track(step);
      case 'update':
        return this.update(step);
      case 'untrack':
        return this.untrack(step);
      case 'expire':
        return this.change(step, null, this.channelsOf(step.userId), (entry) => (entry.detached = false));
    }
  }

  async get(userId: string): Promise<StoredPresence | undefined> {
    return this.entries.get(userId)?.stored();
  }

  async find(query: PresenceQuery): Promise<StoredPresence[]> {
    return this.matching(query).map((entry) => entry.stored(query.channel));
  }

  async count(query: PresenceQuery): Promise<number> {
    const { users, channel, group, criteria = {} } = query;
    if (users === undefined && group === undefined && Object.keys(criteria).length === 0) {
      return channel === undefined ? this.entries.size : (this.byChannel.get(channel)?.size ?? 0);
    }
    return this.matching(query).length;
  }

  async members(channel: string): Promise<ReadonlyMap<string, PresenceMember>> {
    const members = new Map<string, PresenceMember>();
    for (const userId of this.byChannel.get(channel) ?? []) {
      const entry = this.entries.get(userId) as PresenceEntry;
      members.set(userId, {
        metadata: structuredClone(entry.view(channel)),
        connections: entry.connectionsIn(channel),
        since: entry.sinceIn(channel),
      });
    }
    return members;
  }

  private connect({ userId, ref, at }: Step<'connect'>): PresenceTransition[] {
    if (this.entries.has(userId) || (this.hidden.size > 0 && this.hidden.has(userId))) {
      return this.change({ userId }, at, [], (entry) => entry.connect(ref));
    }
    // Somebody new is the most common step of all, and there is nothing to compare.
    const entry = new PresenceEntry(userId, at);
    entry.connect(ref);
    this.entries.set(userId, entry);
    return [{ event: 'join', userId, metadata: {} }];
  }

  private track(step: Step<'track'>): PresenceTransition[] {
    checkSize(step.metadata, step.maxBytes);
    const channels = [...this.channelsOf(step.userId), ...(step.channel === undefined ? [] : [step.channel])];
    return this.change(step, step.at, channels, (entry) => {
      entry.show();
      if (!entry.hasConnections) entry.detached = true;
      entry.overlay(step.metadata, step.metadata);
      if (step.channel !== undefined) entry.trackInto(step.channel, step.at);
      if (step.group !== undefined) entry.joinGroup(step.group);
    });
  }

  private update({ patch, ...step }: Step<'update'>): PresenceTransition[] {
    const known = this.entries.get(step.userId);
    if (known === undefined) return [];
    const merged = mergeMetadata(known.metadata, patch);
    checkSize(merged, step.maxBytes);
    return this.change(step, null, known.channelNames(), (entry) => entry.overlay(merged, patch));
  }

  private untrack(step: Step<'untrack'>): PresenceTransition[] {
    const { channel, group } = step;
    return this.change(step, null, this.channelsOf(step.userId), (entry) => {
      if (channel !== undefined) entry.untrackFrom(channel);
      if (group !== undefined) entry.leaveGroup(group);
      if (channel === undefined && group === undefined) entry.hide();
    });
  }

  private channelsOf(userId: string): string[] {
    return this.entries.get(userId)?.channelNames() ?? [];
  }

  /**
   * Changes one user and says what has become different.
   *
   * @param at when the user came, if it takes somebody new; `null` does nothing for a user who is not present
   * @param touched the channels in which something may change
   */
  private change(
    { userId }: { userId: string },
    at: number | null,
    touched: readonly string[],
    act: (entry: PresenceEntry) => unknown,
  ): PresenceTransition[] {
    const known = this.entries.get(userId) ?? this.hidden.get(userId);
    if (known === undefined && at === null) return [];
    const entry = known ?? new PresenceEntry(userId, at as number);
    const before = known === undefined ? absent(touched) : snapshot(known, touched);
    act(entry);
    if (!entry.isPresent) return this.drop(entry, before);
    this.hidden.delete(userId);
    this.entries.set(userId, entry);
    this.index.update(entry);
    return this.compare(entry, before);
  }

  private compare(entry: PresenceEntry, before: Snapshot): PresenceTransition[] {
    const { userId } = entry;
    const transitions: PresenceTransition[] = [];
    const say = (
      event: PresenceTransition['event'],
      metadata: JsonObject,
      context: PresenceContext = {},
    ): void => {
      transitions.push({ event, userId, metadata: cloneJson(metadata), ...context });
    };
    if (!before.present) say('join', entry.view());
    else if (!jsonEqual(before.own, entry.metadata)) say('update', entry.view());
    for (const [channel, was] of before.channels) {
      const is = entry.isIn(channel) ? entry.view(channel) : undefined;
      if (is === undefined) {
        if (was !== undefined) say('leave', was, { channel });
        remove(this.byChannel, channel, userId);
      } else {
        if (was === undefined) say('join', is, { channel });
        else if (!jsonEqual(was, is)) say('update', is, { channel });
        add(this.byChannel, channel, userId);
      }
    }
    for (const group of entry.groups) {
      if (!before.groups.has(group)) say('join', entry.view(), { group });
      add(this.byGroup, group, userId);
    }
    for (const group of before.groups) {
      if (entry.groups.has(group)) continue;
      say('leave', entry.view(), { group });
      remove(this.byGroup, group, userId);
    }
    return transitions;
  }

  /** The user is not present any more: out of every context, the narrower ones first. */
  private drop(entry: PresenceEntry, before: Snapshot): PresenceTransition[] {
    const { userId } = entry;
    this.entries.delete(userId);
    this.index.delete(userId);
    if (entry.hasConnections) this.hidden.set(userId, entry);
    else this.hidden.delete(userId);
    if (!before.present) return [];
    const transitions: PresenceTransition[] = [];
    for (const [channel, metadata] of before.channels) {
      remove(this.byChannel, channel, userId);
      if (metadata !== undefined) transitions.push({ event: 'leave', userId, channel, metadata });
    }
    for (const group of before.groups) {
      remove(this.byGroup, group, userId);
      transitions.push({ event: 'leave', userId, group, metadata: before.whole });
    }
    transitions.push({ event: 'leave', userId, metadata: before.whole });
    return structuredClone(transitions);
  }

  private matching(query: PresenceQuery): PresenceEntry[] {
    const members = new Set(query.group?.members);
    const found: PresenceEntry[] = [];
    for (const userId of this.candidates(query, members)) {
      const entry = this.entries.get(userId);
      if (entry !== undefined && matches(entry, query, members)) found.push(entry);
    }
    return found;
  }

  /** The smallest set of users among whom all that match are. */
  private candidates(query: PresenceQuery, members: ReadonlySet<string>): Iterable<string> {
    const { users, channel, group, criteria = {} } = query;
    if (users !== undefined) return users;
    const sets: ReadonlySet<string>[] = [];
    if (channel !== undefined) sets.push(this.byChannel.get(channel) ?? new Set());
    if (group !== undefined) {
      const named = this.index.find('group', group.name, this.entries.values());
      if (named !== null) sets.push(new Set([...members, ...(this.byGroup.get(group.name) ?? []), ...named]));
    }
    for (const [key, value] of Object.entries(criteria)) {
      const users = this.index.find(key, value, this.entries.values());
      if (users !== null) sets.push(users);
    }
    const smallest = sets.toSorted((a, b) => a.size - b.size)[0];
    return smallest ?? this.entries.keys();
  }
}

interface Snapshot {
  present: boolean;
  own: JsonObject;
  whole: JsonObject;
  /** `undefined` where the user was not. */
  channels: Map<string, JsonObject | undefined>;
  groups: ReadonlySet<string>;
}

/** Of somebody who is new. */
function absent(touched: readonly string[]): Snapshot {
  const channels = new Map(touched.map((channel) => [channel, undefined]));
  return { present: false, own: NOTHING, whole: NOTHING, channels, groups: NO_GROUPS };
}

const NOTHING: JsonObject = Object.freeze({});
const NO_GROUPS: ReadonlySet<string> = new Set();

function snapshot(entry: PresenceEntry, touched: readonly string[]): Snapshot {
  const channels = new Map<string, JsonObject | undefined>();
  for (const channel of touched) channels.set(channel, entry.isIn(channel) ? entry.view(channel) : undefined);
  const { isPresent: present, metadata: own, groups } = entry;
  return { present, own, whole: entry.view(), channels, groups: new Set(groups) };
}

function disconnect(entry: PresenceEntry, ref: string): void {
  for (const channel of entry.channelNames()) entry.leave(channel, ref);
  entry.disconnect(ref);
}

function matches(entry: PresenceEntry, query: PresenceQuery, members: ReadonlySet<string>): boolean {
  const { channel, group, criteria = {} } = query;
  if (channel !== undefined && !entry.isIn(channel)) return false;
  const inGroup = group === undefined || members.has(entry.userId) || entry.groups.has(group.name);
  const views = channel === undefined ? entry.views() : [entry.view(channel)];
  return views.some((view) => (inGroup || view['group'] === group?.name) && matchesCriteria(view, criteria));
}

function checkSize(metadata: JsonObject, maxBytes: number): void {
  if (Buffer.byteLength(JSON.stringify(metadata)) <= maxBytes) return;
  throw new HauynaError('limit_exceeded', messages.metadataTooLarge(maxBytes), {
    details: [{ path: 'metadata', messages: [`must be at most ${maxBytes} bytes`] }],
  });
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key) ?? new Set();
  set.add(value);
  sets.set(key, set);
}

function remove(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
