import type { Clock, Timer } from '../../protocol/clock.js';

/**
 * The real clock for clients. Unlike the server's its timers keep a Node process alive: a script that
 * waits for its next attempt has no socket, and must not end in silence meanwhile.
 */
export class KeepAliveClock implements Clock {
  now(): number {
    return Date.now();
  }

  after(ms: number, fn: () => void): Timer {
    return setTimeout(fn, ms) as unknown as Timer;
  }

  every(ms: number, fn: () => void): Timer {
    return setInterval(fn, ms) as unknown as Timer;
  }

  clear(timer: Timer | undefined): void {
    if (timer !== undefined) clearTimeout(timer as unknown as ReturnType<typeof setTimeout>);
  }
}
