import type { Clock } from '../../protocol/clock.js';
import { CONSOLE_LOGGER, type ClientLogger } from '../emitter.js';
import { KeepAliveClock } from './keep-alive-clock.js';
import type { WebSocketConstructor } from '../web-socket-like.js';

/** Options of a {@link WebSocketClient}. Times in ms. */
export interface WebSocketClientOptions {
  /** Ceiling of the first wait; it doubles with each attempt, and the wait is a random part of it, at least 100 ms. @default 1000 */
  reconnectInterval?: number;
  /** Highest ceiling. @default 30000, or `reconnectInterval` if that is more */
  maxReconnectInterval?: number;
  /** Attempts in a row before the state becomes `failed`. `Infinity` never gives up, 0 never reconnects. @default 5 */
  maxReconnectAttempts?: number;
  /** How long a connection must stay open before its attempts are forgiven; 0 forgives at once. @default 5000 */
  stableAfter?: number;
  /** How long one attempt may take, a `url` function included; 0 waits as long as the runtime does. @default 10000 */
  connectTimeout?: number;
  /** Time between two `{"type":"heartbeat"}` messages; 0 sends none. @default 30000 */
  heartbeatInterval?: number;
  /**
   * When above 0 the heartbeat carries an `id`, and if its answer takes longer than this the connection
   * counts as dead: it is closed with 4203 and made again. The answer is not passed to listeners. @default 0
   */
  heartbeatTimeout?: number;
  /** Messages kept while there is no connection; `send()` refuses those beyond. `Infinity` allowed. @default 100 */
  bufferSize?: number;
  /**
   * Frames to send first on every connect and reconnect, before anything that waited: the place for
   * `subscribe_channel` frames.
   */
  firstFrames?: () => readonly unknown[];
  /** Asked for a new URL when the server wants new credentials (close codes 43xx). */
  refresh?: () => string | URL | Promise<string | URL>;
  /** WebSocket subprotocols, for example `'hauyna.v1.json'`. @default none */
  protocols?: string | string[];
  /** WebSocket class. @default `globalThis.WebSocket` */
  WebSocket?: WebSocketConstructor;
  /** Told of listeners that fail. @default `console` */
  logger?: ClientLogger;
  /** Source of time, for tests. @default the runtime's timers */
  clock?: Clock;
  /** Source of jitter, a number in [0, 1), for tests. @default `Math.random` */
  random?: () => number;
}

type Optional = 'firstFrames' | 'refresh' | 'protocols';

/** Options with every default filled in. */
export type ResolvedClientOptions = Required<Omit<WebSocketClientOptions, Optional>> &
  Pick<WebSocketClientOptions, Optional>;

/** Longest time a timer of JavaScript can wait; beyond, it would fire at once. */
const LONGEST_TIMER = 2_147_483_647;
const TIMES = [
  'reconnectInterval',
  'maxReconnectInterval',
  'stableAfter',
  'connectTimeout',
  'heartbeatInterval',
  'heartbeatTimeout',
] as const;
const COUNTS = ['maxReconnectAttempts', 'bufferSize'] as const;
const FUNCTIONS = ['firstFrames', 'refresh', 'WebSocket', 'random'] as const;

/**
 * Fills in the defaults; `undefined` counts as not given.
 *
 * @throws TypeError naming every option that cannot be used
 */
export function resolveClientOptions(given: WebSocketClientOptions): ResolvedClientOptions {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError('new WebSocketClient(url, options): options must be an object.');
  }
  const { reconnectInterval = 1000 } = given;
  const options: ResolvedClientOptions = {
    ...given,
    reconnectInterval,
    maxReconnectInterval: given.maxReconnectInterval ?? Math.max(30_000, reconnectInterval),
    maxReconnectAttempts: given.maxReconnectAttempts ?? 5,
    stableAfter: given.stableAfter ?? 5000,
    connectTimeout: given.connectTimeout ?? 10_000,
    heartbeatInterval: given.heartbeatInterval ?? 30_000,
    heartbeatTimeout: given.heartbeatTimeout ?? 0,
    bufferSize: given.bufferSize ?? 100,
    WebSocket: given.WebSocket ?? globalWebSocket(),
    logger: given.logger ?? CONSOLE_LOGGER,
    clock: given.clock ?? new KeepAliveClock(),
    random: given.random ?? Math.random,
  };
  const problems = optionProblems(options);
  if (problems.length > 0) throw new TypeError(`new WebSocketClient(url, options): ${problems.join('; ')}.`);
  return options;
}

function optionProblems(options: ResolvedClientOptions): string[] {
  const problems: string[] = [];
  for (const name of TIMES) {
    const value = options[name];
    if (typeof value !== 'number' || !(value >= 0 && value <= LONGEST_TIMER)) {
      problems.push(`${name} must be a number of ms from 0 to ${LONGEST_TIMER}`);
    }
  }
  for (const name of COUNTS) {
    const value = options[name];
    if (value !== Infinity && !(Number.isInteger(value) && value >= 0)) {
      problems.push(`${name} must be a whole number from 0, or Infinity`);
    }
  }
  for (const name of FUNCTIONS) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'function') problems.push(`${name} must be a function`);
  }
  if (typeof options.logger?.error !== 'function') problems.push('logger must have a function "error"');
  if (typeof options.clock?.after !== 'function') problems.push('clock must be a Clock');
  if (options.maxReconnectInterval < options.reconnectInterval) {
    problems.push('maxReconnectInterval must not be less than reconnectInterval');
  }
  if (options.heartbeatTimeout > 0 && options.heartbeatInterval === 0) {
    problems.push('heartbeatTimeout needs a heartbeatInterval above 0');
  }
  return problems;
}

function globalWebSocket(): WebSocketConstructor {
  const found = (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (found !== undefined) return found;
  throw new TypeError(
    'new WebSocketClient(url, options): this runtime has no WebSocket (Node before 22 has none). ' +
      "Pass one: import { WebSocket } from 'ws' and new WebSocketClient(url, { WebSocket }).",
  );
}
