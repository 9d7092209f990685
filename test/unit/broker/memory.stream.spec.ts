import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Publication } from '../../../lib/broker/broker.js';
import { MemoryStream } from '../../../lib/broker/memory.stream.js';
import type { JsonText } from '../../../lib/protocol/json.js';

const publication = (offset: number, at: number): Publication => ({
  channel: 'room',
  event: 'message',
  payload: `${offset}` as JsonText,
  user: null,
  at,
  offset,
  epoch: 'e',
});

describe('MemoryStream', () => {
  it('reads like a plain list that forgets what is too old or too much', () => {
    const step = fc.record({ wait: fc.nat(30), size: fc.integer({ min: 1, max: 5 }) });
    const query = fc.record({
      limit: fc.integer({ min: 1, max: 6 }),
      since: fc.option(fc.nat(25), { nil: undefined }),
      reverse: fc.boolean(),
    });
    const ttl = 60;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), query, fc.nat(70), (steps, given, rest) => {
        const stream = new MemoryStream('e');
        let model: { offset: number; expires: number }[] = [];
        let now = 0;
        for (const { wait, size } of steps) {
          now += wait;
          const offset = stream.nextOffset();
          stream.keep(publication(offset, now), { size, ttl }, now);
          model.push({ offset, expires: now + ttl });
          model = model.slice(-size);
        }
        now += rest;
        model = model.filter(({ expires }) => expires > now);
        let offsets = model.map(({ offset }) => offset);
        const { since, limit, reverse } = given;
        if (reverse) offsets.reverse();
        if (since !== undefined)
          offsets = offsets.filter((offset) => (reverse ? offset < since : offset > since));
        const read = stream.read(
          { limit, reverse, ...(since === undefined ? {} : { since: { offset: since, epoch: 'e' } }) },
          now,
        );
        expect(read.map(({ offset }) => offset)).toEqual(offsets.slice(0, limit));
        expect(stream.expire(now)).toBe(model.length > 0);
      }),
    );
  });
});
