/** Handles one message; a promise holds back the next one. Must not reject. */
export type InboxHandler<T> = (message: T) => void | Promise<void>;

export interface InboxFlow {
  /** Stops reading from the socket. */
  pause(): void;
  resume(): void;
}

/**
 * The messages of one connection, handled one after the other in the order in which they came. While it is
 * full the socket is not read, so a client that sends faster than it is served fills its own buffers.
 */
export class Inbox<T> {
  private queue: T[] = [];
  private held = true;
  private busy = false;
  private paused = false;
  private closed = false;
  private waiting: (() => void)[] = [];

  /** Messages are held back until {@link release}. */
  constructor(
    private readonly limit: number,
    private readonly handle: InboxHandler<T>,
    private readonly flow: InboxFlow,
  ) {}

  /** Takes a message. */
  push(message: T): void {
    if (this.closed) return;
    if (!this.held && !this.busy && this.queue.length === 0) {
      this.start(message);
      return;
    }
    this.queue.push(message);
    if (!this.paused && this.queue.length >= this.limit) {
      this.paused = true;
      this.flow.pause();
    }
  }

  /** Lets the messages flow. */
  release(): void {
    if (!this.held) return;
    this.held = false;
    this.next();
  }

  /** Takes and starts nothing more; what is being handled goes on. */
  close(): void {
    this.closed = true;
    this.queue = [];
    if (!this.busy) this.settle();
  }

  /** Resolves when nothing is being handled and, unless the inbox was closed, nothing is waiting. */
  async idle(): Promise<void> {
    if (!this.busy && this.queue.length === 0) return;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private start(message: T): void {
    this.busy = true;
    const result = this.handle(message);
    if (result === undefined) {
      this.busy = false;
      return;
    }
    void result.then(
      () => this.finish(),
      () => this.finish(),
    );
  }

  private finish(): void {
    this.busy = false;
    this.next();
  }

  private next(): void {
    while (!this.busy && !this.held && this.queue.length > 0) {
      this.start(this.queue.shift() as T);
    }
    if (this.paused && this.queue.length <= this.limit / 2) {
      this.paused = false;
      this.flow.resume();
    }
    if (!this.busy && this.queue.length === 0) this.settle();
  }

  private settle(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
