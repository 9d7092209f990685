import type { Connection } from '../connection/connection.js';
import type { JsonObject } from '../protocol/json.js';

/** Whether a client may be in a channel, as the application decides it: `@OnChannelSubscribe` with its guards and pipes. */
export abstract class SubscriptionDecider {
  /** Never rejects; whatever fails denies. */
  abstract allows(connection: Connection, channel: string, metadata: JsonObject): Promise<boolean>;
}
