import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJsonText } from '../../../lib/protocol/text-scan.js';

/** The same counts, taken from the parsed value. */
function measure(value: unknown): { depth: number; keys: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, keys: 0 };
  let depth = 0;
  let keys = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const child of Object.values(value)) {
    const inner = measure(child);
    depth = Math.max(depth, inner.depth);
    keys += inner.keys;
  }
  return { depth: depth + 1, keys };
}

describe('scanJsonText', () => {
  it('counts what a walk through the parsed value counts', () => {
    const tricky = fc.string({ unit: fc.constantFrom('"', '\\', '{', '[', ':', ']', '}', 'a', 'ñ') });
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        tricky,
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(tricky, tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, fc.nat(6), fc.nat(12), fc.nat(2), (given, maxDepth, maxKeys, indent) => {
        const text = JSON.stringify(given, undefined, indent);
        const { depth, keys } = measure(JSON.parse(text));
        const result = scanJsonText(text, { maxDepth, maxKeys });
        expect(result === null).toBe(depth <= maxDepth && keys <= maxKeys);
        if (result === 'depth') expect(depth).toBeGreaterThan(maxDepth);
        if (result === 'keys') expect(keys).toBeGreaterThan(maxKeys);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes any text, finished or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ':', 'a') }), (text) => {
        expect([null, 'depth', 'keys']).toContain(scanJsonText(text, { maxDepth: 3, maxKeys: 3 }));
      }),
    );
  });

  it('allows exactly what the limits say', () => {
    expect(scanJsonText('[[1]]', { maxDepth: 2, maxKeys: 0 })).toBeNull();
    expect(scanJsonText('[[[1]]]', { maxDepth: 2, maxKeys: 0 })).toBe('depth');
    expect(scanJsonText('{"a":1,"b":2}', { maxDepth: 1, maxKeys: 2 })).toBeNull();
    expect(scanJsonText('{"a":1,"b":2,"c":3}', { maxDepth: 1, maxKeys: 2 })).toBe('keys');
    expect(scanJsonText('{"a:[{":"\\"[[["}', { maxDepth: 1, maxKeys: 1 })).toBeNull();
  });
});
