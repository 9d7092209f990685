import type { Timer } from '../protocol/clock.js';
import { closeAction } from '../protocol/close-codes.js';
import type { RetryPolicy } from '../protocol/retry-policy.js';
import type { DisconnectFrame, WelcomeFrame } from '../protocol/server-frames.js';
import { encodeOffer } from '../protocol/subprotocol.js';
import { HauynaClientError } from './client-error.js';
import type { ClientState, LinkEvents, StateChange } from './client-state.js';
import { BAD_REQUEST, PING_TIMEOUT, UNAUTHORIZED } from './codes.js';
import {
  JSON_CODEC,
  webSocketOf,
  type ClientClock,
  type ClientOptions,
  type Codec,
  type TokenRequest,
} from './options.js';
import { reconnectDelay } from './reconnect-delay.js';
import { onWake } from './wake.js';
import {
  SOCKET_OPEN,
  type SocketEvent,
  type SocketEventName,
  type WebSocketLike,
} from './web-socket-like.js';

/** A connection that lasted so long, in ms, has been a good one: the next loss starts with the shortest wait. */
const STABLE = 5000;

/** The values of `DEFAULT_RETRY_POLICY` in its order; a bundle of the client needs the table for nothing else. */
export const DEFAULT_POLICY = '5,1000,30000,2,0.1';

/** One socket at a time: makes it, keeps it alive, makes the next one. Knows nothing of channels and calls. */
export class Link {
  state: ClientState = 'idle';
  welcome: WelcomeFrame | undefined;
  #socket: WebSocketLike | undefined;
  #attempts = 0;
  #connectedAt = 0;
  #resume: string | undefined;
  #tokenReason: TokenRequest['reason'] = 'initial';
  #lastToken: string | null | undefined;
  #farewell: DisconnectFrame | undefined;
  #policy: RetryPolicy | undefined;
  /** Until the next attempt, or until the current one has taken too long. */
  #timer: Timer | undefined;
  /** Whether `#timer` is the first of these. */
  #waiting = false;
  #beat: Timer | undefined;
  /** When the heartbeat was sent whose answer has not come; 0 for none. */
  #beatSent = 0;
  /** Whether nothing at all has come since a heartbeat. */
  #silent = false;
  /** From `open()` to `close()`. */
  #run: AbortController | undefined;
  #offWake: (() => void) | undefined;

  declare readonly url: string | URL;
  declare readonly options: ClientOptions;
  declare readonly clock: ClientClock;
  declare readonly events: LinkEvents;
  declare readonly codec: Codec;

  constructor(url: string | URL, options: ClientOptions, clock: ClientClock, events: LinkEvents) {
    Object.assign(this, { url, options, clock, events, codec: options.codec ?? JSON_CODEC });
  }

