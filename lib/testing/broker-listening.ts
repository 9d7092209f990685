import type { Broker, HistoryPolicy, Publication, PublishRequest } from '../broker/broker.js';
import type { JsonText } from '../protocol/json.js';

/** What the cases of the broker contract run on. */
export interface BrokerPorts {
  broker: Broker;
  /** Another process with the same channels behind it. */
  secondNode?: Broker;
  /** Moves the broker's time on by ms. */
  advance?: (ms: number) => void | Promise<void>;
}

export interface Heard {
  publication: Publication;
  except: readonly string[] | undefined;
}

/** Enough of everything. */
export const KEEP: HistoryPolicy = { size: 100, ttl: 60_000 };
/** How long a broker with a network under it may take to deliver, ms. */
const DELIVERY_TIME = 5000;

/** A request with all that a case does not care about filled in. */
export function publication(
  channel: string,
  data: unknown,
  more: Partial<PublishRequest> = {},
): PublishRequest {
  return {
    channel,
    event: 'message',
    payload: JSON.stringify(data) as JsonText,
    user: null,
    history: null,
    volatile: false,
    ...more,
  };
}

/** Writes down what a broker delivers. */
export class Ear {
  readonly heard: Heard[] = [];
  readonly stop: () => void;
  private wake: () => void = () => undefined;

  constructor(broker: Broker) {
    this.stop = broker.onPublication((published, except) => {
      this.heard.push({ publication: published, except });
      this.wake();
    });
  }

  /** The values that were heard, in order. */
  get values(): unknown[] {
    return this.heard.map((item) => JSON.parse(item.publication.payload) as unknown);
  }

  /** Resolves when the value was heard. Absence is shown by what was heard before it. */
  async until(value: unknown): Promise<unknown[]> {
    const deadline = Date.now() + DELIVERY_TIME;
    while (!this.values.includes(value)) {
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`${JSON.stringify(value)} was not delivered; heard ${JSON.stringify(this.values)}.`);
      await this.more(left);
    }
    return this.values;
  }

  private more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
