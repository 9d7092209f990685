import type { JsonObject, JsonValue } from '../protocol/json.js';
import type { PresenceEntry } from './memory.presence-entry.js';

/** Keys indexed at most; criteria may come from a query string, and an index costs memory for every user. */
const MAX_KEYS = 32;

/** Finds users by the values of their metadata: per key, from each value to the users for whom some view has it. */
export class PresenceIndex {
  private readonly keys = new Map<string, Map<string, Set<string>>>();
  /** What each user is filed under, so that it can be taken out again. */
  private readonly filed = new Map<string, Map<string, Set<string>>>();

  constructor(keys: readonly string[]) {
    for (const key of keys.slice(0, MAX_KEYS)) this.keys.set(key, new Map());
  }

  /** Files a user anew after a change. */
  update(entry: PresenceEntry): void {
    if (this.keys.size === 0) return;
    const before = this.filed.get(entry.userId);
    const after = this.valuesOf(entry);
    for (const [key, values] of before ?? []) {
      for (const value of values)
        if (after.get(key)?.has(value) !== true) this.remove(key, value, entry.userId);
    }
    for (const [key, values] of after) {
      for (const value of values)
        if (before?.get(key)?.has(value) !== true) this.add(key, value, entry.userId);
    }
    if (after.size > 0) this.filed.set(entry.userId, after);
    else this.filed.delete(entry.userId);
  }

  delete(userId: string): void {
    for (const [key, values] of this.filed.get(userId) ?? []) {
      for (const value of values) this.remove(key, value, userId);
    }
    this.filed.delete(userId);
  }

  /**
   * The users with a value; the key is indexed from now on if there is room.
   *
   * @param all every entry, to fill a new index from
   * @returns `null` when the key has no index and there is no room for one
   */
  find(key: string, value: JsonValue, all: Iterable<PresenceEntry>): ReadonlySet<string> | null {
    if (!this.keys.has(key)) {
      if (this.keys.size >= MAX_KEYS) return null;
      this.keys.set(key, new Map());
      for (const entry of all) this.update(entry);
    }
    return this.keys.get(key)?.get(canonical(value)) ?? NOBODY;
  }

  private valuesOf(entry: PresenceEntry): Map<string, Set<string>> {
    const values = new Map<string, Set<string>>();
    for (const view of entry.views()) {
      for (const key of this.keys.keys()) if (Object.hasOwn(view, key)) put(values, key, view);
    }
    return values;
  }

  private add(key: string, value: string, userId: string): void {
    const index = this.keys.get(key);
    if (index === undefined) return;
    const users = index.get(value) ?? new Set();
    users.add(userId);
    index.set(value, users);
  }

  private remove(key: string, value: string, userId: string): void {
    const index = this.keys.get(key);
    const users = index?.get(value);
    users?.delete(userId);
    if (users?.size === 0) index?.delete(value);
  }
}

function put(values: Map<string, Set<string>>, key: string, view: JsonObject): void {
  const set = values.get(key) ?? new Set();
  set.add(canonical(view[key] as JsonValue));
  values.set(key, set);
}

/** JSON text that is the same for equal values, whatever the order of their keys. */
function canonical(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const keys = Object.keys(value).toSorted();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] as JsonValue)}`).join(',')}}`;
}

const NOBODY: ReadonlySet<string> = new Set();
