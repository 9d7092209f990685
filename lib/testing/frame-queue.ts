import { describeMatcher, matchesFrame, type Frame, type FrameMatcher } from './frame-matcher.js';

interface Waiter {
  matcher: FrameMatcher | undefined;
  resolve: (frame: Frame) => void;
  reject: (error: Error) => void;
}

/** Frames shown by a failed wait at most, and characters of each. */
const SHOWN = 20;
const SHOWN_LENGTH = 300;

/** Keeps what was received until somebody asks for it, so nothing is lost between two waits. */
export class FrameQueue {
  /** Not yet taken, oldest first. */
  readonly frames: unknown[] = [];
  /** All there ever were, oldest first. */
  readonly received: unknown[] = [];
  private readonly waiters = new Set<Waiter>();
  private ended: string | undefined;

  push(frame: unknown): void {
    this.received.push(frame);
    for (const waiter of this.waiters) {
      if (!matchesFrame(frame, waiter.matcher)) continue;
      waiter.resolve(frame as Frame);
      return;
    }
    this.frames.push(frame);
  }

  /** Nothing more will come: all waits fail with this reason. */
  end(reason: string): void {
    this.ended = reason;
    for (const { reject, matcher } of this.waiters) reject(this.failure(matcher, reason));
  }

  /** Whether a frame that matches is waiting. */
  has(matcher: FrameMatcher | undefined): boolean {
    return this.find(matcher) !== -1;
  }

  /** Takes the first frame that matches as soon as it is there. @param timeout ms */
  next(matcher: FrameMatcher | undefined, timeout: number): Promise<Frame> {
    const index = this.find(matcher);
    if (index !== -1) return Promise.resolve(this.frames.splice(index, 1)[0] as Frame);
    if (this.ended !== undefined) return Promise.reject(this.failure(matcher, this.ended));
    return new Promise<Frame>((resolve, reject) => {
      const settle = <T>(done: (value: T) => void) => {
        return (value: T): void => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          done(value);
        };
      };
      const waiter: Waiter = { matcher, resolve: settle(resolve), reject: settle(reject) };
      const timer = setTimeout(
        () => waiter.reject(this.failure(matcher, `not within ${timeout} ms`)),
        timeout,
      );
      this.waiters.add(waiter);
    });
  }

  /** What a reader of a failed test needs to see. */
  describe(): string {
    if (this.frames.length === 0) {
      return this.received.length === 0 ? 'Nothing was received.' : 'All that was received has been taken.';
    }
    const lines = this.frames
      .slice(-SHOWN)
      .map((frame) => `  ${JSON.stringify(frame).slice(0, SHOWN_LENGTH)}`);
    return `Received and not taken (${this.frames.length}):\n${lines.join('\n')}`;
  }

  private find(matcher: FrameMatcher | undefined): number {
    return this.frames.findIndex((frame) => matchesFrame(frame, matcher));
  }

  private failure(matcher: FrameMatcher | undefined, reason: string): Error {
    return new Error(
      `Expected ${describeMatcher(matcher)}, but it did not come: ${reason}. ${this.describe()}`,
    );
  }
}
