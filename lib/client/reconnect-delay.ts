import type { RetryPolicy } from '../protocol/retry-policy.js';

export interface ReconnectOptions extends Partial<RetryPolicy> {
  /** Shortest wait, ms. @default 100 */
  minDelay?: number;
}

/** For ever, and spread so that ten thousand clients do not come back as one. */
export const RECONNECT = { baseDelay: 1000, maxDelay: 10_000, multiplier: 2, jitter: 1, minDelay: 100 };

/**
 * The wait before an attempt.
 *
 * @param attempts how many there have been in a row
 * @param random a number in [0, 1)
 * @returns ms, or `null` for not at all
 */
export function reconnectDelay(
  options: ReconnectOptions | undefined,
  attempts: number,
  random: number,
): number | null {
  const policy: ReconnectOptions & typeof RECONNECT = { ...RECONNECT, ...options };
  // JSON has no Infinity: a server without a limit says `null`.
  if (attempts >= (policy.maxAttempts ?? Infinity)) return null;
  const full = Math.min(policy.maxDelay, policy.baseDelay * policy.multiplier ** Math.min(attempts, 40));
  // As `retryDelay` of the protocol, which would bring its defaults along.
  return Math.max(policy.minDelay, Math.round(full * (1 - policy.jitter * random)));
}
