import type { FlushScheduler } from './flush-scheduler.js';
import type { Flushable, SharedJoin } from './shared-join.js';
import type { Transport } from './transport.js';

export interface OutboxLimits {
  outboxBytes: number;
  outboxMessages: number;
}

/**
 * What waits to be sent to one connection: written at the end of the turn, held while the socket is full,
 * bounded in bytes and messages. A receiver that cannot keep up gets nothing more.
 */
export class Outbox implements Flushable {
  private frames: Buffer[] = NONE;
  private bytes = 0;
  private queued = false;
  private closed = false;
  private overflown = false;
  /** Size of the one frame under way that is larger than all that may wait. */
  private oversize = 0;

  constructor(
    private readonly transport: Transport,
    private readonly scheduler: FlushScheduler,
    private readonly limits: OutboxLimits,
  ) {}

  /** Whether more has been waiting than may wait; nothing is taken any more then. */
  get hasOverflown(): boolean {
    return this.overflown;
  }

  /** Bytes waiting here and in the socket. */
  get bufferedAmount(): number {
    return this.bytes + this.transport.bufferedAmount;
  }

  /** @returns whether the frame was taken; `false` once the outbox is closed or has overflown */
  push(frame: Buffer): boolean {
    if (this.closed) return false;
    this.makeRoom(frame);
    // Most turns bring one frame, and an array that was made by pushing has room for many.
    if (this.frames.length === 0) this.frames = [frame];
    else this.frames.push(frame);
    this.bytes += frame.length;
    if (this.isOver()) {
      // A burst of one turn is no slow receiver: see what the socket takes before giving up on it.
      this.flush();
      if (this.isOver()) {
        this.close();
        this.overflown = true;
        return false;
      }
    }
    if (!this.queued && this.frames.length > 0) {
      this.queued = true;
      this.scheduler.add(this);
    }
    return true;
  }

  /**
   * Writes what is waiting, unless the socket is full; then it is written when the socket has drained.
   *
   * @param shared what the previous receiver of this turn was given
   * @returns what the next receiver may reuse
   */
  flush(shared?: SharedJoin): SharedJoin | undefined {
    this.queued = false;
    const frames = this.frames;
    if (frames.length === 0) return shared;
    if (this.transport.blocked) {
      this.transport.onDrain ??= () => this.flush();
      return shared;
    }
    this.frames = NONE;
    this.bytes = 0;
    if (frames.length === 1) {
      this.transport.write(frames[0] as Buffer);
      return shared;
    }
    const join = shared !== undefined && sameFrames(shared.frames, frames) ? shared : joinFrames(frames);
    this.transport.write(join.joined);
    return join;
  }

  /** Drops what is waiting and takes nothing more. */
  close(): void {
    this.closed = true;
    this.frames = NONE;
    this.bytes = 0;
  }

  /**
   * Who is asked for something large, such as everybody in a full channel, is not slow: one frame above the limit may wait
   * at a time, if the receiver had kept up before it.
   */
  private makeRoom({ length }: Buffer): void {
    const { outboxBytes } = this.limits;
    if (length <= outboxBytes && this.oversize === 0) return;
    if (this.bufferedAmount <= outboxBytes) this.oversize = length > outboxBytes ? length : 0;
  }

  private isOver(): boolean {
    const { outboxMessages, outboxBytes } = this.limits;
    return this.frames.length > outboxMessages || this.bufferedAmount > outboxBytes + this.oversize;
  }
}

/** What waits at nobody's; never pushed to. */
const NONE: Buffer[] = [];

function joinFrames(frames: readonly Buffer[]): SharedJoin {
  return { frames, joined: Buffer.concat(frames) };
}

function sameFrames(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
