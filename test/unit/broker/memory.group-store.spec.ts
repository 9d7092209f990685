import { describe, expect, it } from 'vitest';
import { MemoryGroupStore } from '../../../lib/broker/memory.group-store.js';
import { casesWithout, groupStoreContract } from '../../../lib/testing/index.js';

describe('MemoryGroupStore', () => {
  for (const { name, run } of casesWithout(groupStoreContract, 'secondNode')) {
    it(name, () => run({ store: new MemoryGroupStore() }));
  }

  it('leaves nothing behind of groups and users that are gone', async () => {
    const store = new MemoryGroupStore();
    for (let n = 0; n < 100; n++) {
      await store.add(`user${n}`, `group${n}`);
      await store.add(`user${n}`, 'all');
      await store.clearUser(`user${n}`);
    }
    for (const map of Object.values(store) as Map<string, unknown>[]) expect(map.size).toBe(0);
  });
});
