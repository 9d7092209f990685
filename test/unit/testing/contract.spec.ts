import { describe, expect, it } from 'vitest';
import { MemoryBroker } from '../../../lib/broker/memory.broker.js';
import { MemoryGroupStore } from '../../../lib/broker/memory.group-store.js';
import type { PublishRequest, PublishResult } from '../../../lib/index.js';
import {
  ManualClock,
  SequentialIdSource,
  brokerContract,
  casesWithout,
  groupStoreContract,
  type ContractCase,
} from '../../../lib/testing/index.js';

/** Names of the cases an implementation does not pass. */
async function broken<P>(contract: readonly ContractCase<P>[], ports: () => P): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of casesWithout(contract, 'advance', 'secondNode')) {
    await run(ports()).catch(() => names.push(name));
  }
  return names;
}

class ForgetfulBroker extends MemoryBroker {
  override publish(request: PublishRequest): Promise<PublishResult> {
    const { idempotencyKey: _key, ...rest } = request;
    return super.publish(rest);
  }
}

class SilentGroupStore extends MemoryGroupStore {
  override async add(userId: string, group: string): Promise<boolean> {
    await super.add(userId, group);
    return true;
  }
}

describe('contracts', () => {
  it('notice a broker that forgets idempotency keys', async () => {
    const names = await broken(brokerContract, () => {
      return { broker: new ForgetfulBroker(new ManualClock(), new SequentialIdSource()) };
    });
    expect(names.join()).toContain('same key');
  });

  it('notice a group store that gives wrong answers', async () => {
    const names = await broken(groupStoreContract, () => ({ store: new SilentGroupStore() }));
    expect(names).toContain('adding says whether the user was new to the group');
  });

  it('have a name of its own for every case', () => {
    for (const contract of [brokerContract, groupStoreContract]) {
      const names = contract.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('a case without the port it needs says so', async () => {
    const needy = groupStoreContract.find(({ needs }) => needs === 'secondNode');
    await expect(needy?.run({ store: new MemoryGroupStore() })).rejects.toThrow(
      'needs the port "secondNode"',
    );
  });
});
