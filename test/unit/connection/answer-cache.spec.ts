import { describe, expect, it } from 'vitest';
import { AnswerCache } from '../../../lib/connection/answer-cache.js';
import { EncodedFrame } from '../../../lib/connection/encoded-frame.js';
import { V1_DIALECT } from '../../../lib/protocol/dialect.js';
import type { AckFrame, ErrorFrame, ServerFrame } from '../../../lib/protocol/server-frames.js';

class Receiver {
  readonly got: ServerFrame[] = [];

  deliver({ frame }: EncodedFrame): boolean {
    this.got.push(frame);
    return true;
  }
}

/** The cache, given frames as they are. */
class Cache extends AnswerCache {
  answer(question: { type: string }, frame: AckFrame | ErrorFrame): void {
    this.settle(question, new EncodedFrame(frame));
  }
}

const ack = (id: string | number, data: number): AckFrame => ({ type: 'ack', id, data });
const error = (id: string | number, retryable: boolean): ErrorFrame => ({
  type: 'error',
  error_type: 'x',
  message: 'x',
  timestamp: 0,
  id,
  retryable,
});

describe('AnswerCache', () => {
  it('repeats the answer of the first time', () => {
    const cache = new Cache();
    const [question, repeated] = [{ type: 'a' }, { type: 'a' }];
    const receiver = new Receiver();
    expect(cache.begin(1, question, receiver)).toBe(true);
    cache.answer(question, ack(1, 7));
    expect(cache.begin(1, repeated, receiver)).toBe(false);
    expect(receiver.got).toEqual([ack(1, 7)]);
  });

  it('tells everybody who waits, each once, when there is an answer', () => {
    const cache = new Cache();
    const question = { type: 'a' };
    const [first, second] = [new Receiver(), new Receiver()];
    cache.begin(1, question, first);
    for (let i = 0; i < 1000; i++) cache.begin(1, { type: 'a' }, second);
    cache.begin(1, { type: 'a' }, first);
    cache.answer(question, ack(1, 7));
    expect(second.got).toEqual([ack(1, 7)]);
    expect(first.got).toEqual([ack(1, 7)]);
  });

  it('takes 1 and "1" for two requests', () => {
    const cache = new Cache();
    expect(cache.begin(1, { type: 'a' }, new Receiver())).toBe(true);
    expect(cache.begin('1', { type: 'a' }, new Receiver())).toBe(true);
  });

  it('does not mix up the answers of two questions with one id', () => {
    const cache = new Cache();
    const [slow, fast] = [{ type: 'slow' }, { type: 'fast' }];
    const receiver = new Receiver();
    cache.begin(1, slow, receiver);
    expect(cache.begin(1, fast, receiver)).toBe(true);
    cache.answer(fast, ack(1, 2));
    cache.answer(slow, ack(1, 1));
    cache.begin(1, { type: 'fast' }, receiver);
    expect(receiver.got).toEqual([ack(1, 2)]);
  });

  it('is not impressed by answers to frames it was never given, such as one beyond the rate limit', () => {
    const cache = new Cache();
    const question = { type: 'a' };
    const receiver = new Receiver();
    cache.begin(1, question, receiver);
    cache.answer({ type: 'a' }, error(1, true));
    cache.answer(question, ack(1, 7));
    cache.answer({ type: 'a' }, error(1, true));
    expect(cache.begin(1, { type: 'a' }, receiver)).toBe(false);
    expect(receiver.got).toEqual([ack(1, 7)]);
  });

  it('forgets what failed for the moment, after telling those who waited; keeps what failed for good', () => {
    const cache = new Cache();
    const [one, two] = [{ type: 'a' }, { type: 'b' }];
    const receiver = new Receiver();
    cache.begin(1, one, receiver);
    cache.begin(1, { type: 'a' }, receiver);
    cache.answer(one, error(1, true));
    expect(receiver.got).toEqual([error(1, true)]);
    expect(cache.begin(1, { type: 'a' }, receiver)).toBe(true);
    cache.begin(2, two, receiver);
    cache.answer(two, error(2, false));
    expect(cache.begin(2, { type: 'b' }, receiver)).toBe(false);
  });

  it('keeps 128 answers, and forgets the oldest first', () => {
    const cache = new Cache();
    const receiver = new Receiver();
    for (let id = 0; id < 129; id++) {
      const question = { type: 'a', id };
      cache.begin(id, question, receiver);
      cache.answer(question, ack(id, id));
    }
    expect(cache.begin(1, { type: 'a', id: 1 }, receiver)).toBe(false);
    expect(cache.begin(0, { type: 'a', id: 0 }, receiver)).toBe(true);
  });

  it('keeps 256 KiB of answers, the latest however large it is', () => {
    const cache = new Cache();
    const receiver = new Receiver();
    const put = (id: number, bytes: number): void => {
      const question = { type: 'a', id };
      cache.begin(id, question, receiver);
      cache.answer(question, { type: 'ack', id, data: 'x'.repeat(bytes) });
    };
    const isKnown = (id: number): boolean => !cache.begin(id, { type: 'a', id }, receiver);
    put(1, 100_000);
    put(2, 100_000);
    put(3, 100_000);
    expect([isKnown(3), isKnown(2)]).toEqual([true, true]);
    expect(isKnown(1)).toBe(false);
    put(4, 1_000_000);
    expect([isKnown(4), isKnown(3), isKnown(2)]).toEqual([true, false, false]);
  });

  it('repeats what was sent, whatever has become of the object since', () => {
    const cache = new Cache();
    const data = { state: 'then' };
    const frame = new EncodedFrame({ type: 'ack', id: 1, data });
    const sent: string[] = [];
    const receiver = { deliver: (answer: EncodedFrame) => sent.push(String(answer.bytes(V1_DIALECT))) > 0 };
    const question = { type: 'a' };
    cache.begin(1, question, receiver);
    cache.settle(question, frame);
    data.state = 'now';
    cache.begin(1, { type: 'a' }, receiver);
    expect(sent[0]).toContain('then');
  });
});
