import type { Since } from '../protocol/client-frames.js';
import type { JsonObject } from '../protocol/json.js';
import type { CallOptions } from './calls.js';

export interface SubscribeOptions extends CallOptions {
  /** Where to begin: after a position, or with the last `n`. @default what comes from now on */
  since?: Since;
  /** What others see of this subscription. */
  metadata?: JsonObject;
}

export interface PublishOptions extends CallOptions {
  /** @default 'message' */
  event?: string;
  /** Publishing again with the same id is harmless. @default one of its own for every call */
  id?: string;
  /** Now or never, not kept. @default false */
  volatile?: boolean;
}

export interface HistoryOptions extends CallOptions {
  /** 1 to 300. @default 100 */
  limit?: number;
  since?: { offset: number; epoch: string };
  /** Newest first. @default false */
  reverse?: boolean;
}
