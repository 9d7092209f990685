import type { Clock, Timer } from '../protocol/clock.js';
import { HauynaClientError } from './client-error.js';
import type { ReconnectOptions } from './reconnect-delay.js';
import type { WebSocketConstructor } from './web-socket-like.js';

/** Why a token is asked for. */
export interface TokenRequest {
  reason: 'initial' | 'reconnect' | 'expired';
  /** Aborts when the client is closed. */
  signal: AbortSignal;
}

/** How frames become text and back. */
export interface Codec {
  encode(frame: unknown): string;
  decode(data: unknown): unknown;
}

/** What the client needs of time. */
export type ClientClock = Pick<Clock, 'now' | 'after' | 'clear'>;

/** Options of `createClient`. Times in ms. */
export interface ClientOptions {
  /**
   * Credentials: a token, or a function that gives one. It is never part of the URL. The function is asked again before the
   * token runs out and after the server has refused it. A `HauynaClientError` it throws with `retryable: false` ends the
   * client; after any other error it is asked again with the next attempt.
   */
  token?: string | ((request: TokenRequest) => string | null | Promise<string | null>);
  /** Query parameters of the URL, or a function that gives them for every attempt. */
  params?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);
  /**
   * How to come back: full jitter from 1 s to 10 s, for ever; a server with a retry policy of its own decides unless this is
   * given. `false` never comes back; a function gives the wait in ms, or `null` to stop. What the server asks for with
   * `retryAfter` is added.
   */
  reconnect?: ReconnectOptions | false | ((attempt: number) => number | null);
  /** Longest time an attempt may take, from the token to the welcome. @default 10000 */
  connectTimeout?: number;
  /** Longest wait for an answer. @default 10000 */
  timeout?: number;
  /** Time between two heartbeats; 0 for none. @default what the server says */
  heartbeatInterval?: number;
  /** Longest silence after a heartbeat before the connection counts as lost. @default 10000 */
  heartbeatTimeout?: number;
  /** Calls that wait while there is no connection: how many, and what happens beyond. `false` keeps none. @default { max: 256, overflow: 'reject' } */
  buffer?: { max?: number; overflow?: 'reject' | 'drop-oldest' } | false;
  /** @default JSON */
  codec?: Codec;
  /** @default globalThis.WebSocket */
  WebSocket?: WebSocketConstructor;
  /** Told what goes on, for debugging. @default silent */
  logger?: { debug(message: string, ...details: unknown[]): void };
  /** Source of time, for tests. */
  clock?: ClientClock;
  /** Source of jitter in [0, 1), for tests. */
  random?: () => number;
}

export const JSON_CODEC: Codec = {
  encode: JSON.stringify,
  decode: JSON.parse as Codec['decode'],
};

/** The real time. Its timers keep a Node process alive: a script that waits for its next attempt has no socket. */
export const CLOCK: ClientClock = {
  now: () => Date.now(),
  // Timers of a runtime take 31 bits; a longer wait, like `Infinity`, would end at once.
  after: (ms, fn) => setTimeout(fn, Math.min(ms, 2e9)) as unknown as Timer,
  clear: (timer) => clearTimeout(timer as never),
};

/** @throws HauynaClientError `no_websocket` that says what to do */
export function webSocketOf({ WebSocket }: ClientOptions): WebSocketConstructor {
  const found = WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (found) return found;
  throw new HauynaClientError(
    'no_websocket',
    "No WebSocket here. Pass that of the package 'ws': createClient(url, { WebSocket })",
  );
}
