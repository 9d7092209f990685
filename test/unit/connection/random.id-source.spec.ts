import { describe, expect, it } from 'vitest';
import { RandomIdSource } from '../../../lib/connection/random.id-source.js';

describe('RandomIdSource', () => {
  it('gives 128 bits as hexadecimal text, and never the same twice', () => {
    const source = new RandomIdSource();
    const ids = Array.from({ length: 10_000 }, () => source.next());
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('leaves no bit unused', () => {
    const source = new RandomIdSource();
    const ids = Array.from({ length: 500 }, () => BigInt(`0x${source.next()}`));
    for (let bit = 0n; bit < 128n; bit++) {
      const ones = ids.filter((id) => ((id >> bit) & 1n) === 1n).length;
      expect(ones).toBeGreaterThan(100);
      expect(ones).toBeLessThan(400);
    }
  });
});
