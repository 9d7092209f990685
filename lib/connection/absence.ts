import type { DisconnectInfo } from '../events/lifecycle.bus.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { Connection } from './connection.js';

/** How long nobody is told that a connection has ended, because its client may be back in a moment, ms; 0 for at once. */
export function absenceOf(
  connection: Connection,
  { clean }: DisconnectInfo,
  { presence, sessionTtl }: ResolvedOptions,
): number {
  if (clean) return 0;
  return connection.session === null ? presence.leaveDelay : (sessionTtl ?? 0);
}
