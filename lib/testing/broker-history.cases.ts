import assert from 'node:assert/strict';
import type { Broker, HistoryQuery } from '../broker/broker.js';
import { Ear, KEEP, publication, type BrokerPorts } from './broker-listening.js';
import { required, type ContractCase } from './contract.js';

/** Positions and what is kept. */
export const historyCases: readonly ContractCase<BrokerPorts>[] = [
  {
    name: 'keeps what it delivered, exactly',
    async run({ broker }) {
      const ear = new Ear(broker);
      await broker.subscribe('room1');
      await broker.publish(publication('room1', { a: 1 }, { history: KEEP, user: 'user1', event: 'edit' }));
      await broker.publish(publication('room1', 'end', { history: KEEP }));
      await ear.until('end');
      const { publications, ...position } = await broker.history('room1', { limit: 10 });
      assert.deepEqual(
        publications,
        ear.heard.map((heard) => heard.publication),
      );
      assert.deepEqual(position, await broker.position('room1'));
    },
  },
  {
    name: 'reads oldest first, newest first, up to a limit and from a position on',
    async run({ broker }) {
      for (let n = 1; n <= 5; n++) await broker.publish(publication('room1', n, { history: KEEP }));
      const { epoch } = await broker.position('room1');
      const since = { offset: 3, epoch };
      assert.deepEqual(await read(broker, { limit: 10 }), [1, 2, 3, 4, 5]);
      assert.deepEqual(await read(broker, { limit: 2 }), [1, 2]);
      assert.deepEqual(await read(broker, { limit: 10, since }), [4, 5]);
      assert.deepEqual(await read(broker, { limit: 1, since }), [4]);
      assert.deepEqual(await read(broker, { limit: 10, reverse: true }), [5, 4, 3, 2, 1]);
      assert.deepEqual(await read(broker, { limit: 2, reverse: true }), [5, 4]);
      assert.deepEqual(await read(broker, { limit: 10, since, reverse: true }), [2, 1]);
      assert.deepEqual(await read(broker, { limit: 10, since: { offset: 5, epoch } }), []);
      assert.deepEqual(await read(broker, { limit: 10, since: { offset: 0, epoch } }), [1, 2, 3, 4, 5]);
    },
  },
  {
    name: 'tells the newest position with every page of history',
    async run({ broker }) {
      for (let n = 1; n <= 3; n++) await broker.publish(publication('room1', n, { history: KEEP }));
      const { offset, epoch } = await broker.history('room1', { limit: 1 });
      assert.deepEqual({ offset, epoch }, await broker.position('room1'));
      assert.equal(offset, 3);
    },
  },
  {
    name: 'keeps the newest publications when there are more than the policy allows',
    async run({ broker }) {
      const history = { size: 3, ttl: 60_000 };
      for (let n = 1; n <= 5; n++) await broker.publish(publication('room1', n, { history }));
      assert.deepEqual(await read(broker, { limit: 10 }), [3, 4, 5]);
      assert.equal((await broker.position('room1')).offset, 5);
    },
  },
  {
    name: 'keeps a publication as long as its policy says',
    needs: 'advance',
    async run({ broker, advance }) {
      await broker.subscribe('room1');
      const history = { size: 10, ttl: 10_000 };
      await broker.publish(publication('room1', 1, { history }));
      await required(advance, 'advance')(6000);
      await broker.publish(publication('room1', 2, { history }));
      assert.deepEqual(await read(broker, { limit: 10 }), [1, 2]);
      await required(advance, 'advance')(5000);
      assert.deepEqual(await read(broker, { limit: 10 }), [2]);
      await required(advance, 'advance')(6000);
      assert.deepEqual(await read(broker, { limit: 10 }), []);
    },
  },
  {
    name: 'the offsets of a channel somebody subscribes to go on after its history has gone',
    needs: 'advance',
    async run({ broker, advance }) {
      await broker.subscribe('room1');
      const history = { size: 10, ttl: 1000 };
      const before = await broker.publish(publication('room1', 1, { history }));
      await required(advance, 'advance')(120_000);
      const after = await broker.publish(publication('room1', 2, { history }));
      assert.deepEqual([after.offset, after.epoch], [2, before.epoch]);
    },
  },
  {
    name: 'keeps nothing without a policy, but counts',
    async run({ broker }) {
      await broker.subscribe('room1');
      await broker.publish(publication('room1', 1));
      assert.deepEqual(await read(broker, { limit: 10 }), []);
      assert.equal((await broker.position('room1')).offset, 1);
    },
  },
  {
    name: 'a channel nobody published to has an empty history',
    async run({ broker }) {
      const { offset, publications } = await broker.history('nowhere', { limit: 10 });
      assert.equal(offset, 0);
      assert.deepEqual(publications, []);
    },
  },
  {
    name: 'asking for the position begins a stream at 0, and the first publication continues it',
    async run({ broker }) {
      await broker.subscribe('room1');
      const position = await broker.position('room1');
      assert.equal(position.offset, 0);
      assert.notEqual(position.epoch, '');
      assert.deepEqual(await broker.position('room1'), position);
      const { offset, epoch } = await broker.publish(publication('room1', 1));
      assert.deepEqual({ offset, epoch }, { offset: 1, epoch: position.epoch });
    },
  },
  {
    name: 'history stays readable after the last subscriber has left',
    async run({ broker }) {
      await broker.subscribe('room1');
      const { epoch } = await broker.publish(publication('room1', 1, { history: KEEP }));
      await broker.unsubscribe('room1');
      const result = await broker.history('room1', { limit: 10 });
      assert.deepEqual([result.offset, result.epoch, result.publications.length], [1, epoch, 1]);
    },
  },
  {
    name: 'a history that was read does not change any more',
    async run({ broker }) {
      await broker.publish(publication('room1', 1, { history: KEEP }));
      const { publications } = await broker.history('room1', { limit: 10 });
      await broker.publish(publication('room1', 2, { history: KEEP }));
      assert.equal(publications.length, 1);
    },
  },
  {
    name: 'all nodes read the same history and continue the same stream',
    needs: 'secondNode',
    async run({ broker, secondNode }) {
      const other = required(secondNode, 'secondNode');
      const first = await broker.publish(publication('room1', 1, { history: KEEP }));
      const second = await other.publish(publication('room1', 2, { history: KEEP }));
      assert.deepEqual([second.offset, second.epoch], [2, first.epoch]);
      assert.deepEqual(
        await other.history('room1', { limit: 10 }),
        await broker.history('room1', { limit: 10 }),
      );
    },
  },
];

async function read(broker: Broker, query: HistoryQuery): Promise<unknown[]> {
  const { publications } = await broker.history('room1', query);
  return publications.map(({ payload }) => JSON.parse(payload) as unknown);
}
