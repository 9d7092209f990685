import { describe, expect, it } from 'vitest';
import { HauynaError } from '../../../lib/errors/hauyna.error.js';
import { fakeConnection } from '../../../lib/testing/index.js';

describe('Connection.send', () => {
  it('sends any JSON value: bare in the plain dialect, in an envelope in v1', () => {
    for (const value of [0, '', null, false, [], { a: 1 }]) {
      const [plain, v1] = [fakeConnection(), fakeConnection({ dialect: 'v1' })];
      expect(plain.send(value)).toBe(true);
      expect(v1.send(value)).toBe(true);
      expect(plain.sent).toEqual([value]);
      expect(v1.sent).toEqual([{ type: 'message', via: 'connection', data: value }]);
    }
  });

  it('throws for what has no JSON form, and nothing is sent', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const bad = {
      toJSON: (): never => {
        throw new Error('secret');
      },
    };
    const connection = fakeConnection();
    for (const value of [undefined, () => 1, Symbol('x'), 1n, circle, bad]) {
      expect(() => connection.send(value)).toThrow(HauynaError);
      expect(() => connection.send(value)).toThrow(/no JSON form/);
    }
    expect(connection.sent).toEqual([]);
  });

  it('takes nothing once the connection is closing', () => {
    const connection = fakeConnection();
    connection.close();
    expect(connection.send('late')).toBe(false);
    expect(connection.sent).toEqual([]);
  });
});

describe('Connection.close', () => {
  it('sends what came before it, then tells a v1 client why', () => {
    const connection = fakeConnection({ dialect: 'v1' });
    connection.send('last');
    connection.close(4400, 'bye', { retryAfter: 50 });
    expect(connection.sent).toEqual([
      { type: 'message', via: 'connection', data: 'last' },
      { type: 'disconnect', code: 4400, reason: 'bye', reconnect: true, retryAfter: 50 },
    ]);
    expect(connection.closedWith).toEqual({ code: 4400, reason: 'bye' });
  });

  it('counts once: the first reason stays', () => {
    const connection = fakeConnection();
    connection.close(4000, 'first');
    connection.close(4001, 'second');
    connection.terminate();
    expect(connection.closedWith).toEqual({ code: 4000, reason: 'first' });
  });

  it.each([1004, 1005, 1006, 1015, 1016, 2999, 5000, 0, -1, 1.5, Number.NaN])(
    'refuses the code %d',
    (code) => {
      const connection = fakeConnection();
      expect(() => connection.close(code)).toThrow(RangeError);
      expect(connection.isOpen).toBe(true);
    },
  );

  it('cuts a reason to what a close frame carries, between characters', () => {
    const connection = fakeConnection();
    connection.close(4000, 'ñ'.repeat(100));
    expect(connection.closedWith?.reason).toBe('ñ'.repeat(61));
  });

  it('takes the hundred of the code for whether to come back, unless told otherwise', () => {
    const told = (code: number, reconnect?: boolean): unknown => {
      const connection = fakeConnection({ dialect: 'v1' });
      connection.close(code, '', reconnect === undefined ? {} : { reconnect });
      return (connection.sent[0] as { reconnect: boolean }).reconnect;
    };
    expect([1000, 1012, 4000, 4100, 4200, 4300, 4400, 4500].map((code) => told(code))).toEqual([
      false,
      true,
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect([told(4000, true), told(4200, false)]).toEqual([true, false]);
  });
});

describe('A connection whose client does not read', () => {
  it('keeps what is sent, in order, and writes it when the client reads again', () => {
    const connection = fakeConnection();
    connection.blocked = true;
    for (let n = 0; n < 5; n++) connection.send(n);
    expect(connection.sent).toEqual([]);
    expect(connection.bufferedAmount).toBeGreaterThan(0);
    connection.blocked = false;
    expect(connection.sent).toEqual([0, 1, 2, 3, 4]);
    expect(connection.bufferedAmount).toBe(0);
  });

  it('is closed with 4103 when too many messages or bytes wait, and takes nothing more', () => {
    const byMessages = fakeConnection({ outboxMessages: 3 });
    byMessages.blocked = true;
    expect([1, 2, 3, 4, 5].map((n) => byMessages.send(n))).toEqual([true, true, true, false, false]);
    expect(byMessages.closedWith).toEqual({ code: 4103, reason: 'slow consumer' });
    const byBytes = fakeConnection({ outboxBytes: 100 });
    byBytes.blocked = true;
    expect(byBytes.send('x'.repeat(50))).toBe(true);
    expect(byBytes.send('x'.repeat(50))).toBe(false);
    expect(byBytes.closedWith?.code).toBe(4103);
  });
});
