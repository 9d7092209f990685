import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Broker, type Publication } from '../broker/broker.js';
import type { Connection } from '../connection/connection.js';
import { EncodedFrame } from '../connection/encoded-frame.js';
import { exclusionOf, type Exclusion } from '../connection/targets.js';
import type { PublicationFrame, ServerFrame } from '../protocol/server-frames.js';
import { SubscriptionIndex, type Subscription } from './subscription.index.js';

/** Publications that wait for one subscribe to be answered; beyond it the newcomer is closed as too slow. */
const MAX_PENDING = 10_000;

/** Turns one publication or frame into writes: encoded once per dialect, whoever receives it. */
@Injectable()
export class FanOutService implements OnModuleDestroy {
  private readonly off: () => void;

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
      if (excluded?.(connection) !== true && connection.deliver(encoded)) reached++;
    }
    return reached;
  }

  /** Delivers what waited while a subscribe was being answered, from the publication after `offset` on. */
  release(subscription: Subscription, offset: number): void {
    const { pending, connection } = subscription;
    subscription.pending = null;
    for (const publication of pending ?? []) {
      if (publication.offset === 0 || publication.offset > offset) {
        connection.deliver(new EncodedFrame(publicationFrame(publication)));
      }
    }
  }

  onModuleDestroy(): void {
    this.off();
  }

  private publication(publication: Publication, except: readonly string[] | undefined): void {
    const subscribers = this.index.ofChannel(publication.channel);
    if (subscribers.size === 0) return;
    const encoded = new EncodedFrame(publicationFrame(publication));
    const excluded = except === undefined ? undefined : exclusionOf(except);
    for (const [connection, subscription] of subscribers) {
      if (excluded?.(connection) === true) continue;
      if (subscription.pending === null) connection.deliver(encoded);
      else if (subscription.pending.length < MAX_PENDING) subscription.pending.push(publication);
      else connection.terminate();
    }
  }
}

/** The frame that delivers a publication. */
export function publicationFrame(publication: Publication): PublicationFrame {
  return { type: 'publication', ...publication };
}
