/** How a client comes back. Times in milliseconds. */
export interface RetryPolicy {
  /** Attempts before giving up. `Infinity` is allowed. @default 5 */
  maxAttempts: number;
  /** First delay in ms. @default 1000 */
  baseDelay: number;
  /** Longest delay in ms. @default 30000 */
  maxDelay: number;
  /** Growth from one attempt to the next. @default 2 */
  multiplier: number;
  /** Share of the delay that is random, 0 to 1; 1 is full jitter. @default 0.1 */
  jitter: number;
}

export const DEFAULT_RETRY_POLICY: Readonly<RetryPolicy> = Object.freeze({
  maxAttempts: 5,
  baseDelay: 1000,
  maxDelay: 30_000,
  multiplier: 2,
  jitter: 0.1,
});

/**
 * The wait before an attempt.
 *
 * @param attempt counts from 0
 * @param random a number in [0, 1)
 * @returns milliseconds, between 0 and `maxDelay`; with jitter `j` the result lies in
 * `[(1 - j) × d, d]` where `d = min(maxDelay, baseDelay × multiplier ^ attempt)`.
 */
export function retryDelay(policy: RetryPolicy, attempt: number, random: number): number {
  const full = Math.min(policy.maxDelay, policy.baseDelay * policy.multiplier ** attempt);
  return Math.round(full * (1 - policy.jitter * random));
}
