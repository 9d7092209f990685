import type { Connection } from './connection.js';

/** Somebody to leave out: a connection, a connection id or a user id. */
export type Exclusion = string | Connection;

/** A test for the connections an `except` option leaves out. */
export function exclusionOf(
  except: Exclusion | readonly Exclusion[] | undefined,
): (c: Connection) => boolean {
  if (except === undefined) return () => false;
  const list = Array.isArray(except) ? (except as readonly Exclusion[]) : [except as Exclusion];
  const names = new Set(list.map((item) => (typeof item === 'string' ? item : item.id)));
  if (names.size === 0) return () => false;
  return (connection) =>
    names.has(connection.id) || (connection.userId !== null && names.has(connection.userId));
}
