import { describe, expect, it } from 'vitest';
import { FaultBudget, TokenBucket } from '../../../lib/router/token-bucket.js';

describe('TokenBucket', () => {
  it('gives `burst` at once, then says how long to wait', () => {
    const bucket = new TokenBucket(2, 3, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0]);
    expect(bucket.take(0)).toBe(500);
    expect(bucket.take(250)).toBe(250);
    expect(bucket.take(500)).toBe(0);
    expect(bucket.take(500)).toBe(500);
  });

  it('never saves up more than `burst`', () => {
    const bucket = new TokenBucket(10, 2, 0);
    expect([1e9, 1e9, 1e9].map((now) => bucket.take(now) > 0)).toEqual([false, false, true]);
  });

  it('is not upset by a clock that goes back', () => {
    const bucket = new TokenBucket(1, 1, 1000);
    expect(bucket.take(1000)).toBe(0);
    expect(bucket.take(0)).toBe(1000);
    expect(bucket.take(1000)).toBe(0);
  });

  it('a rate of Infinity never refuses; a refusal costs nothing', () => {
    const free = new TokenBucket(Infinity, 1, 0);
    for (let n = 0; n < 1000; n++) expect(free.take(0)).toBe(0);
    const bucket = new TokenBucket(1, 1, 0);
    bucket.take(0);
    for (let n = 0; n < 100; n++) bucket.take(500);
    expect(bucket.take(1000)).toBe(0);
  });

  it('allows the average rate over a long time', () => {
    const bucket = new TokenBucket(50, 100, 0);
    let allowed = 0;
    for (let now = 0; now <= 10_000; now++) if (bucket.take(now) === 0) allowed++;
    expect(allowed).toBe(100 + 500);
  });
});

describe('FaultBudget', () => {
  it('is spent by one more than allowed in a minute', () => {
    const budget = new FaultBudget(2, 0);
    expect([budget.spend(0), budget.spend(10), budget.spend(59_999)]).toEqual([false, false, true]);
  });

  it('begins anew after a minute', () => {
    const budget = new FaultBudget(1, 0);
    expect(budget.spend(0)).toBe(false);
    expect(budget.spend(60_000)).toBe(false);
    expect(budget.spend(60_001)).toBe(true);
  });
});
