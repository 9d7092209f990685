import type { Socket } from 'node:net';
import { FrameSplitter } from './frame-splitter.js';

/** What is wrong with the way to a user. */
export interface Faults {
  /** Everything the server sends comes later by this much, ms. */
  delay: number;
  /** So many of a hundred publications never arrive. */
  loss: number;
}

/** How a text frame says that it is a publication. */
const PUBLICATION = '{"type":"publication"';

/** One socket of one user, whose writes can be lost, late or held back. Fault injection: only for the playground. */
export class FaultyLine {
  private readonly splitter = new FrameSplitter();
  private readonly write: (bytes: Buffer) => void;
  /** The answer to the upgrade is no frame. */
  private upgraded = false;
  /** What waits for its time, oldest first. */
  private waiting: { bytes: Buffer; due: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private frozenUntil = 0;

  constructor(
    readonly socket: Socket,
    private readonly faults: () => Faults,
  ) {
    const write = socket.write.bind(socket);
    this.write = (bytes) => {
      if (socket.writable) write(bytes);
    };
    socket.write = ((bytes: Buffer | string, encoding?: unknown, done?: unknown) => {
      const called = typeof encoding === 'function' ? encoding : done;
      const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      // Nothing is lost, late or held: as if this were not here.
      if (!this.takes(buffer)) return write(bytes, encoding as BufferEncoding, done as () => void);
      if (typeof called === 'function') process.nextTick(called as () => void);
      return true;
    }) as typeof socket.write;
    socket.once('close', () => clearTimeout(this.timer));
  }

  /** Nothing comes and nothing goes; what has been held back goes on its way afterwards, if there still is one. */
  freeze(ms: number): void {
    this.frozenUntil = Date.now() + ms;
    this.socket.pause();
    setTimeout(() => this.socket.resume(), ms).unref();
  }

  /** @returns whether these bytes are dealt with here */
  private takes(bytes: Buffer): boolean {
    if (!this.upgraded) {
      this.upgraded = true;
      return false;
    }
    const { delay, loss } = this.faults();
    const frames = this.splitter.push(bytes);
    const due = Math.max(Date.now() + delay, this.frozenUntil, this.waiting.at(-1)?.due ?? 0);
    const isFine = loss === 0 && delay === 0 && this.waiting.length === 0 && due <= Date.now();
    // The pieces of a frame are written in one turn, so it is let through as a whole or not at all.
    if (isFine) return false;
    const kept = frames.filter((frame) => !(isPublication(frame) && Math.random() * 100 < loss));
    this.waiting.push(...kept.map((frame) => ({ bytes: frame, due })));
    this.send();
    return true;
  }

  private send(): void {
    clearTimeout(this.timer);
    const now = Date.now();
    while (this.waiting[0] !== undefined && this.waiting[0].due <= now) {
      this.write((this.waiting.shift() as { bytes: Buffer }).bytes);
    }
    const [next] = this.waiting;
    if (next !== undefined) this.timer = setTimeout(() => this.send(), next.due - now);
  }
}

function isPublication(frame: Buffer): boolean {
  return frame.subarray(0, 64).includes(PUBLICATION);
}
