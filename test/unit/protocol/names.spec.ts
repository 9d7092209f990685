import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReservedName, nameProblem } from '../../../lib/protocol/names.js';

describe('nameProblem', () => {
  it.each([
    'a',
    '__proto__',
    'constructor',
    'con espacio',
    ' ',
    '$system',
    'a'.repeat(255),
    'ñ'.repeat(127),
    '🎉',
    '{id}',
    '*',
  ])('takes %j as it is', (name) => expect(nameProblem(name)).toBeNull());

  it.each([
    ['', 'must not be empty'],
    ['a'.repeat(256), 'must be at most 255 bytes'],
    ['ñ'.repeat(128), 'must be at most 255 bytes'],
    ['a\nb', 'must not contain control characters'],
    ['a\u0000', 'must not contain control characters'],
    ['\u007f', 'must not contain control characters'],
    ['\u0085', 'must not contain control characters'],
    ['\ud800', 'must be well-formed Unicode'],
    ['a\udc00b', 'must be well-formed Unicode'],
    [1, 'must be text'],
    [null, 'must be text'],
    [undefined, 'must be text'],
    [['a'], 'must be text'],
  ])('%j: %s', (name, problem) => expect(nameProblem(name)).toBe(problem));

  it('agrees with the rules, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const fine =
          name !== '' && Buffer.byteLength(name) <= 255 && !/\p{Cc}/u.test(name) && !/\p{Cs}/u.test(name);
        expect(nameProblem(name) === null).toBe(fine);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('isReservedName', () => {
  it('is what begins with $', () => {
    expect(['$', '$a', 'a$', '__proto__'].map(isReservedName)).toEqual([true, true, false, false]);
  });
});
