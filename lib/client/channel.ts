import type { Timer } from '../protocol/clock.js';
import type { JsonValue } from '../protocol/json.js';
import type {
  PresenceChangeFrame,
  PresenceStateFrame,
  PublicationView,
  SubscribeResult,
  UnsubscribedFrame,
} from '../protocol/server-frames.js';
import type { CallOptions, Calls } from './calls.js';
import type { ChannelEvents, ChannelState, MessageMeta } from './channel-events.js';
import type { HistoryOptions, PublishOptions, SubscribeOptions } from './channel-options.js';
import { HauynaClientError } from './client-error.js';
import type { AnyChannel, EventsOf, PresenceOf, PublishOf } from './contract.js';
import type { ClientState } from './client-state.js';
import { Listeners, type EventsOptions } from './listeners.js';
import { ChannelPresence, type OwnPresence } from './presence.js';
import { isNew, MAX_KEPT, type Position, type PublicationFrame } from './publication.js';
import { reconnectDelay } from './reconnect-delay.js';

/**
 * One channel, as the application wants it: subscribed again after every loss from where it was, each message once and
 * in order, or told that some are lost.
 */
export class Channel<C = AnyChannel> extends Listeners<ChannelEvents<C>> {
  state: ChannelState = 'idle';
  /** What `@OnChannelSubscribe` has answered the latest subscribe with. */
  initial: JsonValue | undefined;
  /** Who is here. */
  readonly presence: ChannelPresence<PresenceOf<C>>;
  /** Where the channel is; before the first subscribe, where it is to begin. */
  #at: (Partial<Position> & { last?: number }) | undefined;
  /** What this subscription says of itself. */
  #own: OwnPresence = {};
  /** Whether nothing is to be heard of the channel any more. */
  #left = false;
  /** Number of the latest subscribe; answers to others are of the past. */
  #asked = 0;
  #retry: Timer | undefined;
  /** Came while a subscribe was under way. */
  #early: PublicationFrame[] = [];
  /** To know a message that was published again after the server had lost its memory. */
  readonly #keys = new Set<string>();
  readonly #calls: Calls;

  constructor(
    readonly name: string,
    calls: Calls,
  ) {
    super();
    this.#calls = calls;
    this.presence = new ChannelPresence<PresenceOf<C>>(
      () => this.#own.metadata,
      (own, options) => this.#declare(own, options),
    );
  }

  /** Position of the latest message in the channel; `undefined` before the first subscribe. */
  get offset(): number | undefined {
    return this.#at?.offset;
  }

  /**
   * Subscribes, and stays subscribed until `unsubscribe()`, whatever happens to the connection. `since` counts for the
   * first subscribe; later ones continue where the channel is. A channel the server has closed can be subscribed again.
   *
   * @returns when the server has agreed and everything asked for with `since` has been delivered
   * @throws HauynaClientError `forbidden`, `limit_exceeded` …; what is `retryable` is tried again by itself, and `timeout` and
   * `aborted` leave the wish in place, too: `unsubscribe()` takes it back
   */
  subscribe({ since, metadata, ...call }: SubscribeOptions = {}): Promise<void> {
    if (metadata && this.#isWanted()) return this.#declare({ metadata }, call);
    if (this.state === 'subscribed') return Promise.resolve();
    return this.#calls.wait(this, 'subscribe_channel', call, () => {
      if (this.#isWanted()) return;
      if (metadata) this.#own = { ...this.#own, metadata };
      if (since) this.#at = since;
      this.#left = false;
      this.#calls.link.open();
      this.#again();
    });
  }

