import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { PresenceStep, PresenceStore, PresenceTransition } from '../broker/presence-store.js';
import type { JsonObject } from '../protocol/json.js';
import type { ContractCase } from './contract.js';

export interface PresenceStorePorts {
  store: PresenceStore;
}

/** What every `PresenceStore` promises; see {@link ContractCase}. */
export const presenceStoreContract: readonly ContractCase<PresenceStorePorts>[] = [
  {
    name: 'a user joins with the first connection and leaves with the last',
    async run({ store }) {
      deepEqual(await told(store, connect('r1')), ['join ana']);
      deepEqual(await told(store, connect('r2')), []);
      equal((await store.get('ana'))?.connections, 2);
      deepEqual(await told(store, disconnect('r1')), []);
      deepEqual(await told(store, disconnect('r2')), ['leave ana']);
      equal(await store.get('ana'), undefined);
      equal(await store.count({}), 0);
    },
  },
  {
    name: 'a channel is joined with the first connection in it and left with the last',
    async run({ store }) {
      deepEqual(await told(store, enter('r1', 'room')), ['join ana', 'join ana room']);
      deepEqual(await told(store, enter('r2', 'room')), []);
      deepEqual(await told(store, leave('r1', 'room')), []);
      deepEqual(await told(store, leave('r2', 'room')), ['leave ana room']);
      ok((await store.get('ana')) !== undefined);
      equal((await store.members('room')).size, 0);
    },
  },
  {
    name: 'the last connection takes the user out of every channel first, then as a whole',
    async run({ store }) {
      await store.apply(enter('r1', 'a'));
      await store.apply(enter('r1', 'b'));
      deepEqual(await told(store, disconnect('r1')), ['leave ana a', 'leave ana b', 'leave ana']);
    },
  },
  {
    name: 'steps can be repeated without harm',
    async run({ store }) {
      await store.apply(enter('r1', 'room', { status: 'online' }));
      deepEqual(await told(store, enter('r1', 'room', { status: 'online' })), []);
      deepEqual(await told(store, connect('r1')), []);
      await store.apply(leave('r1', 'room'));
      deepEqual(await told(store, leave('r1', 'room')), []);
      await store.apply(disconnect('r1'));
      deepEqual(await told(store, disconnect('r1')), []);
      deepEqual(await told(store, { kind: 'update', userId: 'ana', patch: { a: 1 }, maxBytes: 100 }), []);
      deepEqual(await told(store, { kind: 'untrack', userId: 'ana' }), []);
    },
  },
  {
    name: 'metadata of the latest connection wins, and goes with it',
    async run({ store }) {
      await store.apply(enter('r1', 'room', { status: 'online', name: 'Ana' }));
      deepEqual(await told(store, enter('r2', 'room', { status: 'away' })), ['update ana room']);
      deepEqual((await store.members('room')).get('ana')?.metadata, { status: 'away', name: 'Ana' });
      deepEqual(await told(store, leave('r2', 'room')), ['update ana room']);
      deepEqual((await store.members('room')).get('ana')?.metadata, { status: 'online', name: 'Ana' });
    },
  },
  {
    name: 'an update reaches every channel with a value of its own for the key, and only changes are told',
    async run({ store }) {
      await store.apply(enter('r1', 'a', { status: 'online' }));
      await store.apply(enter('r1', 'b', { role: 'agent' }));
      const step: PresenceStep = { kind: 'update', userId: 'ana', patch: { status: 'away' }, maxBytes: 100 };
      deepEqual(await told(store, step), ['update ana', 'update ana a', 'update ana b']);
      deepEqual((await store.members('b')).get('ana')?.metadata, { status: 'away', role: 'agent' });
      deepEqual(await told(store, step), []);
    },
  },
  {
    name: 'a lost connection holds its place until it has ended or another one takes it',
    async run({ store }) {
      await store.apply(enter('r1', 'room'));
      deepEqual(await told(store, { kind: 'lose', userId: 'ana', ref: 'r1' }), []);
      equal((await store.members('room')).get('ana')?.connections, 0);
      deepEqual(await told(store, connect('r2')), []);
      deepEqual(await told(store, enter('r2', 'room')), []);
      deepEqual(await told(store, disconnect('r1')), []);
      equal((await store.get('ana'))?.connections, 1);
    },
  },
  {
    name: 'a user tracked without a connection stays until untracked or expired',
    async run({ store }) {
      const track = { ...trackStep({ status: 'online' }), channel: 'room', group: 'admins' };
      deepEqual(await told(store, track), ['join ana', 'join ana room', 'join ana #admins']);
      await store.apply(connect('r1'));
      deepEqual(await told(store, disconnect('r1')), []);
      deepEqual(await told(store, { kind: 'expire', userId: 'ana' }), [
        'leave ana room',
        'leave ana #admins',
        'leave ana',
      ]);
    },
  },
  {
    name: 'a connected user who is tracked leaves with the last connection',
    async run({ store }) {
      await store.apply(connect('r1'));
      deepEqual(await told(store, { ...trackStep({ status: 'online' }), channel: 'room' }), [
        'update ana',
        'join ana room',
      ]);
      deepEqual(await told(store, disconnect('r1')), ['leave ana room', 'leave ana']);
    },
  },
  {
    name: 'a user who was untracked is not present, whatever the connections do, until seen in a channel again',
    async run({ store }) {
      await store.apply(enter('r1', 'room'));
      deepEqual(await told(store, { kind: 'untrack', userId: 'ana' }), ['leave ana room', 'leave ana']);
      deepEqual(await told(store, connect('r2')), []);
      equal(await store.count({}), 0);
      deepEqual(await told(store, enter('r1', 'room')), ['join ana', 'join ana room']);
      equal((await store.get('ana'))?.connections, 2);
    },
  },
  {
    name: 'queries find by channel, group and metadata at once',
    async run({ store }) {
      await store.apply(enter('r1', 'room', { status: 'online', role: { level: 1 } }));
      await store.apply({ ...enter('r2', 'room', { status: 'away' }), userId: 'luis' });
      await store.apply({ ...enter('r3', 'other', { status: 'online', group: 'admins' }), userId: 'eva' });
      const find = async (query: Parameters<PresenceStore['find']>[0]): Promise<string[]> => {
        const users = (await store.find(query)).map(({ userId }) => userId).toSorted();
        equal(await store.count(query), users.length);
        return users;
      };
      deepEqual(await find({}), ['ana', 'eva', 'luis']);
      deepEqual(await find({ channel: 'room' }), ['ana', 'luis']);
      deepEqual(await find({ criteria: { status: 'online' } }), ['ana', 'eva']);
      deepEqual(await find({ channel: 'room', criteria: { status: 'online' } }), ['ana']);
      deepEqual(await find({ criteria: { role: { level: 1 } } }), ['ana']);
      deepEqual(await find({ criteria: { role: { level: 2 } } }), []);
      deepEqual(await find({ group: { name: 'admins', members: ['luis', 'nobody'] } }), ['eva', 'luis']);
      deepEqual(await find({ users: ['ana', 'eva'], criteria: { status: 'online' } }), ['ana', 'eva']);
    },
  },
  {
    name: 'metadata beyond its size is refused and changes nothing',
    async run({ store }) {
      await store.apply({ ...trackStep({ a: 'x' }), maxBytes: 20 });
      const patch = { b: 'x'.repeat(20) };
      await rejects(store.apply({ kind: 'update', userId: 'ana', patch, maxBytes: 20 }), {
        type: 'limit_exceeded',
      });
      deepEqual((await store.get('ana'))?.metadata, { a: 'x' });
    },
  },
  {
    name: 'names and keys of JavaScript itself are plain names',
    async run({ store }) {
      const metadata = JSON.parse('{"__proto__":"x"}') as JsonObject;
      await store.apply({ ...enter('r1', '__proto__', metadata), userId: 'constructor' });
      deepEqual([...(await store.members('__proto__')).keys()], ['constructor']);
      equal(await store.count({ criteria: metadata }), 1);
      equal(await store.count({ criteria: { toString: 1 } }), 0);
    },
  },
  {
    name: 'what was read cannot be used to change what is stored',
    async run({ store }) {
      await store.apply(enter('r1', 'room', { tags: ['a'] }));
      const first = await store.get('ana');
      (first?.metadata['tags'] as string[] | undefined)?.push('b');
      deepEqual((await store.get('ana'))?.metadata, { tags: ['a'] });
    },
  },
];

function connect(ref: string): PresenceStep {
  return { kind: 'connect', userId: 'ana', ref, at: 1 };
}

function disconnect(ref: string): PresenceStep {
  return { kind: 'disconnect', userId: 'ana', ref };
}

function enter(ref: string, channel: string, metadata: JsonObject = {}): PresenceStep & { kind: 'enter' } {
  return { kind: 'enter', userId: 'ana', ref, channel, metadata, at: 1 };
}

function leave(ref: string, channel: string): PresenceStep {
  return { kind: 'leave', userId: 'ana', ref, channel };
}

function trackStep(metadata: JsonObject): PresenceStep & { kind: 'track' } {
  return { kind: 'track', userId: 'ana', metadata, at: 1, maxBytes: 1000 };
}

/** The transitions of a step in short: `join ana`, `join ana room`, `join ana #group`. */
async function told(store: PresenceStore, step: PresenceStep): Promise<string[]> {
  return (await store.apply(step)).map(inShort);
}

function inShort({ event, userId, channel, group }: PresenceTransition): string {
  const context = channel ?? (group === undefined ? undefined : `#${group}`);
  return context === undefined ? `${event} ${userId}` : `${event} ${userId} ${context}`;
}
