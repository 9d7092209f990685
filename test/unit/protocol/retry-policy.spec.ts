import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRY_POLICY, retryDelay } from '../../../lib/protocol/retry-policy.js';

describe('retryDelay', () => {
  it('doubles from a second up to thirty by default', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6].map((attempt) => retryDelay(DEFAULT_RETRY_POLICY, attempt, 0));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('stays within its bounds, for any attempt', () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random, jitter) => {
          const full = retryDelay(DEFAULT_RETRY_POLICY, attempt, 0);
          const delay = retryDelay({ ...DEFAULT_RETRY_POLICY, jitter }, attempt, random);
          expect(delay).toBeLessThanOrEqual(full);
          expect(delay).toBeGreaterThanOrEqual(Math.floor(full * (1 - jitter)));
        },
      ),
    );
  });
});
