import type { Timer } from '../protocol/clock.js';
import type { JsonObject } from '../protocol/json.js';
import { AnswerCache } from './answer-cache.js';

/** What outlives a lost connection, until its client comes back or the time is over. */
export class ClientSession {
  /** Answers of the latest requests. */
  readonly answers = new AnswerCache();
  /** The bag of every connection of the session. */
  readonly data: Record<string, unknown> = {};
  /** Channels the server had subscribed the lost connection to; its successor gets them back. */
  channels: ReadonlyMap<string, JsonObject> = new Map();
  /** The connection that has the session now, or had it last. */
  connectionId: string | undefined;
  /** Ends the session when nobody has come back. */
  expiry: Timer | undefined;

  constructor(
    /** Public; the same for every connection of the session. */
    readonly id: string,
    readonly userId: string | null,
    /** The private key, known to the client alone; a new one with every connection. */
    public resume: string,
  ) {}
}
