import { V1_DIALECT } from '../protocol/dialect.js';
import type { JsonObject } from '../protocol/json.js';
import type { AckFrame, ErrorFrame, RequestId } from '../protocol/server-frames.js';
import type { EncodedFrame } from './encoded-frame.js';

/** Answers kept at most; the oldest is forgotten first. */
const MAX_ANSWERS = 128;
/** Bytes of answers kept; the latest answer is kept however large it is. */
const MAX_BYTES = 262_144;

/** Whoever is to hear an answer. */
export interface AnswerReceiver {
  deliver(answer: EncodedFrame): boolean;
}

interface Entry {
  /** Of what was asked: an id that comes with another question is a new request, not a repeated one. */
  readonly fingerprint: number;
  /** The frame that is being carried out; the answers of others with the same id are none of this one. */
  question: JsonObject | null;
  /** As it was sent: what the application does with its objects later changes nothing. */
  answer: EncodedFrame | null;
  size: number;
  /** Repeated while it was being carried out; they get the answer when there is one, each once. */
  readonly waiting: Set<AnswerReceiver>;
}

/**
 * The answers of one session's latest requests. A client that lost the connection before the answer came repeats the
 * request; it gets the answer of the first time, and nothing is carried out twice.
 */
export class AnswerCache {
  private readonly entries = new Map<RequestId, Entry>();
  private bytes = 0;

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
      if (known.answer === null) known.waiting.add(receiver);
      else receiver.deliver(known.answer);
      return false;
    }
    this.forget(id);
    this.entries.set(id, { fingerprint, question, answer: null, size: 0, waiting: new Set() });
    if (this.entries.size > MAX_ANSWERS) this.forget(this.entries.keys().next().value as RequestId);
    return true;
  }

  /**
   * Notes the answer of a request. What failed for the moment is forgotten: repeating it is to be tried again.
   *
   * @param question the frame {@link begin} was given
   * @throws when the answer has no JSON form; nothing has changed then
   */
  settle(question: JsonObject, answer: EncodedFrame): void {
    const frame = answer.frame as AckFrame | ErrorFrame;
    const { id } = frame;
    const entry = id === undefined ? undefined : this.entries.get(id);
    if (id === undefined || entry?.question !== question) return;
    const size = answer.bytes(V1_DIALECT)?.length ?? 0;
    entry.question = null;
    if (frame.type === 'error' && frame.retryable) this.forget(id);
    else this.keep(entry, answer, size);
    for (const receiver of entry.waiting) receiver.deliver(answer);
    entry.waiting.clear();
  }

  private keep(entry: Entry, answer: EncodedFrame, size: number): void {
    Object.assign(entry, { answer, size });
    this.bytes += size;
    for (const [id, other] of this.entries) {
      if (this.bytes <= MAX_BYTES) return;
      if (other !== entry && other.answer !== null) this.forget(id);
    }
  }

  private forget(id: RequestId): void {
    this.bytes -= this.entries.get(id)?.size ?? 0;
    this.entries.delete(id);
  }
}

/** FNV-1a: tells questions apart without keeping them. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}
