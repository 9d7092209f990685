import { jsonEqual, type JsonObject, type JsonValue } from './json.js';
import type { PresenceChangeFrame, PresenceMember } from './server-frames.js';

/** Who is in a channel, as a client keeps it: user → member. */
export type PresenceMap = ReadonlyMap<string, PresenceMember>;

/** The map of a `presence_state` frame. User ids are keys of a Map, so none of them is special. */
export function presenceFromState(state: Record<string, PresenceMember>): Map<string, PresenceMember> {
  return new Map(Object.entries(state));
}

/**
 * Applies one `presence_change` to a map and returns the next map; the given one is untouched. The same
 * change twice is harmless, a leave of somebody unknown too, and an update of somebody unknown adds them:
 * a client that joined in between must not lose people.
 *
 * @param now ms since the Unix epoch, used as `since` of a member who was not known before
 */
export function applyPresenceChange(
  map: PresenceMap,
  change: Pick<PresenceChangeFrame, 'event' | 'user' | 'metadata'>,
  now: number,
): Map<string, PresenceMember> {
  const next = new Map(map);
  if (change.event === 'leave') {
    next.delete(change.user);
    return next;
  }
  const known = next.get(change.user);
  next.set(change.user, {
    metadata: change.metadata,
    connections: known?.connections ?? 1,
    since: known?.since ?? now,
  });
  return next;
}

/** Lays a patch over metadata. A key set to `null` stays, as `null`: metadata has no deletion by accident. */
export function mergeMetadata(base: JsonObject, patch: JsonObject): JsonObject {
  return { ...base, ...patch };
}

/** Whether `view` has every key of `criteria` with an equal value (top-level keys, deep equality). */
export function matchesCriteria(view: JsonObject, criteria: JsonObject): boolean {
  return Object.keys(criteria).every(
    (key) => Object.hasOwn(view, key) && jsonEqual(view[key] as JsonValue, criteria[key]),
  );
}
