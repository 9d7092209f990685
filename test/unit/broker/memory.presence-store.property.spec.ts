import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryPresenceStore } from '../../../lib/broker/memory.presence-store.js';
import type { PresenceStep } from '../../../lib/broker/presence-store.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { JsonObject } from '../../../lib/protocol/json.js';
import { Listener, PresenceModel } from './presence-store.model.js';

const CHANNELS = ['a', 'b', '__proto__'];
const MAX = 4096;

const userId = fc.constantFrom('ana', 'luis', 'constructor');
const ref = fc.constantFrom('r1', 'r2', 'r3');
const channel = fc.constantFrom(...CHANNELS);
const metadata: fc.Arbitrary<JsonObject> = fc.record(
  {
    status: fc.constantFrom('online', 'away'),
    role: fc.constantFrom<JsonObject[string]>('agent', 1, { level: 1 }, null),
  },
  { requiredKeys: [] },
);
const at = fc.nat(1000);
const maxBytes = fc.constant(MAX);

/** Connections belong to one user for life. */
const own = (step: { userId: string; ref: string }): string => `${step.userId}-${step.ref}`;

const step: fc.Arbitrary<PresenceStep> = fc
  .oneof(
    fc.record({ kind: fc.constant('connect' as const), userId, ref, at }),
    fc.record({ kind: fc.constant('disconnect' as const), userId, ref }),
    fc.record({ kind: fc.constant('lose' as const), userId, ref }),
    fc.record({ kind: fc.constant('enter' as const), userId, ref, channel, metadata, at }),
    fc.record({ kind: fc.constant('leave' as const), userId, ref, channel }),
    fc.record({ kind: fc.constant('track' as const), userId, metadata, at, maxBytes, channel }),
    fc.record({ kind: fc.constant('track' as const), userId, metadata, at, maxBytes }),
    fc.record({ kind: fc.constant('update' as const), userId, patch: metadata, maxBytes }),
    fc.record({ kind: fc.constant('untrack' as const), userId }),
    fc.record({ kind: fc.constant('untrack' as const), userId, channel }),
    fc.record({ kind: fc.constant('expire' as const), userId }),
  )
  .map((made) => ('ref' in made ? { ...made, ref: own(made) } : made));

describe('presence, whatever happens in whatever order', () => {
  it('is what the plain model says, and what somebody believes who only hears the changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const store = new MemoryPresenceStore(resolveOptions());
        const model = new PresenceModel();
        const listeners = [...CHANNELS.map((name) => new Listener(name)), new Listener(undefined)];
        for (const one of steps) {
          const transitions = await store.apply(one);
          model.apply(one);
          for (const transition of transitions) for (const listener of listeners) listener.hear(transition);
        }
        for (const [index, name] of CHANNELS.entries()) {
          const expected = Object.fromEntries(model.channel(name));
          const members = await store.members(name);
          expect(Object.fromEntries([...members].map(([user, member]) => [user, member.metadata]))).toEqual(
            expected,
          );
          expect(Object.fromEntries(listeners[index]?.view ?? [])).toEqual(expected);
          for (const [user, member] of members) {
            expect(member.connections).toBe(model.connectionsIn(user, name));
          }
        }
        expect([...(listeners.at(-1)?.view.keys() ?? [])].toSorted()).toEqual(model.present().toSorted());
        expect(await store.count({})).toBe(model.present().length);
        expect(listeners.flatMap(({ faults }) => faults)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('answers queries from its indexes as a look at everybody would', async () => {
    const criteria = metadata.filter((value) => Object.keys(value).length > 0);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        criteria,
        fc.option(channel, { nil: undefined }),
        fc.nat(40),
        async (steps, wanted, where, askAfter) => {
          const store = new MemoryPresenceStore(resolveOptions({ presence: { indexes: ['status'] } }));
          const model = new PresenceModel();
          const query = { criteria: wanted, ...(where === undefined ? {} : { channel: where }) };
          for (const [index, one] of steps.entries()) {
            await store.apply(one);
            model.apply(one);
            // Asking in the middle makes indexes that have to be kept from then on.
            if (index === askAfter) await store.find(query);
          }
          const found = (await store.find(query)).map((entry) => entry.userId);
          expect(found.toSorted()).toEqual(model.listBy(CHANNELS, wanted, where).toSorted());
          expect(await store.count(query)).toBe(found.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is over for everybody, and nothing is kept, when every connection has ended and everybody was untracked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = new MemoryPresenceStore(resolveOptions());
        for (const one of steps) await store.apply(one);
        for (const user of ['ana', 'luis', 'constructor']) {
          await store.apply({ kind: 'untrack', userId: user });
          for (const name of ['r1', 'r2', 'r3']) {
            await store.apply({ kind: 'disconnect', userId: user, ref: `${user}-${name}` });
          }
        }
        expect(sizes(store)).toEqual({});
      }),
      { numRuns: 300 },
    );
  });
});

/** The maps and sets of the store that still hold something. */
function sizes(store: object): Record<string, number> {
  const kept: Record<string, number> = {};
  for (const [name, value] of Object.entries(store)) {
    if ((value instanceof Map || value instanceof Set) && value.size > 0) kept[name] = value.size;
  }
  return kept;
}