  /** Opens, unless that is under way already. */
  open(): void {
    if (this.#run) return;
    const run = (this.#run = new AbortController());
    this.#attempts = 0;
    this.#tokenReason = 'initial';
    this.#offWake = onWake(() => this.#wake());
    this.#move('connecting');
    // Unless a listener has closed it again.
    if (run === this.#run) void this.#dial();
  }

  /** Closes for good; the server is told. */
  close(code: number, reason: string): void {
    if (this.state === 'closed') return;
    this.#stop(code, reason);
    this.#run?.abort();
    this.#offWake?.();
    this.#run = this.#resume = this.#lastToken = undefined;
    this.#move('closed', { code, reason });
  }

  /** The text of a frame. @throws HauynaClientError `invalid_argument` for data without a JSON form */
  encode(frame: object): string {
    try {
      return this.codec.encode(frame);
    } catch (error) {
      throw new HauynaClientError('invalid_argument', `This cannot be sent: ${(error as Error).message}`);
    }
  }

  /** @returns whether the text is on its way */
  write(text: string): boolean {
    const socket = this.#socket;
    if (this.state !== 'connected' || socket?.readyState !== SOCKET_OPEN) return false;
    socket.send(text);
    return true;
  }

  /** The connection is no good any more, or gone: makes a new one, if that may help. */
  restart(code: number, reason: string): void {
    if (!this.#run) return;
    const said: Partial<DisconnectFrame> & { code: number; reason: string } = {
      code,
      reason,
      ...this.#farewell,
    };
    this.#stop(code, reason);
    ({ code, reason } = said);
    if (this.state === 'connected' && this.clock.now() - this.#connectedAt >= STABLE) this.#attempts = 0;
    const wait = this.#wait(code, said.reconnect);
    if (wait === null) this.close(code, reason);
    else {
      const delay = wait + (said.retryAfter ?? 0);
      this.#waiting = true;
      this.#timer = this.clock.after(delay, () => void this.#dial());
      this.#move('reconnecting', { code, reason, attempt: ++this.#attempts, delay });
    }
  }

  /** A fresh token, as the option gives it. */
  async token(reason: TokenRequest['reason']): Promise<string | null | undefined> {
    const { token } = this.options;
    if (typeof token !== 'function') return token;
    if (reason !== 'expired' && this.#lastToken) return this.#lastToken;
    const { signal } = this.#run as AbortController;
    const fresh = await token({ reason, signal });
    // Whoever opens after a close may be somebody else.
    if (!signal.aborted) this.#lastToken = fresh;
    return fresh;
  }

  async #dial(): Promise<void> {
    const { params, connectTimeout = 10_000 } = this.options;
    this.#farewell = undefined;
    this.#waiting = false;
    this.clock.clear(this.#timer);
    const timer = (this.#timer = this.clock.after(connectTimeout, () =>
      this.restart(PING_TIMEOUT, 'no welcome'),
    ));
    // What fails then will always fail.
    let isOurs = false;
    try {
      const given = typeof params === 'function' ? await params() : params;
      const token = await this.token(this.#tokenReason);
      // Closed, or too late, while the application was asked.
      if (timer !== this.#timer) return;
      isOurs = true;
      const url = new URL(this.url, (globalThis as { location?: { href: string } }).location?.href);
      // `/chat` and `https://…` mean the WebSocket of the same place.
      url.protocol = url.protocol.replace('http', 'ws');
      for (const name in given) url.searchParams.set(name, given[name] as string);
      const offer = encodeOffer({ token: token ?? undefined, resume: this.#resume });
      const WebSocket = webSocketOf(this.options);
      const socket = (this.#socket = new WebSocket(url.href, ['hauyna.v1.json', ...offer]));
      // What a socket of the past has to say changes nothing.
      const on = (name: SocketEventName, listen: (event: SocketEvent) => void): void =>
        socket.addEventListener(name, (event) => {
          if (socket === this.#socket) listen(event);
        });
      on('message', ({ data }) => this.#received(data));
      // `ws` ends the process over an error nobody hears; the close event follows.
      on('error', () => undefined);
      on('close', ({ code = 1006, reason = '' }) => this.restart(code, reason));
    } catch (error) {
      if (timer !== this.#timer) return;
      const { message, retryable } = error as HauynaClientError;
      if (isOurs || retryable === false) this.close(isOurs ? BAD_REQUEST : UNAUTHORIZED, message);
      else this.restart(1006, String(error));
    }
  }

  #received(data: unknown): void {
    let frame: Record<string, unknown>;
    let type: unknown;
    try {
      frame = this.codec.decode(data) as typeof frame;
      ({ type } = frame);
    } catch (error) {
      this.#log('unreadable frame', error);
      return;
    }
    // Anything that comes is a sign of life.
    this.#alive();
    switch (type) {
      case 'welcome':
        this.#welcomed(frame as unknown as WelcomeFrame);
        break;
      case 'heartbeat':
        if (this.#beatSent) this.events.latency(this.clock.now() - this.#beatSent);
        this.#beatSent = 0;
        break;
      case 'disconnect':
        this.#farewell = frame as unknown as DisconnectFrame;
        break;
      case 'retry_policy':
        this.#policy = frame['retry'] as RetryPolicy;
        break;
      default:
        this.events.frame(frame);
    }
  }

  #alive(): void {
    if (this.state !== 'connected') return;
    this.#silent = false;
    this.clock.clear(this.#beat);
    const interval = this.options.heartbeatInterval ?? this.welcome?.heartbeat?.interval ?? 25_000;
    if (interval > 0) this.#beat = this.clock.after(interval, () => this.#probe());
  }

  /** Asks whether the other side is there. */
  #probe(): void {
    if (this.#silent) return;
    this.#silent = true;
    this.#beatSent = this.clock.now();
    this.write(this.encode({ type: 'heartbeat' }));
    this.clock.clear(this.#beat);
    this.#beat = this.clock.after(this.options.heartbeatTimeout ?? 10_000, () =>
      this.restart(PING_TIMEOUT, 'no answer'),
    );
  }

  #welcomed(welcome: WelcomeFrame): void {
    this.clock.clear(this.#timer);
    this.#timer = undefined;
    this.#connectedAt = this.clock.now();
    this.welcome = welcome;
    this.#resume = welcome.session?.resume;
    this.#tokenReason = 'reconnect';
    // The policy every server has unless it says otherwise was made for clients that may give up.
    if (String(Object.values(welcome.retry)) !== DEFAULT_POLICY) this.#policy = welcome.retry;
    this.#move('connected');
    this.#alive();
  }

  /** The wait before the next attempt, ms, or `null` if none is wanted. */
  #wait(code: number, comeBack: boolean | undefined): number | null {
    const { reconnect, random = Math.random, token } = this.options;
    const action = closeAction(code);
    if (action === 'refresh' || code === UNAUTHORIZED) {
      // A token that was made just now and is refused will not become better.
      if (typeof token !== 'function' || this.#tokenReason === 'expired') return null;
      this.#tokenReason = 'expired';
    } else if (!(comeBack ?? action !== 'stop')) return null;
    if (reconnect === false) return null;
    if (typeof reconnect === 'function') return reconnect(this.#attempts + 1);
    return reconnectDelay(reconnect ?? this.#policy, this.#attempts, random());
  }

  /** The network is back, or the page is looked at: no better moment to know. */
  #wake(): void {
    if (this.state === 'connected') this.#probe();
    // A server that has asked for time gets it.
    else if (this.#waiting && !this.#farewell?.retryAfter) void this.#dial();
  }

  /** No timer runs, no socket is left. */
  #stop(code: number, reason: string): void {
    const socket = this.#socket;
    this.clock.clear(this.#timer);
    this.clock.clear(this.#beat);
    this.#timer = this.#beat = this.#socket = undefined;
    this.#silent = this.#waiting = false;
    this.#beatSent = 0;
    try {
      socket?.close(code, reason);
    } catch {
      // A code or a reason this WebSocket does not take.
      socket?.close();
    }
  }

  #move(to: ClientState, why: Omit<StateChange, 'from' | 'to'> = {}): void {
    const from = this.state;
    this.state = to;
    this.#log(`${from} → ${to}`, why);
    this.events.state({ from, to, ...why });
  }

  #log(message: string, detail: unknown): void {
    this.options.logger?.debug(`hauyna: ${message}`, detail);
  }
}
