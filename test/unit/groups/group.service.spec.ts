import { describe, expect, it } from 'vitest';
import { MemoryGroupStore } from '../../../lib/broker/memory.group-store.js';
import { ConnectionRegistry } from '../../../lib/connection/connection.registry.js';
import { ConnectionStates } from '../../../lib/connection/connection-states.js';
import { GroupService } from '../../../lib/groups/group.service.js';
import type { HauynaOptions } from '../../../lib/options/hauyna.options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { fakeConnection, type FakeConnection } from '../../../lib/testing/index.js';
import { settle, wired } from '../channels/wired.js';

const LOST = { code: 1006, reason: '', clean: false };
const CLEAN = { code: 1000, reason: '', clean: true };

function make(options: HauynaOptions = {}) {
  const { bus, clock, fanOut } = wired();
  const registry = new ConnectionRegistry(bus, new ConnectionStates(), clock);
  const groups = new GroupService(
    new MemoryGroupStore(),
    registry,
    fanOut,
    bus,
    resolveOptions(options),
    clock,
  );
  groups.onModuleInit();
  const changes: string[] = [];
  bus.on('groupChanged', ({ event, userId, group }) => void changes.push(`${event} ${userId} ${group}`));
  let count = 0;
  const connect = (userId: string | null): FakeConnection => {
    const connection = fakeConnection({ id: `c${++count}`, userId });
    registry.add(connection);
    return connection;
  };
  return { groups, registry, clock, changes, connect };
}

describe('GroupService', () => {
  it('memberships outlive connections unless said otherwise', async () => {
    const { groups, registry, clock, connect } = make();
    const ana = connect('ana');
    await groups.add('ana', 'moderators');
    await registry.remove(ana, CLEAN);
    clock.advance(60_000);
    expect(await groups.has('ana', 'moderators')).toBe(true);
    expect(clock.pending).toBe(0);
  });

  describe("with lifetime 'connected'", () => {
    const options: HauynaOptions = { groups: { lifetime: 'connected' }, presence: { leaveDelay: 5000 } };

    it('a clean goodbye of the last connection ends all memberships at once', async () => {
      const { groups, registry, changes, connect } = make(options);
      const [first, second] = [connect('ana'), connect('ana')];
      await groups.add('ana', 'a');
      await groups.add('ana', 'b');
      await registry.remove(first, CLEAN);
      expect(await groups.groupsOf('ana')).toEqual(['a', 'b']);
      await registry.remove(second, CLEAN);
      await settle();
      expect(await groups.groupsOf('ana')).toEqual([]);
      expect(changes).toEqual(['added ana a', 'added ana b', 'removed ana a', 'removed ana b']);
    });

    it('a lost connection has the leave delay to come back', async () => {
      const { groups, registry, clock, changes, connect } = make(options);
      await groups.add('ana', 'a');
      await registry.remove(connect('ana'), LOST);
      clock.advance(4999);
      await settle();
      const back = connect('ana');
      clock.advance(10_000);
      await settle();
      expect(changes).toEqual(['added ana a']);
      await registry.remove(back, LOST);
      clock.advance(5000);
      await settle();
      expect(changes).toEqual(['added ana a', 'removed ana a']);
    });

    it('shutting down clears what is still waiting', async () => {
      const { groups, registry, clock, connect } = make(options);
      await registry.remove(connect('ana'), LOST);
      groups.onModuleDestroy();
      expect(clock.pending).toBe(0);
    });

    it('an anonymous connection that ends concerns nobody', async () => {
      const { groups, registry, changes, connect } = make(options);
      await groups.add('null', 'a');
      await registry.remove(connect(null), CLEAN);
      await settle();
      expect(await groups.has('null', 'a')).toBe(true);
      expect(changes).toEqual(['added null a']);
    });
  });
});
