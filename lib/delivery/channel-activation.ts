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

  /** Resolves when the change that is under way, if any, has been confirmed. */
  async settled(channel: string): Promise<void> {
    await this.running.get(channel);
  }

  private apply(channel: string): Promise<void> {
    const wanted = this.index.ofChannel(channel).size > 0;
    return wanted ? this.broker.subscribe(channel) : this.broker.unsubscribe(channel);
  }
}
