import assert from 'node:assert/strict';
import type { GroupStore } from '../broker/group-store.js';
import { required, type ContractCase } from './contract.js';

export interface GroupStorePorts {
  store: GroupStore;
  /** The same groups as another process sees them. */
  secondNode?: GroupStore;
}

/** What every `GroupStore` promises. */
export const groupStoreContract: readonly ContractCase<GroupStorePorts>[] = [
  {
    name: 'adding says whether the user was new to the group',
    async run({ store }) {
      assert.equal(await store.add('user1', 'admins'), true);
      assert.equal(await store.add('user1', 'admins'), false);
      assert.equal(await store.add('user2', 'admins'), true);
      assert.equal(await store.add('user1', 'editors'), true);
    },
  },
  {
    name: 'removing says whether the user was a member',
    async run({ store }) {
      assert.equal(await store.remove('user1', 'admins'), false);
      await store.add('user1', 'admins');
      assert.equal(await store.remove('user2', 'admins'), false);
      assert.equal(await store.remove('user1', 'admins'), true);
      assert.equal(await store.remove('user1', 'admins'), false);
      assert.equal(await store.has('user1', 'admins'), false);
    },
  },
  {
    name: 'knows members from others, in every group by itself',
    async run({ store }) {
      await store.add('user1', 'admins');
      assert.equal(await store.has('user1', 'admins'), true);
      assert.equal(await store.has('user2', 'admins'), false);
      assert.equal(await store.has('user1', 'editors'), false);
      assert.equal(await store.has('admins', 'user1'), false);
    },
  },
  {
    name: 'lists members and groups in the order in which they were added',
    async run({ store }) {
      for (const user of ['user3', 'user1', 'user2']) await store.add(user, 'admins');
      for (const group of ['zeta', 'alpha']) await store.add('user1', group);
      await store.add('user3', 'admins');
      assert.deepEqual([...(await store.members('admins'))], ['user3', 'user1', 'user2']);
      assert.deepEqual([...(await store.groupsOf('user1'))], ['admins', 'zeta', 'alpha']);
    },
  },
  {
    name: 'a user who leaves and comes back is the last in the list',
    async run({ store }) {
      await store.add('user1', 'admins');
      await store.add('user2', 'admins');
      await store.remove('user1', 'admins');
      await store.add('user1', 'admins');
      assert.deepEqual([...(await store.members('admins'))], ['user2', 'user1']);
    },
  },
  {
    name: 'what nobody was added to is empty',
    async run({ store }) {
      assert.deepEqual([...(await store.members('nobody'))], []);
      assert.deepEqual([...(await store.groupsOf('nobody'))], []);
      assert.equal(await store.count('nobody'), 0);
      assert.deepEqual([...(await store.clear('nobody'))], []);
      assert.deepEqual([...(await store.clearUser('nobody'))], []);
    },
  },
  {
    name: 'counts every member once',
    async run({ store }) {
      await store.add('user1', 'admins');
      await store.add('user1', 'admins');
      await store.add('user2', 'admins');
      assert.equal(await store.count('admins'), 2);
      await store.remove('user1', 'admins');
      assert.equal(await store.count('admins'), 1);
    },
  },
  {
    name: 'clearing a group removes its members from it and from nothing else',
    async run({ store }) {
      await store.add('user1', 'admins');
      await store.add('user2', 'admins');
      await store.add('user1', 'editors');
      assert.deepEqual([...(await store.clear('admins'))], ['user1', 'user2']);
      assert.equal(await store.count('admins'), 0);
      assert.deepEqual([...(await store.groupsOf('user1'))], ['editors']);
      assert.deepEqual([...(await store.groupsOf('user2'))], []);
    },
  },
  {
    name: 'clearing a user removes it from every group and nobody else',
    async run({ store }) {
      await store.add('user1', 'admins');
      await store.add('user1', 'editors');
      await store.add('user2', 'editors');
      assert.deepEqual([...(await store.clearUser('user1'))], ['admins', 'editors']);
      assert.deepEqual([...(await store.groupsOf('user1'))], []);
      assert.deepEqual([...(await store.members('admins'))], []);
      assert.deepEqual([...(await store.members('editors'))], ['user2']);
    },
  },
  {
    name: 'takes names as they are: case, spaces, separators and names of built-in properties',
    async run({ store }) {
      const names = [
        '__proto__',
        'constructor',
        'Con Espacio',
        'con espacio',
        'a:b',
        'a',
        'b:a',
        '{x}*',
        'ñ😀',
      ];
      for (const name of names) {
        assert.equal(await store.add(name, name), true, name);
        assert.deepEqual([...(await store.members(name))], [name]);
        assert.deepEqual([...(await store.groupsOf(name))], [name]);
      }
      await store.add('c', 'a:b');
      assert.equal(await store.has('b:c', 'a'), false);
    },
  },
  {
    name: 'of many who add the same member at once, one is told that it was new',
    async run({ store }) {
      const results = await Promise.all(Array.from({ length: 20 }, () => store.add('user1', 'admins')));
      assert.equal(results.filter(Boolean).length, 1);
      const removed = await Promise.all(Array.from({ length: 20 }, () => store.remove('user1', 'admins')));
      assert.equal(removed.filter(Boolean).length, 1);
    },
  },
  {
    name: 'a list that was handed out does not change any more',
    async run({ store }) {
      await store.add('user1', 'admins');
      const members = await store.members('admins');
      const groups = await store.groupsOf('user1');
      await store.add('user2', 'admins');
      await store.add('user1', 'editors');
      assert.deepEqual([...members], ['user1']);
      assert.deepEqual([...groups], ['admins']);
    },
  },
  {
    name: 'all nodes see the same members',
    needs: 'secondNode',
    async run({ store, secondNode }) {
      const other = required(secondNode, 'secondNode');
      await store.add('user1', 'admins');
      assert.equal(await other.has('user1', 'admins'), true);
      assert.equal(await other.add('user1', 'admins'), false);
      assert.deepEqual([...(await other.clear('admins'))], ['user1']);
      assert.equal(await store.has('user1', 'admins'), false);
    },
  },
];
