import { Clock, type Timer } from '../protocol/clock.js';

interface ManualTimer {
  due: number;
  /** ms between two calls, `null` for a timer that runs once. */
  every: number | null;
  fn: () => void;
}

/**
 * Time that only moves when told to. Nothing waits, so tests of heartbeats, delays and lifetimes run at once
 * and always the same way.
 *
 * ```ts
 * const clock = new ManualClock();
 * const app = await createTestApp({ module: AppModule, clock });
 * clock.advance(30_000);
 * ```
 *
 * Sockets do not follow the clock: an answer of a client can only arrive between two calls of `advance`. Moving it by
 * `heartbeat.timeout` or more at once closes every client (4203): move in steps with `await client.ping()` between them,
 * or set `heartbeat: false`.
 */
export class ManualClock extends Clock {
  private readonly timers = new Set<ManualTimer>();
  private time: number;

  /** @param start ms since the Unix epoch. @default 2024-01-01T00:00:00Z */
  constructor(start: number = Date.UTC(2024, 0, 1)) {
    super();
    this.time = start;
  }

  /** Timers that are set and neither cleared nor through. 0 after `close()` proves that nothing was left behind. */
  get pending(): number {
    return this.timers.size;
  }

  now(): number {
    return this.time;
  }

  after(ms: number, fn: () => void): Timer {
    return this.add({ due: this.time + Math.max(0, ms), every: null, fn });
  }

  every(ms: number, fn: () => void): Timer {
    // Like the real one: an interval of 0 would never let `advance` come to an end.
    const every = Math.max(1, ms);
    return this.add({ due: this.time + every, every, fn });
  }

  clear(timer: Timer | undefined): void {
    if (timer !== undefined) this.timers.delete(timer as unknown as ManualTimer);
  }

  /**
   * Moves time on and runs what becomes due on the way: in order of time, of equal times in the order in which
   * they were set, each at its own `now()`. Timers that are set meanwhile take part.
   *
   * @param ms 0 or more; 0 runs what is due now
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`Time cannot be advanced by ${String(ms)} ms.`);
    const end = this.time + ms;
    for (let timer = this.next(end); timer !== undefined; timer = this.next(end)) {
      this.time = Math.max(this.time, timer.due);
      if (timer.every === null) this.timers.delete(timer);
      else this.postpone(timer, timer.every);
      timer.fn();
    }
    this.time = end;
  }

  private add(timer: ManualTimer): Timer {
    this.timers.add(timer);
    return timer as unknown as Timer;
  }

  /** Behind those that were set for the same moment earlier. */
  private postpone(timer: ManualTimer, every: number): void {
    timer.due += every;
    this.timers.delete(timer);
    this.timers.add(timer);
  }

  private next(end: number): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of this.timers) {
      if (timer.due <= end && (first === undefined || timer.due < first.due)) first = timer;
    }
    return first;
  }
}
