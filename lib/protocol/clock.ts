/** An opaque timer; give it back to {@link Clock.clear}. */
export type Timer = { readonly __timer: unique symbol };

/**
 * Time, as the library sees it. Everything that waits or measures asks a clock, so tests can move time
 * by hand and an application can prove that every timer is cleared.
 */
export abstract class Clock {
  /** Milliseconds since the Unix epoch. */
  abstract now(): number;
  /** Calls `fn` once after `ms` milliseconds. The timer does not keep a Node process alive. */
  abstract after(ms: number, fn: () => void): Timer;
  /** Calls `fn` every `ms` milliseconds. The timer does not keep a Node process alive. */
  abstract every(ms: number, fn: () => void): Timer;
  /** Stops a timer; harmless when it has already run. */
  abstract clear(timer: Timer | undefined): void;
}

/** The real clock of the runtime (browser or Node). */
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  after(ms: number, fn: () => void): Timer {
    return detach(setTimeout(fn, ms));
  }

  every(ms: number, fn: () => void): Timer {
    return detach(setInterval(fn, ms));
  }

  clear(timer: Timer | undefined): void {
    if (timer !== undefined) clearTimeout(timer as unknown as ReturnType<typeof setTimeout>);
  }
}

function detach(handle: unknown): Timer {
  // Browsers hand out numbers; only Node's timers can let the process end.
  const node = handle as { unref?: () => void };
  if (typeof node === 'object' && typeof node.unref === 'function') node.unref();
  return handle as Timer;
}
