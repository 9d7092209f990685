import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOffer, encodeOffer } from '../../../lib/protocol/subprotocol.js';

/** What a WebSocket takes for the name of a subprotocol (RFC 7230 token). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

describe('the offer of a v1 client', () => {
  it('carries any token there and back, as text a list of subprotocols can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (token) => {
        const protocols = encodeOffer({ token, resume: 'key' });
        for (const protocol of protocols) expect(protocol).toMatch(TOKEN);
        expect(decodeOffer(['hauyna.v1.json', ...protocols])).toEqual({ token, resume: 'key' });
      }),
    );
  });

  it('is empty when there is nothing to say', () => {
    expect(encodeOffer({})).toEqual([]);
    expect(decodeOffer(['hauyna.v1.json', 'chat'])).toEqual({});
  });

  it('leaves out what cannot be read', () => {
    for (const broken of ['%%%', 'a', '_w']) {
      expect(decodeOffer([`hauyna.token.${broken}`])).toEqual({});
    }
  });
});
