import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  closeAction,
  CloseCode,
  fitCloseReason,
  isSendableCloseCode,
  reconnects,
} from '../../../lib/protocol/close-codes.js';

describe('close codes', () => {
  it.each([
    [1000, 'stop'],
    [1001, 'backoff'],
    [1006, 'backoff'],
    [1008, 'stop'],
    [1009, 'stop'],
    [1012, 'backoff'],
    [CloseCode.unauthorized, 'stop'],
    [CloseCode.kicked, 'stop'],
    [CloseCode.slowConsumer, 'backoff'],
    [CloseCode.draining, 'soon'],
    [CloseCode.pingTimeout, 'soon'],
    [4300, 'refresh'],
    [4400, 'backoff'],
    [4500, 'stop'],
    [4999, 'stop'],
  ])('%i means %s', (code, action) => {
    expect(closeAction(code)).toBe(action);
    expect(reconnects(code)).toBe(action !== 'stop');
  });

  it('only codes a server may put on the wire are sendable', () => {
    const sendable = [1000, 1001, 1003, 1011, 1014, 3000, 4999];
    const not = [0, 999, 1004, 1005, 1006, 1015, 2000, 2999, 5000, 1000.5, Number.NaN];
    expect(sendable.every(isSendableCloseCode)).toBe(true);
    expect(not.some(isSendableCloseCode)).toBe(false);
  });

  it('a reason always fits into a close frame and is never cut inside a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (reason) => {
        const fitted = fitCloseReason(reason);
        expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(123);
        expect(reason.startsWith(fitted)).toBe(true);
        expect(fitted).not.toMatch(/\p{Cs}/u);
        if (Buffer.byteLength(reason) <= 123) expect(fitted).toBe(reason);
        else expect(Buffer.byteLength(fitted)).toBeGreaterThan(119);
      }),
    );
  });
});
