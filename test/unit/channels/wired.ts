import { MemoryBroker } from '../../../lib/broker/memory.broker.js';
import type {
  Broker,
  HistoryQuery,
  HistoryResult,
  PublishRequest,
  PublishResult,
} from '../../../lib/broker/broker.js';
import { SubscriptionManager } from '../../../lib/channels/subscription.manager.js';
import type { Connection } from '../../../lib/connection/connection.js';
import { ChannelActivation } from '../../../lib/delivery/channel-activation.js';
import { FanOutService } from '../../../lib/delivery/fan-out.service.js';
import { SubscriptionIndex } from '../../../lib/delivery/subscription.index.js';
import { LifecycleBus } from '../../../lib/events/lifecycle.bus.js';
import type { HauynaOptions } from '../../../lib/options/hauyna.options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { toJsonText, type JsonText } from '../../../lib/protocol/json.js';
import { ManualClock, SequentialIdSource } from '../../../lib/testing/index.js';

/** A broker that answers late: each call waits for as many turns of the microtask queue as `turns` says. */
export class SlowBroker extends MemoryBroker {
  turns: () => number = () => 0;
  /** Names of methods that fail from now on. */
  readonly failing = new Set<string>();

  override async publish(request: PublishRequest): Promise<PublishResult> {
    await this.wait('publish');
    return super.publish(request);
  }

  override async subscribe(channel: string): Promise<void> {
    await this.wait('subscribe');
    return super.subscribe(channel);
  }

  override async unsubscribe(channel: string): Promise<void> {
    await this.wait('unsubscribe');
    return super.unsubscribe(channel);
  }

  override async position(channel: string): Promise<{ offset: number; epoch: string }> {
    await this.wait('position');
    const position = await super.position(channel);
    await this.wait('position');
    return position;
  }

  override async history(channel: string, query: HistoryQuery): Promise<HistoryResult> {
    await this.wait('history');
    const result = await super.history(channel, query);
    await this.wait('history');
    return result;
  }

  private async wait(method: string): Promise<void> {
    for (let turn = this.turns(); turn > 0; turn--) await Promise.resolve();
    if (this.failing.has(method)) throw new Error(`${method} failed`);
  }
}

/** The parts behind subscriptions, put together by hand. */
export function wired(options: HauynaOptions = {}) {
  const clock = new ManualClock();
  const broker = new SlowBroker(clock, new SequentialIdSource('epoch'));
  const index = new SubscriptionIndex();
  const activation = new ChannelActivation(index, broker);
  const fanOut = new FanOutService(index, broker);
  const bus = new LifecycleBus<Connection>();
  const resolved = resolveOptions(options);
  const manager = new SubscriptionManager(index, activation, fanOut, broker, bus, resolved, clock);
  manager.onModuleInit();
  return { clock, broker, index, activation, fanOut, bus, manager };
}

/** Publishes a value the way the channel service does. */
export async function publish(
  broker: Broker,
  channel: string,
  data: unknown,
  more: Partial<PublishRequest> = {},
): Promise<PublishResult> {
  const payload = toJsonText(data) as JsonText;
  const history = { size: 1000, ttl: 60_000 };
  return broker.publish({
    channel,
    event: 'message',
    payload,
    user: null,
    history,
    volatile: false,
    ...more,
  });
}

/** Lets everything that waits for nothing but microtasks finish. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
