import { Injectable } from '@nestjs/common';
import { Broker } from '../broker/broker.js';
import { SubscriptionIndex } from './subscription.index.js';

/**
 * Keeps the broker's subscriptions equal to what this node needs. Changes of one channel run one after the other
 * and each looks at the index when its turn comes, so fast subscribing and unsubscribing ends in the right state.
 */
@Injectable()
export class ChannelActivation {
  private readonly running = new Map<string, Promise<void>>();
  /** What the broker has confirmed. */
  private readonly active = new Set<string>();

  constructor(
    private readonly index: SubscriptionIndex,
    private readonly broker: Broker,
  ) {}

  /** Brings one channel in line. Resolves when the broker has confirmed; rejects with its error. */
  sync(channel: string): Promise<void> {
    const previous = this.running.get(channel) ?? Promise.resolve();
    const next: Promise<void> = previous
      .catch(() => undefined)
      .then(() => this.apply(channel))
      .finally(() => {
        if (this.running.get(channel) === next) this.running.delete(channel);
      });
    this.running.set(channel, next);
    return next;
  }

  /** Resolves when the broker has confirmed that this node hears the channel; rejects with its error. */
  async ensure(channel: string): Promise<void> {
    if (this.running.has(channel) || !this.active.has(channel)) await this.sync(channel);
  }

  private async apply(channel: string): Promise<void> {
    const wanted = this.index.ofChannel(channel).size > 0;
    if (wanted === this.active.has(channel)) return;
    if (wanted) {
      await this.broker.subscribe(channel);
      this.active.add(channel);
    } else {
      // First, so that nobody relies on a channel that may be gone already when this fails.
      this.active.delete(channel);
      await this.broker.unsubscribe(channel);
    }
  }
}