  /** Leaves the channel. Harmless when it is not subscribed. */
  async unsubscribe(options?: CallOptions): Promise<void> {
    if (!this.#isWanted()) return;
    this.#own = {};
    this.#end('idle', new HauynaClientError('aborted', 'The channel was left.'));
    if (this.#calls.link.state !== 'connected') return;
    try {
      await this.#calls.call('unsubscribe_channel', { channel: this.name }, options, { volatile: true });
    } catch (error) {
      // Who loses the connection has left.
      if ((error as HauynaClientError).code !== 'closed') throw error;
    }
  }

  /**
   * Publishes to everybody in the channel; the client must be subscribed to it. Without a connection it waits for one.
   *
   * @returns the position it took
   */
  publish<E extends keyof PublishOf<C> & string = 'message' & keyof PublishOf<C>>(
    data: PublishOf<C>[E],
    options: PublishOptions & { event?: E } = {},
  ): Promise<{ offset: number; epoch: string }> {
    const { event, id = this.#calls.newKey(), volatile, ...call } = options;
    // What is undefined does not become JSON.
    const fields = { channel: this.name, message: data, idempotencyKey: id, event, volatile };
    const mode = { volatile, repeatable: true };
    return this.#calls.call('channel_message', fields, call, mode) as Promise<Position>;
  }

  /** What the channel has kept; for its subscribers. */
  history({ limit, since, reverse, ...call }: HistoryOptions = {}): Promise<
    Position & { publications: PublicationView[] }
  > {
    const fields = { channel: this.name, limit, since, reverse };
    return this.#calls.call('history', fields, call, { repeatable: true }) as ReturnType<Channel['history']>;
  }

  /** The messages of an event, one after the other: `for await (const { data, meta } of channel.events('message'))`. */
  events<E extends keyof EventsOf<C> & string>(
    event: E,
    options?: EventsOptions,
  ): AsyncIterableIterator<{ data: EventsOf<C>[E]; meta: MessageMeta }> {
    const pick = (data: EventsOf<C>[E], meta: MessageMeta) => ({ data, meta });
    return this.iterate(event, pick as never, options);
  }

  /** The connection has changed. With a new one the channel is subscribed again, if that is what the application wants. */
  moved(to: ClientState, error: HauynaClientError): void {
    if (to === 'connected') this.#ask();
    // The application has closed the client and opens it again: its channels come back with it.
    else if (to === 'connecting' && this.state === 'closed' && !this.#left) this.#move('subscribing');
    else {
      this.#forget();
      // The position stays, and a later subscribe continues there.
      if (this.#isWanted()) this.#move(to === 'closed' ? to : 'subscribing', error);
    }
  }

  /** Takes a frame that concerns this channel. */
  receive(frame: Record<string, unknown>): void {
    // On its way when the channel was left.
    if (this.#left) return;
    switch (frame['type']) {
      case 'publication':
      case 'position':
        this.#advance(frame as unknown as PublicationFrame);
        break;
      case 'presence_state':
        this.presence.sync(frame as unknown as PresenceStateFrame);
        break;
      case 'presence_change':
        this.presence.apply(frame as unknown as PresenceChangeFrame, this.#calls.clock.now());
        break;
      case 'unsubscribed':
        this.#dropped(frame as unknown as UnsubscribedFrame);
        break;
    }
  }

  /** A publication, or the place of one that was for others. */
  #advance(frame: PublicationFrame): void {
    const { offset, epoch } = frame;
    if (offset && this.#isWanted()) {
      if (this.state === 'subscribing') {
        // Too many: the gap is found when those that are left are looked at.
        if (this.#early.push(frame) > MAX_KEPT) this.#early.shift();
        return;
      }
      const ahead = epoch === this.#at?.epoch ? offset - (this.#at.offset as number) : 2;
      // Something is missing in between. It will be brought in order, this one included.
      if (ahead > 1) this.#again();
      if (ahead !== 1) return;
      this.#at = { offset, epoch };
    }
    if (frame.type === 'publication') this.#deliver(frame, false);
  }

  #deliver({ data, event, offset, epoch, user, at, id }: PublicationView, recovered: boolean): void {
    if (id && !isNew(this.#keys, `${user} ${id}`)) return;
    const args = [data, { offset, epoch, userId: user, at, event, recovered } satisfies MessageMeta];
    this.emit(event as never, ...(args as never));
  }

  #dropped({ reason, resubscribe }: UnsubscribedFrame): void {
    if (!this.#isWanted()) return;
    const code = reason === 'forbidden' ? reason : 'closed';
    if (resubscribe) this.#again();
    else this.#end('closed', new HauynaClientError(code, `The server ended the subscription: ${reason}`));
  }

  #again(): void {
    this.#move('subscribing');
    this.#ask();
  }

  /** Subscribes, if there is a connection; with the next one otherwise. */
  #ask(attempt = 0): void {
    this.#forget();
    const { clock, link, options } = this.#calls;
    if (link.state !== 'connected' || this.state !== 'subscribing') return;
    const asked = this.#asked;
    const since = this.#at;
    this.#early = [];
    // Never sent twice: an answer of another connection says nothing of this one.
    this.#calls
      .call('subscribe_channel', { channel: this.name, since, ...this.#own }, {}, { volatile: true })
      .then((result) => {
        if (asked === this.#asked) this.#joined(result as SubscribeResult, since);
      })
      .catch((error: HauynaClientError) => {
        if (asked !== this.#asked) return;
        if (!error.retryable) {
          this.#end('closed', error);
          return;
        }
        const delay = reconnectDelay(undefined, attempt, (options.random ?? Math.random)()) as number;
        this.#retry = clock.after(delay, () => this.#ask(attempt + 1));
        this.#calls.settle(this, error);
        this.emit('$error', ...([error] as never));
      });
  }

  #joined(
    { publications = [], recovered, offset, epoch, initial }: SubscribeResult,
    since: Partial<Position> | undefined,
  ): void {
    const asked = this.#asked;
    let count = 0;
    for (const publication of publications) {
      const { offset, epoch } = publication;
      if (epoch === this.#at?.epoch && offset <= (this.#at.offset as number)) continue;
      count++;
      this.#at = { offset, epoch };
      this.#deliver(publication, true);
      // A listener has left the channel.
      if (asked !== this.#asked) return;
    }
    this.#at = { offset, epoch };
    this.initial = initial;
    this.#move('subscribed');
    if (since?.epoch) this.emit('$recovered', ...([{ complete: recovered, count }] as never));
    this.#calls.settle(this);
    for (const frame of this.#early.splice(0)) this.receive(frame as never);
  }

  /** Says something else of this subscription, now or with the subscribe that is to come. */
  async #declare(change: OwnPresence, options: CallOptions = {}): Promise<void> {
    // Who is not here has nothing to leave.
    if (!this.#isWanted() && change.presence === false) return;
    const before = this.#own;
    const own = (this.#own = { ...before, ...change });
    try {
      if (this.state === 'subscribed') {
        const fields = { channel: this.name, ...change };
        await this.#calls.call('subscribe_channel', fields, options, { volatile: true });
        return;
      }
      this.#ask();
    } catch (error) {
      const { code, retryable } = error as HauynaClientError;
      // What the server does not accept is not said again.
      if (!retryable && this.#own === own) this.#own = before;
      // Lost on the way, the next subscribe says it.
      if (code !== 'closed' || !this.#isWanted()) throw error;
    }
    await this.subscribe(options);
  }

  #isWanted(): boolean {
    return this.state === 'subscribing' || this.state === 'subscribed';
  }

  /** Answers that are under way count no more. */
  #forget(): void {
    this.#asked++;
    this.#calls.clock.clear(this.#retry);
  }

  #end(to: ChannelState, error: HauynaClientError): void {
    this.#forget();
    this.#left = true;
    this.#at = undefined;
    this.#move(to, error);
    this.#calls.settle(this, error);
    if (to === 'closed') this.emit('$error', ...([error] as never));
  }

  #move(to: ChannelState, error?: HauynaClientError): void {
    const from = this.state;
    if (from === to) return;
    this.state = to;
    if (!this.#isWanted()) this.presence.clear();
    this.emit('$state', ...([to === 'closed' ? { from, to, error } : { from, to }] as never));
  }
}
