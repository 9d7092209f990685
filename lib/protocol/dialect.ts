import type { ServerFrame } from './server-frames.js';
import { encodePlain } from './plain.dialect.js';
import { encodeV1 } from './v1.dialect.js';

/** How server frames look on the wire. A client chooses one with the WebSocket subprotocol. */
export interface Dialect {
  /** Position in {@link DIALECTS}; caches of encoded frames are indexed by it. */
  readonly index: number;
  readonly name: 'plain' | 'v1';
  /** The WebSocket subprotocol that selects it; `null` for clients that ask for none. */
  readonly subprotocol: string | null;
  /** The text of a frame, or `null` when this dialect does not carry it. */
  encode(frame: ServerFrame): string | null;
}

/** For any `new WebSocket(url)`: payloads come bare, nothing is sent that was not asked for. */
export const PLAIN_DIALECT: Dialect = Object.freeze({
  index: 0,
  name: 'plain',
  subprotocol: null,
  encode: encodePlain,
});

/** Always enveloped: positions, answers to every request, a welcome and a farewell. */
export const V1_DIALECT: Dialect = Object.freeze({
  index: 1,
  name: 'v1',
  subprotocol: 'hauyna.v1.json',
  encode: encodeV1,
});

export const DIALECTS: readonly Dialect[] = Object.freeze([PLAIN_DIALECT, V1_DIALECT]);

/** The dialect for the subprotocols a client offered, in its order of preference. */
export function chooseDialect(offered: Iterable<string>): Dialect {
  for (const protocol of offered) {
    if (protocol === V1_DIALECT.subprotocol) return V1_DIALECT;
  }
  return PLAIN_DIALECT;
}
