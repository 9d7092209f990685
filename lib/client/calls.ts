import type { ErrorFrame } from '../protocol/server-frames.js';
import { fromFrame, HauynaClientError } from './client-error.js';
import type { Link } from './link.js';
import type { ClientClock, ClientOptions } from './options.js';

export interface CallOptions {
  /** Longest wait for the answer, ms, time without a connection included. @default the client's `timeout` */
  timeout?: number | undefined;
  /** Gives up waiting; what has been sent may still be carried out. */
  signal?: AbortSignal | undefined;
}

/** How a call behaves when there is no connection. */
export interface CallMode {
  /** Now or never: it neither waits for a connection nor outlives the one it was sent on. */
  volatile?: boolean | undefined;
  /** Can be sent again in another session, because carrying it out twice does no harm. */
  repeatable?: boolean | undefined;
}

interface Call extends CallMode {
  /** The frame as it goes out; `undefined` for a wait that sends nothing. */
  text?: string;
  /** What is waited for, if nothing is sent. */
  about?: object;
  /** Number of the connection it was sent on; 0 for not at all. */
  sentOn: number;
  resolve(data?: unknown): void;
  reject(error: unknown): void;
}

/** Everything that is waited for: who waits for which answer, what waits for a connection, what is sent again after a loss. */
export class Calls {
  readonly #calls = new Map<unknown, Call>();
  #count = 0;
  #connection = 1;
  #keys = 0;
  // Not of `random`: keys of two clients of one user must differ, whatever a test makes of the jitter.
  readonly #key = Math.random().toString(36).slice(2);

  declare readonly options: ClientOptions;
  declare readonly clock: ClientClock;
  declare readonly link: Pick<Link, 'open' | 'encode' | 'write' | 'state'>;

  constructor(options: ClientOptions, clock: ClientClock, link: Calls['link']) {
    Object.assign(this, { options, clock, link });
  }

  /** A name for a publication that nobody else uses. */
  newKey(): string {
    return `${this.#key}-${++this.#keys}`;
  }

  /** Sends a frame, or keeps it until there is a connection. @returns the `data` of the answer */
  call(type: string, fields: object, options?: CallOptions, mode?: CallMode): Promise<unknown> {
    return this.#add(type, options, (call, id) => {
      // As it is now: what the application does with its data later changes nothing.
      Object.assign(call, mode, { text: this.link.encode({ ...fields, type, id }) });
      this.link.open();
      if (!this.#write(call)) this.#keep(call);
    });
  }

  /**
   * Waits until `settle(about)`. How it ends is told by an event, too: whoever does not look at the promise need not catch
   * anything.
   *
   * @param begin called unless the signal has aborted already
   */
  wait(about: object, type: string, options: CallOptions, begin: () => void): Promise<void> {
    const waiting = this.#add(type, options, (call) => {
      call.about = about;
      begin();
    }) as Promise<void>;
    waiting.catch(() => undefined);
    return waiting;
  }

  /** Ends every wait for this, well or with an error. */
  settle(about: object, error?: HauynaClientError): void {
    this.#each((call) => {
      if (call.about !== about) return;
      if (error) call.reject(error);
      else call.resolve();
    });
  }

  /** Takes an answer. @returns whether the frame was one that is waited for */
  answer(frame: Record<string, unknown>): boolean {
    const call = this.#calls.get(frame['id']);
    if (frame['type'] === 'ack') call?.resolve(frame['data']);
    else if (call && frame['type'] === 'error') call.reject(fromFrame(frame as unknown as ErrorFrame));
    else return false;
    return true;
  }

  /** The connection is lost; what is called from now on goes out on another. */
  lost(): void {
    this.#connection++;
    this.#each((call) => call.volatile && call.sentOn && call.reject(unknownOutcome()));
  }

  /**
   * Sends what waits and what was not answered, in the order in which it was called.
   *
   * @param resumed whether the server still knows what was sent before
   */
  resend(resumed: boolean | undefined): void {
    this.#each((call) => {
      const { sentOn } = call;
      if (sentOn === this.#connection) return;
      if (sentOn && !resumed && !call.repeatable) call.reject(unknownOutcome());
      else this.#write(call);
    });
  }

  /** There will be no connection any more. */
  end(error: HauynaClientError): void {
    this.#each((call) => call.reject(error));
  }

  #add(
    type: string,
    { timeout = this.options.timeout ?? 10_000, signal }: CallOptions = {},
    begin: (call: Call, id: number) => void,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const abort = (): void => call.reject(new HauynaClientError('aborted', `"${type}" was aborted.`));
      const id = ++this.#count;
      const settling =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          this.#calls.delete(id);
          this.clock.clear(timer);
          signal?.removeEventListener('abort', abort);
          settle(value);
        };
      const call: Call = { sentOn: 0, resolve: settling(resolve), reject: settling(reject) };
      const timer = this.clock.after(timeout, () =>
        call.reject(
          new HauynaClientError('timeout', `"${type}" was not answered within ${timeout} ms.`, true),
        ),
      );
      signal?.addEventListener('abort', abort);
      this.#calls.set(id, call);
      try {
        if (signal?.aborted) abort();
        else begin(call, id);
      } catch (error) {
        call.reject(error);
      }
    });
  }

  /** No connection: wait for one, if there is room. */
  #keep(call: Call): void {
    const { buffer = {} } = this.options;
    if (call.volatile || !buffer) {
      call.reject(new HauynaClientError('closed', 'There is no connection.', true));
      return;
    }
    const waiting = [...this.#calls.values()].filter(({ text, sentOn }) => text && !sentOn);
    if (waiting.length <= (buffer.max ?? 256)) return;
    const victim = buffer.overflow === 'drop-oldest' ? (waiting[0] as Call) : call;
    victim.reject(new HauynaClientError('buffer_full', 'Too many calls wait for a connection.', true));
  }

  #write(call: Call): boolean {
    if (!call.text || !this.link.write(call.text)) return false;
    call.sentOn = this.#connection;
    return true;
  }

  #each(visit: (call: Call) => unknown): void {
    // A copy: who hears that a call is over may make another one.
    for (const call of [...this.#calls.values()]) visit(call);
  }
}

function unknownOutcome(): HauynaClientError {
  return new HauynaClientError('closed', 'The connection was lost; this may have been carried out.', true);
}
