import type { Publication } from '../broker/broker.js';
import type { JsonValue } from '../protocol/json.js';
import type { PublicationView } from '../protocol/server-frames.js';

/** Publications one recovery may bring back; a client that missed more starts afresh. */
export const MAX_RECOVERY = 1000;
/** Publications one history request returns at most. */
export const MAX_HISTORY = 1000;
/** Publications one history request returns by default. */
export const DEFAULT_HISTORY = 100;

/** A publication with its payload as a value. */
export function publicationView(publication: Publication): PublicationView {
  const { payload, ...rest } = publication;
  return { ...rest, data: JSON.parse(payload) as JsonValue };
}
