import type { RetryPolicy } from '../protocol/retry-policy.js';

export interface ReconnectOptions extends Partial<RetryPolicy> {
  /** Shortest wait, ms. @default 100 */
  minDelay?: number;
}

/** For ever, and spread so that ten thousand clients do not come back as one. */
export const RECONNECT: RetryPolicy = {
  maxAttempts: Infinity,
  baseDelay: 1000,
  maxDelay: 10_000,
  multiplier: 2,
  jitter: 1,
};

/** First ceiling of the wait after a code that says "come back soon", ms. */
const SOON = 1000;

/**
 * The wait before an attempt.
 *
 * @param attempts how many there have been in a row
 * @param random a number in [0, 1)
 * @param soon whether the server has asked to come back soon
 * @returns ms, or `null` for not at all
 */
export function reconnectDelay(
  options: ReconnectOptions | undefined,
  attempts: number,
  random: number,
  soon = false,
): number | null {
  const policy = { ...RECONNECT, ...options };
  // JSON has no Infinity: a server without a limit says `null`.
  if (attempts >= (policy.maxAttempts ?? Infinity)) return null;
  if (soon) policy.baseDelay = Math.min(SOON, policy.baseDelay);
  const full = Math.min(policy.maxDelay, policy.baseDelay * policy.multiplier ** Math.min(attempts, 40));
  // As `retryDelay` of the protocol, which would bring its defaults along.
  return Math.max(policy.minDelay ?? 100, Math.round(full * (1 - policy.jitter * random)));
}
