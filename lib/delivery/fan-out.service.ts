import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Broker, type Publication, type StreamPosition } from '../broker/broker.js';
import type { Connection } from '../connection/connection.js';
import { EncodedFrame } from '../connection/encoded-frame.js';
import { exclusionOf, type Exclusion } from '../connection/targets.js';
import { errorText } from '../protocol/error-text.js';
import type { PositionFrame, PublicationFrame, ServerFrame } from '../protocol/server-frames.js';
import { SubscriptionIndex, type Subscription } from './subscription.index.js';

/** Publications that wait for one subscribe to be answered; beyond it the newcomer is closed as too slow. */
const MAX_PENDING = 10_000;

/** Turns one publication or frame into writes: encoded once per dialect, whoever receives it. */
@Injectable()
export class FanOutService implements OnModuleDestroy {
  private readonly logger = new Logger('Hauyna');
  private readonly off: () => void;
  /** The newest publication of a channel, for as long as the channel has subscribers without a break. */
  private readonly tops = new WeakMap<ReadonlyMap<Connection, Subscription>, StreamPosition>();

  constructor(
    private readonly index: SubscriptionIndex,
    broker: Broker,
  ) {
    this.off = broker.onPublication((publication, except) => this.publication(publication, except));
  }

  /** Sends a frame to every connection subscribed to a channel. @returns how many it reached */
  toChannel(channel: string, frame: ServerFrame, except?: Exclusion | readonly Exclusion[]): number {
    return this.toConnections(this.index.ofChannel(channel).keys(), frame, except);
  }

  /** Sends a frame to some connections. @returns how many it reached */
  toConnections(
    connections: Iterable<Connection>,
    frame: ServerFrame,
    except?: Exclusion | readonly Exclusion[],
  ): number {
    const encoded = new EncodedFrame(frame);
    const excluded = except === undefined ? undefined : exclusionOf(except);
    let reached = 0;
    for (const connection of connections) {
      if (excluded?.(connection) !== true && this.deliver(connection, encoded)) reached++;
    }
    return reached;
  }

  /** Makes live publications wait for an answer; {@link release} ends it. */
  hold(subscription: Subscription): void {
    subscription.pending ??= [];
    subscription.holds++;
  }

  /**
   * Ends one {@link hold}; the last one delivers what has waited.
   *
   * @param answered offset up to which the answer has told the client everything; 0 for nothing
   */
  release(subscription: Subscription, answered: number): void {
    subscription.answered = Math.max(subscription.answered, answered);
    if (--subscription.holds > 0) return;
    const { pending, connection } = subscription;
    subscription.pending = null;
    // Who was taken out of the channel meanwhile hears nothing of it any more.
    if (this.index.get(connection, subscription.channel) !== subscription) return;
    for (const waiting of pending ?? []) {
      if (waiting.offset !== 0 && waiting.offset <= subscription.answered) continue;
      this.deliver(connection, new EncodedFrame('type' in waiting ? waiting : publicationFrame(waiting)));
    }
    subscription.answered = 0;
  }

  onModuleDestroy(): void {
    this.off();
  }

  private publication(publication: Publication, except: readonly string[] | undefined): void {
    const subscribers = this.index.ofChannel(publication.channel);
    if (subscribers.size === 0) return;
    const place = this.place(subscribers, publication);
    if (place === 'repeated') return;
    const encoded = new EncodedFrame(publicationFrame(publication));
    const { channel, offset, epoch } = publication;
    // A client that can ask for what is missing does so; it gets this publication with the rest.
    const notice: ServerFrame = { type: 'unsubscribed', channel, reason: 'gap', resubscribe: true };
    const gap = place === 'gap' ? new EncodedFrame(notice) : undefined;
    const excluded = except === undefined ? undefined : exclusionOf(except);
    const position: PositionFrame = { type: 'position', channel, offset, epoch };
    const skipped = excluded === undefined || offset === 0 ? undefined : new EncodedFrame(position);
    for (const [connection, subscription] of subscribers) {
      const left = excluded?.(connection) === true;
      if (left && skipped === undefined) continue;
      if (subscription.pending === null) {
        if (gap !== undefined && connection.dialect.name === 'v1') this.deliver(connection, gap);
        else this.deliver(connection, left ? (skipped as EncodedFrame) : encoded);
      } else if (subscription.pending.length < MAX_PENDING)
        subscription.pending.push(left ? position : publication);
      else connection.terminate();
    }
  }

  /** Whether a publication follows the one before it, as far as this node has seen. */
  private place(
    subscribers: ReadonlyMap<Connection, Subscription>,
    { offset, epoch }: Publication,
  ): 'next' | 'gap' | 'repeated' {
    if (offset === 0) return 'next';
    const top = this.tops.get(subscribers);
    if (top !== undefined && top.epoch === epoch && offset <= top.offset) return 'repeated';
    this.tops.set(subscribers, { offset, epoch });
    return top === undefined || (top.epoch === epoch && offset === top.offset + 1) ? 'next' : 'gap';
  }

  /** One broken receiver must not cost the others the message, nor the publisher the answer. */
  private deliver(connection: Connection, frame: EncodedFrame): boolean {
    try {
      return connection.deliver(frame);
    } catch (error) {
      this.logger.error(`Connection ${connection.id} cannot be written to`, errorText(error));
      return false;
    }
  }
}

/** The frame that delivers a publication. */
export function publicationFrame(publication: Publication): PublicationFrame {
  return { type: 'publication', ...publication };
}
