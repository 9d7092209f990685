/** Allows `rate` events per second on average and `burst` at once. */
export class TokenBucket {
  private tokens: number;
  private updated: number;

  /** @param now ms */
  constructor(
    private readonly rate: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.updated = now;
  }

  /** @returns 0 when the event is allowed, else the ms until one would be */
  take(now: number): number {
    if (this.rate === Infinity) return 0;
    const passed = Math.max(0, now - this.updated) / 1000;
    this.updated = now;
    this.tokens = Math.min(this.burst, this.tokens + passed * this.rate);
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.tokens) / this.rate) * 1000);
  }
}

/** Counts faults in windows of a minute. */
export class FaultBudget {
  private count = 0;
  private windowStart: number;

  constructor(
    private readonly perMinute: number,
    now: number,
  ) {
    this.windowStart = now;
  }

  /** Notes a fault. @returns whether the budget is spent */
  spend(now: number): boolean {
    if (now - this.windowStart >= 60_000) {
      this.windowStart = now;
      this.count = 0;
    }
    this.count++;
    return this.count > this.perMinute;
  }
}
