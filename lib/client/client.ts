import type { Timer } from '../protocol/clock.js';
import type { JsonValue } from '../protocol/json.js';
import type { ErrorFrame, MessageVia, WelcomeFrame } from '../protocol/server-frames.js';
import { Calls, type CallOptions } from './calls.js';
import { Channel } from './channel.js';
import { fromFrame, HauynaClientError } from './client-error.js';
import { FORCE_RECONNECT, NORMAL } from './codes.js';
import type {
  AnyContract,
  ChannelName,
  ChannelOf,
  RequestData,
  RequestName,
  RequestResult,
} from './contract.js';
import type { ClientState, StateChange } from './client-state.js';
import { Link } from './link.js';
import { Listeners, type EventsOptions } from './listeners.js';
import { CLOCK, type ClientOptions } from './options.js';

/** How a direct message came. */
export interface DirectMeta {
  via: MessageVia;
  /** Who sent it; absent for the server. */
  user?: string | null;
  group?: string;
}

export interface ClientEvents {
  state: [change: StateChange];
  /** A connection stands. `resumed`: the server has kept the session of the last one. */
  connected: [info: { connectionId: string; userId: string | null; resumed: boolean }];
  /** A message to this connection, user, group or everybody. */
  message: [data: JsonValue, meta: DirectMeta];
  /** Round trip of the latest heartbeat, ms. */
  latency: [ms: number];
  /** An error no call waits for. */
  error: [error: HauynaClientError];
  /** Every frame that comes, for tools. */
  frame: [frame: Record<string, unknown>];
}

/** Answers a question of the server. */
export type RequestHandler = (data: JsonValue) => unknown;

/** Share of the credentials' time after which new ones are fetched. */
const REFRESH_AT = 0.9;
/** How long credentials that could not be renewed are taken to last, ms. */
const REFRESH_RETRY = 3000;

/**
 * A connection to the server that keeps itself, and everything on it. Nothing is opened before the first call. Made by
 * `createClient()`.
 */
export class HauynaClient<C = AnyContract> extends Listeners<ClientEvents> {
  /** Round trip of the latest heartbeat in ms, `null` before the first. */
  latency: number | null = null;
  readonly #link: Link;
  readonly #calls: Calls;
  readonly #channels = new Map<string, Channel<never>>();
  readonly #handlers = new Map<string, RequestHandler>();
  #refresh: Timer | undefined;

