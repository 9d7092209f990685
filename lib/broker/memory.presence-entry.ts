import { mergeMetadata } from '../protocol/presence-state.js';
import type { JsonObject } from '../protocol/json.js';
import type { StoredPresence } from './presence-store.js';

interface ChannelPresence {
  /** Metadata each connection brought with its subscription, oldest first. */
  readonly refs: Map<string, JsonObject>;
  /** Whether the server put the user here, whatever the connections do. */
  tracked: boolean;
  readonly since: number;
}

const NOTHING: JsonObject = Object.freeze({});
const EMPTY_SET = new Set<string>();
const EMPTY_MAP = new Map<string, ChannelPresence>();

/** One present user: their connections, and where they are with which metadata. Knows nothing of other users. */
export class PresenceEntry {
  /** The user's own metadata. */
  metadata: JsonObject = NOTHING;
  /** Whether the user stays without a connection. */
  detached = false;
  /** Whether the user was taken out although connections are open. */
  private hidden = false;
  private readonly connections = new Set<string>();
  // Most users are nowhere but here: what is empty costs nothing until it is filled.
  private entered: Set<string> = EMPTY_SET;
  private lost: Set<string> = EMPTY_SET;
  private channels: Map<string, ChannelPresence> = EMPTY_MAP;

  constructor(
    readonly userId: string,
    readonly since: number,
  ) {}

  /** Whether anything keeps the user present. */
  get isPresent(): boolean {
    return !this.hidden && (this.detached || this.connections.size > 0);
  }

  get hasConnections(): boolean {
    return this.connections.size > 0;
  }

  /** Groups the user was tracked into. */
  get groups(): ReadonlySet<string> {
    return this.entered;
  }

  joinGroup(group: string): void {
    if (this.entered === EMPTY_SET) this.entered = new Set();
    this.entered.add(group);
  }

  leaveGroup(group: string): void {
    this.entered.delete(group);
  }

  /** Adds an open connection. A lost one that stood for nothing but the user is not needed any more. */
  connect(ref: string): void {
    this.connections.add(ref);
    for (const old of this.lost) if (!this.isAnywhere(old)) this.disconnect(old);
  }

  /** @returns whether the connection was known */
  disconnect(ref: string): boolean {
    this.lost.delete(ref);
    return this.connections.delete(ref);
  }

  lose(ref: string): void {
    if (!this.connections.has(ref)) return;
    if (this.lost === EMPTY_SET) this.lost = new Set();
    this.lost.add(ref);
  }

  /** Out of everything, but the connections are not forgotten. */
  hide(): void {
    this.hidden = true;
    this.detached = false;
    this.metadata = NOTHING;
    this.entered = EMPTY_SET;
    this.channels = EMPTY_MAP;
  }

  show(): void {
    this.hidden = false;
  }

  channelNames(): string[] {
    return [...this.channels.keys()];
  }

  isIn(channel: string): boolean {
    return this.channels.has(channel);
  }

  /** Enters a channel with a connection; it takes the place of lost ones there. */
  enter(channel: string, ref: string, metadata: JsonObject, at: number): void {
    const presence = this.channel(channel, at);
    for (const old of this.lost) {
      if (old !== ref && presence.refs.delete(old) && !this.isAnywhere(old)) this.disconnect(old);
    }
    // The latest word counts, so it goes to the end.
    presence.refs.delete(ref);
    presence.refs.set(ref, metadata);
  }

  trackInto(channel: string, at: number): void {
    this.channel(channel, at).tracked = true;
  }

  untrackFrom(channel: string): void {
    const presence = this.channels.get(channel);
    if (presence !== undefined) presence.tracked = false;
    this.dropIfEmpty(channel);
  }

  leave(channel: string, ref: string): void {
    this.channels.get(channel)?.refs.delete(ref);
    this.dropIfEmpty(channel);
  }

  /** Lays a patch over the user's metadata, and over what channels say about the same keys: the latest word counts. */
  overlay(metadata: JsonObject, patch: JsonObject): void {
    this.metadata = metadata;
    for (const { refs } of this.channels.values()) {
      for (const [ref, own] of refs) {
        const spoken = Object.keys(patch).filter((key) => Object.hasOwn(own, key));
        if (spoken.length === 0) continue;
        refs.set(ref, {
          ...own,
          ...Object.fromEntries(spoken.map((key) => [key, patch[key]])),
        } as JsonObject);
      }
    }
  }

  /** The user as one channel sees them, or as a whole. */
  view(channel?: string): JsonObject {
    if (channel === undefined) return this.wholeView();
    const presence = this.channels.get(channel);
    return presence === undefined ? this.metadata : mergeAll(this.metadata, presence.refs.values());
  }

  /** Every view somebody can ask for: one a channel, and the user's own. */
  views(): JsonObject[] {
    const views = [this.metadata];
    for (const channel of this.channels.keys()) views.push(this.view(channel));
    return views;
  }

  connectionsIn(channel: string): number {
    return this.open(this.channels.get(channel)?.refs.keys() ?? []);
  }

  sinceIn(channel: string): number {
    return this.channels.get(channel)?.since ?? this.since;
  }

  stored(channel?: string): StoredPresence {
    return {
      userId: this.userId,
      metadata: structuredClone(this.view(channel)),
      channels: this.channelNames(),
      groups: [...this.groups],
      connections: this.open(this.connections),
      since: this.since,
    };
  }

  private wholeView(): JsonObject {
    if (this.channels.size === 0) return this.metadata;
    const all = [...this.channels.values()].flatMap(({ refs }) => [...refs.values()]);
    // What channels were told is below what was said of the user as a whole.
    return mergeMetadata(mergeAll({}, all), this.metadata);
  }

  private channel(channel: string, at: number): ChannelPresence {
    let presence = this.channels.get(channel);
    if (presence === undefined) {
      presence = { refs: new Map(), tracked: false, since: at };
      if (this.channels === EMPTY_MAP) this.channels = new Map();
      this.channels.set(channel, presence);
    }
    return presence;
  }

  private dropIfEmpty(channel: string): void {
    const presence = this.channels.get(channel);
    if (presence !== undefined && presence.refs.size === 0 && !presence.tracked)
      this.channels.delete(channel);
  }

  private isAnywhere(ref: string): boolean {
    for (const { refs } of this.channels.values()) if (refs.has(ref)) return true;
    return false;
  }

  private open(refs: Iterable<string>): number {
    let count = 0;
    for (const ref of refs) if (!this.lost.has(ref)) count++;
    return count;
  }
}

function mergeAll(base: JsonObject, patches: Iterable<JsonObject>): JsonObject {
  let merged = base;
  for (const patch of patches) merged = mergeMetadata(merged, patch);
  return merged;
}
