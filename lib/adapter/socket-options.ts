import type { ServerOptions } from 'ws';
import { V1_DIALECT } from '../protocol/dialect.js';
import type { LimitOptions } from '../options/hauyna.options.js';

/** Options `ws` knows and its type package does not yet. */
interface NewServerOptions {
  maxFragments: number;
  maxBufferedChunks: number;
  closeTimeout: number;
}

/**
 * How `ws` is to treat the sockets of this application.
 *
 * @param speaksOurs whether the subprotocol of the library is spoken there
 */
export function socketOptions(
  limits: Required<LimitOptions>,
  speaksOurs: () => boolean,
): ServerOptions & NewServerOptions {
  return {
    // `ws` knows no Infinity; 0 is its "no limit".
    maxPayload: limits.maxPayload === Infinity ? 0 : limits.maxPayload,
    maxFragments: 128,
    maxBufferedChunks: 4096,
    closeTimeout: 3000,
    perMessageDeflate: false,
    handleProtocols: (offered) => (speaksOurs() ? chooseProtocol : chooseForeignProtocol)(offered),
  };
}

/** Ours if it is offered; else the first, or browsers would refuse the connection they asked for. */
function chooseProtocol(offered: Set<string>): string | false {
  const ours = V1_DIALECT.subprotocol as string;
  if (offered.has(ours)) return ours;
  return offered.values().next().value ?? false;
}

/** Who is promised our protocol would wait for its welcome for ever. */
function chooseForeignProtocol(offered: Set<string>): string | false {
  for (const protocol of offered) if (!protocol.startsWith('hauyna.')) return protocol;
  return false;
}
