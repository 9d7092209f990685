import { Injectable } from '@nestjs/common';
import { Clock, type Timer } from '../protocol/clock.js';
import { IdSource } from '../protocol/id-source.js';
import {
  Broker,
  IDEMPOTENCY_TTL,
  type HistoryQuery,
  type HistoryResult,
  type Publication,
  type PublicationListener,
  type PublishRequest,
  type PublishResult,
  type StreamPosition,
} from './broker.js';
import { MemoryStream } from './memory.stream.js';

/** How often streams nobody needs are dropped, ms. */
const SWEEP_INTERVAL = 30_000;
/** Idempotency keys remembered at most; beyond it the oldest is forgotten. */
const MAX_KEYS = 100_000;

/** The broker of a single process: publications reach the listeners before `publish` returns. */
@Injectable()
export class MemoryBroker extends Broker {
  private readonly streams = new Map<string, MemoryStream>();
  private readonly subscribed = new Set<string>();
  private readonly listeners = new Set<PublicationListener>();
  private readonly keys = new Map<string, { result: PublishResult; expires: number }>();
  private sweeper: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {
    super();
  }

  async publish(request: PublishRequest): Promise<PublishResult> {
    const now = this.clock.now();
    const key =
      request.idempotencyKey === undefined ? undefined : `${request.channel}\n${request.idempotencyKey}`;
    const known = key === undefined ? undefined : this.keys.get(key);
    if (known !== undefined && known.expires > now) return { ...known.result, duplicate: true };

    const stream = this.streamFor(request);
    if (request.version !== undefined && !stream.advance(request.version)) {
      return { ...stream.position, duplicate: true };
    }
    const offset = request.volatile ? 0 : stream.nextOffset();
    const { channel, event, payload, user, id } = request;
    const publication: Publication = { channel, event, payload, user, at: now, offset, epoch: stream.epoch };
    if (id !== undefined) publication.id = id;
    if (request.history !== null && !request.volatile) stream.keep(publication, request.history, now);
    const result: PublishResult = { offset, epoch: stream.epoch, duplicate: false };
    if (key !== undefined) this.remember(key, result, now);
    if (this.subscribed.has(channel)) {
      for (const listener of this.listeners) listener(publication, request.except);
    }
    return result;
  }

  async subscribe(channel: string): Promise<void> {
    this.subscribed.add(channel);
    this.stream(channel);
  }

  async unsubscribe(channel: string): Promise<void> {
    this.subscribed.delete(channel);
    const stream = this.streams.get(channel);
    if (stream !== undefined && !stream.expire(this.clock.now())) this.streams.delete(channel);
  }

  async position(channel: string): Promise<StreamPosition> {
    return this.stream(channel).position;
  }

  async history(channel: string, query: HistoryQuery): Promise<HistoryResult> {
    const stream = this.streams.get(channel);
    if (stream === undefined) return { offset: 0, epoch: '', publications: [] };
    return { ...stream.position, publications: stream.read(query, this.clock.now()) };
  }

  onPublication(listener: PublicationListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.clock.clear(this.sweeper);
    this.sweeper = undefined;
    this.listeners.clear();
    this.subscribed.clear();
    this.streams.clear();
    this.keys.clear();
  }

  private streamFor(request: PublishRequest): MemoryStream {
    const { channel, history } = request;
    // A channel without subscribers and history leaves no trace, however many names are published to.
    if (history === null && !this.subscribed.has(channel) && !this.streams.has(channel)) {
      return new MemoryStream(this.ids.next());
    }
    return this.stream(channel);
  }

  private stream(channel: string): MemoryStream {
    let stream = this.streams.get(channel);
    if (stream === undefined) {
      stream = new MemoryStream(this.ids.next());
      this.streams.set(channel, stream);
      this.startSweeping();
    }
    return stream;
  }

  private remember(key: string, result: PublishResult, now: number): void {
    this.keys.delete(key);
    this.keys.set(key, { result, expires: now + IDEMPOTENCY_TTL });
    if (this.keys.size > MAX_KEYS) this.keys.delete(this.keys.keys().next().value as string);
    this.startSweeping();
  }

  private startSweeping(): void {
    this.sweeper ??= this.clock.every(SWEEP_INTERVAL, () => this.sweep());
  }

  private sweep(): void {
    const now = this.clock.now();
    for (const [channel, stream] of this.streams) {
      if (!stream.expire(now) && !this.subscribed.has(channel)) this.streams.delete(channel);
    }
    for (const [key, { expires }] of this.keys) {
      // Keys are in the order in which they expire.
      if (expires > now) break;
      this.keys.delete(key);
    }
    if (this.streams.size > 0 || this.keys.size > 0) return;
    this.clock.clear(this.sweeper);
    this.sweeper = undefined;
  }
}