  constructor(url: string | URL, options: ClientOptions = {}) {
    super();
    const clock = options.clock ?? CLOCK;
    this.#link = new Link(url, options, clock, {
      state: (change) => this.#moved(change),
      frame: (frame) => this.#receive(frame),
      latency: (ms) => this.emit('latency', (this.latency = ms)),
    });
    this.#calls = new Calls(options, clock, this.#link);
  }

  get state(): ClientState {
    return this.#link.state;
  }

  get connectionId(): string | undefined {
    return this.#link.welcome?.connectionId;
  }

  /** Who the server takes this client for; `null` for nobody, `undefined` before the first connection. */
  get userId(): string | null | undefined {
    return this.#link.welcome?.user;
  }

  /**
   * Opens the connection and waits until it stands, however long that takes. Calls and subscriptions do so by themselves.
   *
   * @throws HauynaClientError `closed` when the server refuses for good
   */
  connect(options?: CallOptions): Promise<void> {
    if (this.state === 'connected') return Promise.resolve();
    return this.#calls.wait(this, 'connect', { timeout: Infinity, ...options }, () => this.#link.open());
  }

  /**
   * Ends everything; calls that wait are rejected. `connect()`, or the next call, starts again and brings the subscriptions
   * back.
   */
  close(code: number = NORMAL, reason = ''): void {
    this.#link.close(code, reason);
  }

  /** Drops the connection and makes a new one. */
  reconnect(): void {
    this.#link.restart(FORCE_RECONNECT, 'reconnect');
  }

  /** Asks whether the server is there. @returns the round trip in ms */
  async ping(options?: CallOptions): Promise<number> {
    const { clock } = this.#calls;
    const start = clock.now();
    await this.#calls.call('heartbeat', {}, options);
    return clock.now() - start;
  }

  /** The channel of this name; the same object every time. */
  channel<Name extends ChannelName<C>>(name: Name): Channel<ChannelOf<C, Name>> {
    let channel = this.#channels.get(name);
    if (!channel) this.#channels.set(name, (channel = new Channel<never>(name, this.#calls)));
    return channel as unknown as Channel<ChannelOf<C, Name>>;
  }

  /**
   * Asks the server (`@OnMessage(type)`) and waits for the answer. The data are the fields of the frame, so none of them may
   * be called `id` or `type`. Of a streamed answer the items come with the event `frame`, as `{ type: 'item', id, data }`.
   *
   * @throws HauynaClientError what the server has answered, `timeout`, `closed` …
   */
  request<Name extends RequestName<C>>(
    type: Name,
    data: RequestData<C, Name>,
    options?: CallOptions,
  ): Promise<RequestResult<C, Name>> {
    return this.#calls.call(type, data as object, options) as Promise<RequestResult<C, Name>>;
  }

  /**
   * Tells the server without waiting for an answer; fields as in {@link request}.
   *
   * @returns whether it is on its way; it is not kept otherwise
   */
  send<Name extends RequestName<C>>(type: Name, data: RequestData<C, Name>): boolean {
    this.#link.open();
    return this.#link.write(this.#link.encode({ ...(data as object), type }));
  }

  /** Answers questions of the server (`ConnectionService.request`). @returns removes the handler */
  handle(event: string, handler: RequestHandler): () => void {
    this.#handlers.set(event, handler);
    return () => {
      if (this.#handlers.get(event) === handler) this.#handlers.delete(event);
    };
  }

  /** The first argument of an event, one after the other. */
  events<Name extends keyof ClientEvents>(
    event: Name,
    options?: EventsOptions,
  ): AsyncIterableIterator<ClientEvents[Name][0]> {
    return this.iterate(event, (...args) => args[0], options);
  }

  #moved(change: StateChange): void {
    const { to, code, reason } = change;
    const { welcome } = this.#link;
    const isConnected = to === 'connected';
    const error = new HauynaClientError('closed', `The connection is closed: ${code} ${reason}`);
    this.#calls.clock.clear(this.#refresh);
    if (to === 'closed') this.#calls.end(error);
    else if (!isConnected) this.#calls.lost();
    // Subscriptions before the rest: a message that waits may be for one of their channels.
    for (const channel of [...this.#channels.values()]) channel.moved(to, error);
    if (isConnected) {
      this.#calls.resend(welcome?.session?.resumed);
      this.#calls.settle(this);
      this.#refreshIn(welcome?.expiresIn);
    }
    this.emit('state', change);
    // Unless a listener has closed it.
    if (isConnected && this.state === to) {
      const { connectionId, user: userId, session } = welcome as WelcomeFrame;
      this.emit('connected', { connectionId, userId, resumed: !!session?.resumed });
    }
  }

  #receive(frame: Record<string, unknown>): void {
    this.emit('frame', frame);
    if (this.#calls.answer(frame)) return;
    const { type, channel } = frame;
    if (type === 'message') {
      const { data, type: _type, ...meta } = frame;
      this.emit('message', data as JsonValue, meta as unknown as DirectMeta);
    } else if (type === 'error') {
      this.emit('error', fromFrame(frame as unknown as ErrorFrame));
    } else if (type === 'request') {
      void this.#respond(frame);
    } else if (typeof channel === 'string') {
      this.#channels.get(channel)?.receive(frame);
    }
  }

  async #respond({ id, event, data }: Record<string, unknown>): Promise<void> {
    const answer = (fields: object): boolean =>
      this.#link.write(this.#link.encode({ type: 'response', id, ...fields }));
    try {
      const handler = this.#handlers.get(event as string);
      if (!handler) throw new HauynaClientError('unknown_type', `Nobody answers "${event as string}".`);
      answer({ data: (await handler(data as JsonValue)) ?? null });
    } catch (error) {
      const error_type = error instanceof HauynaClientError ? error.code : 'internal_error';
      answer({ error: { error_type, message: String((error as Error | null)?.message ?? error) } });
    }
  }

  /** Sends new credentials now; they are renewed by themselves shortly before they run out. `error` tells of a failure. */
  refresh(): Promise<void> {
    return this.#renew();
  }

  #refreshIn(expiresIn: number | undefined): void {
    const { clock, options } = this.#calls;
    if (expiresIn === undefined || typeof options.token !== 'function') return;
    clock.clear(this.#refresh);
    this.#refresh = clock.after(expiresIn * REFRESH_AT, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    let answer: { expiresIn?: number };
    try {
      const token = await this.#link.token('expired');
      // The next connection offers it.
      if (this.state !== 'connected') return;
      answer = (await this.#calls.call('refresh', { token }, {}, { volatile: true })) as typeof answer;
    } catch (error) {
      if (this.state !== 'connected') return;
      this.emit('error', error as HauynaClientError);
      // The server closes in the end, and the next connection asks for a token again.
      answer = { expiresIn: REFRESH_RETRY };
    }
    if (this.state === 'connected') this.#refreshIn(answer.expiresIn);
  }
}

/**
 * A client for the server at `url`. Opens nothing until it is needed.
 *
 * ```ts
 * const client = createClient('/chat', { token: () => fetchToken() });
 * const room = client.channel('room:42');
 * room.on('message', (data, meta) => show(data, meta.userId));
 * await room.subscribe({ since: { last: 20 } });
 * await room.publish({ text: 'Hola' });
 * ```
 *
 * @param url `wss://…`, `https://…`, or a path of the page's own server
 */
export function createClient<C = AnyContract>(url: string | URL, options?: ClientOptions): HauynaClient<C> {
  return new HauynaClient<C>(url, options);
}
