import { describe, expect, it } from 'vitest';
import { chooseDialect, PLAIN_DIALECT, V1_DIALECT } from '../../../lib/protocol/dialect.js';
import { toJsonText, type JsonText } from '../../../lib/protocol/json.js';
import type { ServerFrame } from '../../../lib/protocol/server-frames.js';

const payload = (value: unknown): JsonText => toJsonText(value) as JsonText;
const VALUES = [null, 0, '', false, 'hola', 1.5, [], [1, 'a'], {}, { a: { b: null } }, '"}', '\u2028'];

describe('the plain dialect', () => {
  it.each(VALUES)('delivers %j bare', (value) => {
    const publication: ServerFrame = {
      type: 'publication',
      channel: 'a',
      event: 'message',
      offset: 1,
      epoch: 'e',
      user: null,
      at: 1,
      payload: payload(value),
    };
    expect(JSON.parse(PLAIN_DIALECT.encode(publication)!)).toEqual(value);
    expect(
      JSON.parse(PLAIN_DIALECT.encode({ type: 'message', via: 'private', payload: payload(value) })!),
    ).toEqual(value);
  });

  it('does not bother clients with frames they never asked for', () => {
    expect(PLAIN_DIALECT.encode({ type: 'disconnect', code: 1000, reason: '', reconnect: false })).toBeNull();
  });
});

describe('the v1 dialect', () => {
  it.each(VALUES)('puts %j into data', (value) => {
    const head = { channel: 'a', event: 'message', offset: 1, epoch: 'e', user: null, at: 1 };
    const publication: ServerFrame = { type: 'publication', ...head, payload: payload(value) };
    expect(JSON.parse(V1_DIALECT.encode(publication)!)).toEqual({
      type: 'publication',
      ...head,
      data: value,
    });
    const message: ServerFrame = {
      type: 'message',
      via: 'group',
      group: 'g',
      user: 'ana',
      payload: payload(value),
    };
    expect(JSON.parse(V1_DIALECT.encode(message)!)).toEqual({
      type: 'message',
      via: 'group',
      group: 'g',
      user: 'ana',
      data: value,
    });
  });
});

it('a client gets the dialect it asked for, and the plain one otherwise', () => {
  expect(chooseDialect(['hauyna.v1.json'])).toBe(V1_DIALECT);
  expect(chooseDialect(['graphql-ws', 'hauyna.v1.json'])).toBe(V1_DIALECT);
  expect(chooseDialect(['hauyna.v9.json'])).toBe(PLAIN_DIALECT);
  expect(chooseDialect([])).toBe(PLAIN_DIALECT);
});
