import { describe, expect, it } from 'vitest';
import { MemoryPresenceStore } from '../../../lib/broker/memory.presence-store.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { presenceStoreContract } from '../../../lib/testing/index.js';

describe('presence in memory keeps the contract', () => {
  for (const { name, run } of presenceStoreContract) {
    it(name, () => run({ store: new MemoryPresenceStore(resolveOptions()) }));
  }
});

describe('presence in memory', () => {
  it('still answers by metadata when more keys were asked for than can be indexed', async () => {
    const store = new MemoryPresenceStore(resolveOptions());
    for (const [index, userId] of ['ana', 'luis'].entries()) {
      const metadata = Object.fromEntries(Array.from({ length: 60 }, (_, key) => [`k${key}`, index]));
      await store.apply({ kind: 'track', userId, metadata, at: 1, maxBytes: 4096 });
    }
    for (let key = 0; key < 60; key++) {
      const found = await store.find({ criteria: { [`k${key}`]: 1 } });
      expect(found.map(({ userId }) => userId)).toEqual(['luis']);
    }
  });

  it('does not look at everybody to find a few', async () => {
    const store = new MemoryPresenceStore(resolveOptions());
    for (let i = 0; i < 20_000; i++) {
      const channel = i < 10 ? 'small' : 'large';
      const metadata = { status: i % 5000 === 0 ? 'away' : 'online' };
      await store.apply({ kind: 'enter', userId: `u${i}`, ref: `r${i}`, channel, metadata, at: i });
    }
    const entries = countReads(store);
    expect((await store.find({ channel: 'small' })).length).toBe(10);
    expect((await store.find({ criteria: { status: 'away' } })).length).toBe(4);
    expect((await store.find({ channel: 'large', criteria: { status: 'away' } })).length).toBe(3);
    expect(entries.reads).toBeLessThanOrEqual(10 + 4 + 4);
  });
});

/** Counts how many users a query looks at. */
function countReads(store: MemoryPresenceStore): { reads: number } {
  const { entries } = store as unknown as { entries: Map<string, unknown> };
  const counter = { reads: 0 };
  const get = entries.get.bind(entries);
  entries.get = (key) => {
    counter.reads++;
    return get(key);
  };
  return counter;
}
