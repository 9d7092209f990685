import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEnvelope, isEnvelopeProblem, readEnvelope } from '../../../lib/protocol/envelope.js';

const LIMITS = { maxDepth: 32, maxKeys: 2000 };

describe('readEnvelope', () => {
  it('reads typed frames and {event, data} frames', () => {
    expect(readEnvelope('{"type":"move","x":1}', LIMITS)).toEqual({
      type: 'move',
      id: undefined,
      native: false,
      frame: { type: 'move', x: 1 },
    });
    expect(readEnvelope('{"event":"move","data":1,"id":7}', LIMITS)).toMatchObject({
      type: 'move',
      id: 7,
      native: true,
    });
    expect(readEnvelope('{"type":"channel_message","event":"typing"}', LIMITS)).toMatchObject({
      type: 'channel_message',
      native: false,
    });
  });

  it.each([
    ['', 'parse_error'],
    ['{', 'parse_error'],
    ['hello', 'parse_error'],
    ['null', 'validation_error'],
    ['1', 'validation_error'],
    ['"text"', 'validation_error'],
    ['[]', 'validation_error'],
    ['[{"type":"a"}]', 'validation_error'],
    ['{}', 'validation_error'],
    ['{"type":1}', 'validation_error'],
    ['{"type":""}', 'validation_error'],
    ['{"type":null}', 'validation_error'],
    ['{"__proto__":{"type":"a"}}', 'validation_error'],
    [`{"type":"${'a'.repeat(129)}"}`, 'validation_error'],
    ['{"type":"a","id":""}', 'validation_error'],
    ['{"type":"a","id":{}}', 'validation_error'],
    ['{"type":"a","id":null}', 'validation_error'],
    ['{"type":"a","id":1e999}', 'validation_error'],
    [`{"type":"a","id":"${'a'.repeat(129)}"}`, 'validation_error'],
    [`{"type":"a","deep":${'['.repeat(40)}${']'.repeat(40)}}`, 'limit_exceeded'],
  ])('%s is a %s', (text, type) => {
    expect(readEnvelope(text, LIMITS)).toMatchObject({ type, message: expect.any(String) as unknown });
  });

  it('says which field to mend, and keeps an id that can be read', () => {
    expect(readEnvelope('{"id":"q1"}', LIMITS)).toMatchObject({ id: 'q1', issues: [{ path: 'type' }] });
    expect(readEnvelope('{"id":0,"event":5}', LIMITS)).toMatchObject({ id: 0, issues: [{ path: 'event' }] });
    expect(readEnvelope('{"type":"a","id":[]}', LIMITS)).not.toHaveProperty('id');
  });

  it('takes the longest type and id there may be', () => {
    const longest = 'ñ'.repeat(128);
    expect(readEnvelope(JSON.stringify({ type: longest, id: longest }), LIMITS)).toMatchObject({
      type: longest,
      id: longest,
    });
  });

  it('never throws: any text is an envelope or a problem', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json({ maxDepth: 4 }),
      fc
        .record({ type: fc.jsonValue(), id: fc.jsonValue(), event: fc.jsonValue() }, { requiredKeys: [] })
        .map((frame) => JSON.stringify(frame)),
    );
    fc.assert(
      fc.property(text, (given) => {
        const result = readEnvelope(given, { maxDepth: 4, maxKeys: 5 });
        if (isEnvelopeProblem(result)) {
          expect(['parse_error', 'validation_error', 'limit_exceeded']).toContain(result.type);
          expect(result.message).not.toBe('');
        } else {
          expect(result.type.length).toBeGreaterThan(0);
          expect(result.frame).toEqual(JSON.parse(given));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('a frame that has a field "message" is not taken for a problem', () => {
    expect(isEnvelopeProblem(checkEnvelope({ type: 'broadcast', message: 'hi' }))).toBe(false);
  });
});
