import { isRetryable } from '../protocol/error-types.js';
import type { JsonObject } from '../protocol/json.js';
import type { AckFrame, ErrorFrame, RequestId } from '../protocol/server-frames.js';

/** Answers kept at most; the oldest is forgotten first. */
const MAX_ANSWERS = 128;

/** Whoever is to hear an answer. */
export interface AnswerReceiver {
  sendFrame(frame: AckFrame | ErrorFrame): boolean;
}

interface Entry {
  /** Of what was asked: an id that comes with another question is a new request, not a repeated one. */
  readonly fingerprint: number;
  answer: AckFrame | ErrorFrame | null;
  /** Repeated while it was being carried out; they get the answer when there is one. */
  waiting: AnswerReceiver[];
}

/**
 * The answers of one session's latest requests. A client that lost the connection before the answer came repeats the
 * request; it gets the answer of the first time, and nothing is carried out twice.
 */
export class AnswerCache {
  private readonly entries = new Map<RequestId, Entry>();

  /**
   * Takes a request.
   *
   * @param question the whole frame
   * @returns whether it is a new one; a repeated one is answered here, at once or when the first one has been
   */
  begin(id: RequestId, question: JsonObject, receiver: AnswerReceiver): boolean {
    const known = this.entries.get(id);
    const fingerprint = hash(JSON.stringify(question));
    if (known?.fingerprint === fingerprint) {
      if (known.answer === null) known.waiting.push(receiver);
      else receiver.sendFrame(known.answer);
      return false;
    }
    this.entries.delete(id);
    this.entries.set(id, { fingerprint, answer: null, waiting: [] });
    if (this.entries.size > MAX_ANSWERS) this.entries.delete(this.entries.keys().next().value as RequestId);
    return true;
  }

  /** Notes the answer of a request. What failed for the moment is forgotten: repeating it is to be tried again. */
  settle(answer: AckFrame | ErrorFrame): void {
    const entry = answer.id === undefined ? undefined : this.entries.get(answer.id);
    if (entry === undefined) return;
    const { waiting } = entry;
    if (answer.type === 'error' && isRetryable(answer.error_type))
      this.entries.delete(answer.id as RequestId);
    else Object.assign(entry, { answer, waiting: [] });
    for (const receiver of waiting) receiver.sendFrame(answer);
  }
}

/** FNV-1a: tells questions apart without keeping them. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}
