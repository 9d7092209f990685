import type { JsonObject } from '../protocol/json.js';
import type { PresenceEvent, PresenceMember } from '../protocol/server-frames.js';

/** Where somebody can be present: in a channel or in a group. */
export interface PresenceContext {
  channel?: string;
  group?: string;
}

/**
 * One change, applied as a whole. `ref` is the id of a connection. A user is present while they have a connection or
 * were tracked without one; in a channel while one of their connections is subscribed or they were tracked into it.
 */
export type PresenceStep =
  /** A connection of the user has opened. */
  | { kind: 'connect'; userId: string; ref: string; at: number }
  /** A connection has ended: everything it stood for goes with it. */
  | { kind: 'disconnect'; userId: string; ref: string }
  /** A connection was lost: it stays where it was, until `disconnect` or until another one takes its place. */
  | { kind: 'lose'; userId: string; ref: string }
  /** A connection has subscribed to a channel, or its subscription has new metadata. */
  | { kind: 'enter'; userId: string; ref: string; channel: string; metadata: JsonObject; at: number }
  | { kind: 'leave'; userId: string; ref: string; channel: string }
  /** Replaces the user's own metadata and enters the contexts; stays without a connection if there is none now. */
  | ({ kind: 'track'; userId: string; metadata: JsonObject; at: number; maxBytes: number } & PresenceContext)
  /** Lays a patch over the user's metadata, everywhere. Nothing for a user who is not present. */
  | { kind: 'update'; userId: string; patch: JsonObject; maxBytes: number }
  /** Leaves one context, or everything when none is given. */
  | ({ kind: 'untrack'; userId: string } & PresenceContext)
  /** The time of a user tracked without a connection is over; from now on only connections keep them. */
  | { kind: 'expire'; userId: string };

/** What a step has changed for others. Neither `channel` nor `group`: for the user as a whole. */
export interface PresenceTransition extends PresenceContext {
  event: PresenceEvent;
  userId: string;
  /** As the context sees the user; for a leave, as it last saw them. */
  metadata: JsonObject;
}

/** What is known of one present user. */
export interface StoredPresence {
  userId: string;
  /** Metadata of the channels, in the order in which they were entered, under the user's own. */
  metadata: JsonObject;
  channels: string[];
  /** Groups the user was tracked into; memberships are the group store's. */
  groups: string[];
  /** Open connections; lost ones are not counted. */
  connections: number;
  /** ms since the Unix epoch. */
  since: number;
}

/** Which users: those for whom everything given holds at once, in one channel or for the user as a whole. */
export interface PresenceQuery {
  /** Only these. */
  users?: readonly string[];
  channel?: string;
  /** Only these users or those tracked into `name`. */
  group?: { name: string; members: readonly string[] };
  /** Top-level keys of the metadata and the values they must have. */
  criteria?: JsonObject;
}

/**
 * Who is present where. `apply` is one atomic step per call, and the transitions of one user come out in the order in
 * which the steps went in. A rejection (`unavailable`, `timeout`) means that nothing is known about the outcome; every
 * step can be repeated without harm.
 */
export abstract class PresenceStore {
  /** @throws HauynaError `limit_exceeded` when metadata would grow beyond `maxBytes`; nothing has changed then */
  abstract apply(step: PresenceStep): Promise<PresenceTransition[]>;

  /** @returns `undefined` for a user who is not present */
  abstract get(userId: string): Promise<StoredPresence | undefined>;

  /** In no particular order; with a channel in the query, `metadata` is as the channel sees it. */
  abstract find(query: PresenceQuery): Promise<StoredPresence[]>;

  abstract count(query: PresenceQuery): Promise<number>;

  /** The users in a channel, in the order in which they entered it. */
  abstract members(channel: string): Promise<ReadonlyMap<string, PresenceMember>>;
}
