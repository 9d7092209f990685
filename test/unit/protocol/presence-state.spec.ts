import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonEqual, type JsonObject, type JsonValue } from '../../../lib/protocol/json.js';
import {
  applyPresenceChange,
  matchesCriteria,
  mergeMetadata,
  presenceFromState,
} from '../../../lib/protocol/presence-state.js';

const member = (metadata: JsonObject = {}) => ({ metadata, connections: 1, since: 5 });

describe('applyPresenceChange', () => {
  it('adds, updates and removes members, and leaves the given map alone', () => {
    const before = presenceFromState({ ana: member({ status: 'online' }) });
    const joined = applyPresenceChange(before, { event: 'join', user: 'bob', metadata: { a: 1 } }, 9);
    expect([...joined.keys()]).toEqual(['ana', 'bob']);
    expect(joined.get('bob')).toEqual({ metadata: { a: 1 }, connections: 1, since: 9 });
    const updated = applyPresenceChange(
      joined,
      { event: 'update', user: 'ana', metadata: { status: 'away' } },
      10,
    );
    expect(updated.get('ana')).toEqual({ metadata: { status: 'away' }, connections: 1, since: 5 });
    expect([
      ...applyPresenceChange(updated, { event: 'leave', user: 'ana', metadata: {} }, 11).keys(),
    ]).toEqual(['bob']);
    expect([...before]).toEqual([['ana', member({ status: 'online' })]]);
  });

  it('a repeated change, an unknown leave and an unknown update do no harm', () => {
    const change = { event: 'join', user: '__proto__', metadata: {} } as const;
    const once = applyPresenceChange(new Map(), change, 1);
    expect(applyPresenceChange(once, change, 2)).toEqual(once);
    expect(applyPresenceChange(once, { event: 'leave', user: 'nobody', metadata: {} }, 2)).toEqual(once);
    const update = { event: 'update', user: 'eva', metadata: { a: 1 } } as const;
    expect(applyPresenceChange(once, update, 3).get('eva')).toMatchObject({ metadata: { a: 1 } });
  });
});

describe('metadata', () => {
  it('a patch replaces top-level keys; null is a value and stays', () => {
    expect(mergeMetadata({ a: 1, b: { c: 1 } }, { b: { d: 2 }, e: null })).toEqual({
      a: 1,
      b: { d: 2 },
      e: null,
    });
  });

  it('__proto__ is a key like any other', () => {
    const patch = JSON.parse('{"__proto__":{"admin":true}}') as JsonObject;
    const merged = mergeMetadata({}, patch);
    expect(Object.keys(merged)).toEqual(['__proto__']);
    expect((merged as { admin?: unknown }).admin).toBeUndefined();
    expect(matchesCriteria(merged, patch)).toBe(true);
    expect(matchesCriteria({}, patch)).toBe(false);
  });

  it('criteria compare values deeply and never by what objects inherit', () => {
    expect(matchesCriteria({ a: { b: [1, 2] } }, { a: { b: [1, 2] } })).toBe(true);
    expect(matchesCriteria({ a: { b: [2, 1] } }, { a: { b: [1, 2] } })).toBe(false);
    expect(matchesCriteria({ a: 0 }, { a: false })).toBe(false);
    expect(matchesCriteria({ a: null }, { a: null })).toBe(true);
    expect(matchesCriteria({}, { a: null })).toBe(false);
    expect(matchesCriteria({}, {})).toBe(true);
    expect(matchesCriteria({}, { toString: 'x' } as JsonObject)).toBe(false);
  });
});

describe('jsonEqual', () => {
  it('is equality of JSON, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(jsonEqual(a as JsonValue, reversed(a as JsonValue))).toBe(true);
        expect(jsonEqual(a as JsonValue, b as JsonValue)).toBe(sorted(a) === sorted(b));
      }),
    );
  });
});

function reversed(value: JsonValue): JsonValue {
  const text = JSON.stringify(value);
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).toReversed());
  }) as JsonValue;
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
