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
  private stopped = false;
  /** Whether the socket has to be read, however full it is here. */
  private listening = false;
  private waiting: (() => void)[] = [];
  /** Called when a message has been handled; one function for all of them, made for the first. */
  private finish: (() => void) | undefined;

  /** Messages are held back until {@link release}. */
  constructor(
    private readonly limit: number,
    private readonly handle: InboxHandler<T>,
    private readonly flow: InboxFlow,
  ) {}

  /** Takes a message. @returns whether there was room; there always is, unless the socket must be read */
  push(message: T): boolean {
    if (this.closed || this.stopped) return true;
    if (!this.held && !this.busy && this.queue.length === 0) {
      this.start(message);
      return true;
    }
    if (this.listening && this.queue.length >= this.limit) return false;
    this.queue.push(message);
    this.regulate();
    return true;
  }

  /**
   * While the server waits for an answer of the client, the socket is read even when this is full: the message that is being
   * handled may be what waits.
   */
  listen(listening: boolean): void {
    this.listening = listening;
    this.regulate();
  }

  /** Takes nothing more; what is here already is handled. */
  stop(): void {
    this.stopped = true;
  }

  /** Lets the messages flow. */
  release(): void {
    if (!this.held) return;
    this.held = false;
    this.next();
  }

  /** Takes and starts nothing more. What is being handled goes on, but nobody is there to wait for it any more. */
  close(): void {
    this.closed = true;
    this.queue = [];
    this.settle();
  }

  /** Resolves when nothing is being handled and nothing is waiting, or the inbox has been closed. */
  async idle(): Promise<void> {
    if (this.closed || (!this.busy && this.queue.length === 0)) return;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private start(message: T): void {
    this.busy = true;
    const result = this.handle(message);
    if (result === undefined) {
      this.busy = false;
      return;
    }
    this.finish ??= () => {
      this.busy = false;
      this.next();
    };
    void result.then(this.finish, this.finish);
  }

  private next(): void {
    while (!this.busy && !this.held && this.queue.length > 0) {
      this.start(this.queue.shift() as T);
    }
    this.regulate();
    if (!this.busy && this.queue.length === 0) this.settle();
  }

  private regulate(): void {
    const { length } = this.queue;
    if (this.paused && (this.listening || length <= this.limit / 2)) {
      this.paused = false;
      this.flow.resume();
    } else if (!this.paused && !this.listening && length >= this.limit) {
      this.paused = true;
      this.flow.pause();
    }
  }

  private settle(): void {
    if (this.waiting.length === 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
