import type { Timer } from '../protocol/clock.js';
import type { JsonObject } from '../protocol/json.js';
import { AnswerCache } from './answer-cache.js';

interface Call {
  unsubscribe(): void;
}

/** What outlives a lost connection, until its client comes back or the time is over. */
export class ClientSession {
  /** Answers of the latest requests. */
  readonly answers = new AnswerCache();
  /** The bag of every connection of the session. */
  readonly data: Record<string, unknown> = {};
  /** Channels the server had subscribed the lost connection to; its successor gets them back. */
  readonly channels = new Map<string, { metadata: JsonObject; presence: boolean }>();
  /** The connection that has the session now, or had it last. */
  connectionId: string | undefined;
  /** Ends the session when nobody has come back. */
  expiry: Timer | undefined;
  /** Requests that are being carried out, whether or not the connection they came by is still there. */
  private readonly calls = new Set<Call>();

  constructor(
    /** Public; the same for every connection of the session. */
    readonly id: string,
    readonly userId: string | null,
    /** Where it was begun; what one gateway has noted is not for another. */
    readonly place: string,
    /** The private key, known to the client alone; a new one with every connection. */
    public resume: string,
  ) {}

  /** Ends with the session. @returns a function to call when it has ended by itself */
  addCall(call: Call): () => void {
    this.calls.add(call);
    return () => this.calls.delete(call);
  }

  /** Nobody can come back any more. */
  end(): void {
    for (const call of [...this.calls]) call.unsubscribe();
    this.calls.clear();
  }
}
