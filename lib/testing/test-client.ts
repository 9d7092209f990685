import type { WebSocket } from 'ws';
import type { ErrorFrame, RequestId } from '../protocol/server-frames.js';
import { RequestError } from './client-errors.js';
import { describeMatcher, type Frame, type FrameMatcher } from './frame-matcher.js';
import { FrameQueue } from './frame-queue.js';

/** How a connection ended. */
export interface Closed {
  code: number;
  reason: string;
}

export interface ExpectNoneOptions {
  /** Clients whose messages must have been handled first, because they could have caused the frame. */
  after?: TestClient | readonly TestClient[];
}

/**
 * A WebSocket client for tests. Everything that arrives is kept in a queue until it is asked for, from the first
 * byte after the upgrade on. Made by `connectClient()` or `TestApp.connect()`.
 *
 * ```ts
 * const client = await app.connect('/chat?user_id=user1');
 * await client.request('subscribe_channel', { channel: 'room1' });
 * client.send({ type: 'channel_message', channel: 'room1', message: 'Hola' });
 * expect(await client.next()).toBe('Hola');
 * ```
 */
export class TestClient {
  /** Whether pings of the server are answered; `false` makes a client that looks dead. */
  autoPong = true;
  /** Pings of the server so far. */
  pings = 0;
  /** Resolves when the connection has ended, whoever ended it. Never rejects. */
  readonly closed: Promise<Closed>;
  private readonly queue = new FrameQueue();
  private requests = 0;
  private fences = 0;

  /** @param timeout longest wait for a frame unless said otherwise, ms */
  constructor(
    private readonly socket: WebSocket,
    private readonly timeout = 1000,
  ) {
    socket.on('message', (data, isBinary) =>
      this.queue.push(isBinary ? data : parse((data as Buffer).toString())),
    );
    socket.on('ping', (data) => this.onPing(data));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        const text = reason.toString();
        this.queue.end(`the connection was closed with ${code}${text === '' ? '' : ` "${text}"`}`);
        resolve({ code, reason: text });
      });
    });
  }

  /** What has arrived and has not been taken, oldest first. */
  get frames(): readonly unknown[] {
    return this.queue.frames;
  }

  /** All that ever arrived, oldest first. */
  get received(): readonly unknown[] {
    return this.queue.received;
  }

  /** The subprotocol the server chose; `''` for none. */
  get protocol(): string {
    return this.socket.protocol;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Sends a value as JSON. */
  send(value: unknown): void {
    this.socket.send(JSON.stringify(value));
  }

  /** Sends text, or a binary message, exactly as given. */
  sendRaw(data: string | Buffer): void {
    this.socket.send(data);
  }

  /**
   * Sends `{ ...body, type, id }` with an `id` of its own and waits for the answer. A body with fields of these names needs
   * {@link send} and {@link next}.
   *
   * @returns the `data` of the `ack`
   * @throws RequestError with the fields of the `error` frame
   */
  async request<T = Frame>(type: string, body: object = {}, timeout = this.timeout): Promise<T> {
    const id = `request-${++this.requests}`;
    this.send({ ...body, type, id });
    const answer = await this.answer(id, timeout);
    if (answer['type'] === 'error') throw new RequestError(answer as unknown as ErrorFrame);
    return answer['data'] as T;
  }

  /**
   * Takes the first frame that matches, now or as soon as it arrives; all others stay where they are.
   *
   * @param matcher a `type`, an object of fields, or a function. @default any frame
   * @param timeout ms
   * @throws Error that says what was received instead
   */
  async next<T = Frame>(matcher?: FrameMatcher, timeout = this.timeout): Promise<T> {
    return (await this.queue.next(matcher, timeout)) as T;
  }

  /**
   * Resolves when the server has handled everything this client sent before, and all that this client was sent
   * meanwhile has arrived. It asks a question that is always answered with an error and changes nothing; it waits
   * its turn behind the other messages, as a heartbeat would not, and counts as one message for the rate limit.
   */
  async fence(timeout = this.timeout): Promise<void> {
    const id = `fence-${++this.fences}`;
    this.send({ type: 'history', id });
    const answer = await this.answer(id, timeout);
    if (answer['error_type'] === 'rate_limited') {
      throw new Error('A fence came through the rate limit: raise limits.burst or send less.');
    }
  }

  /**
   * Asserts that no such frame came, without waiting for time to pass: it sets a {@link fence} and looks at what is
   * in the queue then.
   *
   * ```ts
   * alice.send({ type: 'broadcast', message: 'hi' });
   * await bob.expectNone('error', { after: alice });
   * ```
   *
   * @param matcher see {@link next}. @default any frame
   */
  async expectNone(matcher?: FrameMatcher, { after = [] }: ExpectNoneOptions = {}): Promise<void> {
    const others = after instanceof TestClient ? [after] : after;
    await Promise.all(others.map((client) => client.fence()));
    await this.fence();
    if (this.queue.has(matcher)) {
      throw new Error(`Expected not to receive ${describeMatcher(matcher)}. ${this.queue.describe()}`);
    }
  }

  /** Pings the server and waits for its pong. */
  async ping(payload = '', timeout = this.timeout): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No pong within ${timeout} ms.`)), timeout);
      this.socket.once('pong', () => {
        clearTimeout(timer);
        resolve();
      });
      this.socket.ping(payload);
    });
  }

  /** Resolves with the next ping of the server, answered or not. */
  async nextPing(timeout = this.timeout): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No ping within ${timeout} ms.`)), timeout);
      this.socket.once('ping', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Stops reading from the socket, like a client that hangs. What the server sends piles up. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Closes with a closing handshake. @returns how it ended */
  close(code = 1000, reason = ''): Promise<Closed> {
    this.socket.close(code, reason);
    return this.closed;
  }

  /** Drops the connection without a close frame; the server sees 1006. @returns how it ended */
  terminate(): Promise<Closed> {
    this.socket.terminate();
    return this.closed;
  }

  private onPing(data: Buffer): void {
    this.pings++;
    if (this.autoPong) this.socket.pong(data);
  }

  private answer(id: RequestId, timeout: number): Promise<Frame> {
    const isAnswer = (frame: Frame): boolean =>
      typeof frame === 'object' && frame !== null && frame['id'] === id && ANSWERS.has(frame['type']);
    return this.queue.next(named(`answers ${id}`, isAnswer), timeout);
  }
}

const ANSWERS: ReadonlySet<unknown> = new Set(['ack', 'error']);

/** The name shows in the message of a failed wait. */
function named(name: string, matcher: (frame: Frame) => boolean): (frame: Frame) => boolean {
  return Object.defineProperty(matcher, 'name', { value: name });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
