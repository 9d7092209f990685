import type { PublicationView } from '../protocol/server-frames.js';

/** A place in a channel. */
export interface Position {
  offset: number;
  epoch: string;
}

/** A publication as it comes; a `position`, which stands for one that was for others, has the place alone. */
export interface PublicationFrame extends PublicationView {
  type: 'publication' | 'position';
}

/** Keys remembered and early publications kept at most, a channel; the oldest is forgotten first. */
export const MAX_KEPT = 1024;

/** Remembers a key. @returns whether it was not known */
export function isNew(keys: Set<string>, key: string): boolean {
  if (keys.has(key)) return false;
  keys.add(key);
  const [oldest] = keys;
  if (keys.size > MAX_KEPT) keys.delete(oldest as string);
  return true;
}
