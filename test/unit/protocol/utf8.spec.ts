import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitCloseReason } from '../../../lib/protocol/close-codes.js';
import { utf8Length } from '../../../lib/protocol/utf8.js';

const anyText = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 1 }), fc.constant('\ud800')),
  maxLength: 80,
});

describe('the length of a text on the wire', () => {
  it('is what the encoder of the runtime says, lone surrogates included', () => {
    fc.assert(fc.property(anyText, (text) => utf8Length(text) === Buffer.byteLength(text)));
  });

  it('never lets a close reason outgrow its frame, and cuts between characters', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const fitted = fitCloseReason(text);
        expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(123);
        expect(text.startsWith(fitted)).toBe(true);
        if (Buffer.byteLength(text) <= 123) expect(fitted).toBe(text);
      }),
    );
  });
});
