import type { CloseAction } from '../../protocol/close-codes.js';
import { retryDelay } from '../../protocol/retry-policy.js';

/** No attempt comes sooner than this, in ms: a crowd of clients must not hammer a server that is coming up. */
export const MIN_RECONNECT_DELAY = 100;
/** First ceiling of the wait, in ms, after a close code that says "come back soon". */
export const SOON_INTERVAL = 500;
/** 2 ^ 40 is beyond every ceiling; larger powers only risk `Infinity`. */
const LARGEST_EXPONENT = 40;

/** The two ends of the wait between attempts, in ms. */
export interface BackoffOptions {
  reconnectInterval: number;
  maxReconnectInterval: number;
}

/**
 * The wait before a reconnect attempt: exponential with full jitter. Anything between
 * {@link MIN_RECONNECT_DELAY} and `min(maxReconnectInterval, reconnectInterval × 2 ^ (attempt - 1))`.
 * After a "soon" code the first ceiling is at most {@link SOON_INTERVAL}; if that does not help it grows
 * like any other.
 *
 * @param attempt counts from 1
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function reconnectDelay(
  options: BackoffOptions,
  action: CloseAction,
  attempt: number,
  random: number,
): number {
  const { reconnectInterval, maxReconnectInterval } = options;
  const baseDelay = action === 'soon' ? Math.min(SOON_INTERVAL, reconnectInterval) : reconnectInterval;
  const policy = {
    maxAttempts: Infinity,
    baseDelay,
    maxDelay: maxReconnectInterval,
    multiplier: 2,
    jitter: 1,
  };
  const exponent = Math.min(attempt - 1, LARGEST_EXPONENT);
  return Math.max(MIN_RECONNECT_DELAY, retryDelay(policy, exponent, random));
}
