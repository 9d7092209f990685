import { describe, expect, it } from 'vitest';
import type { SubscriptionChange } from '../../../lib/events/lifecycle.bus.js';
import type { Connection } from '../../../lib/connection/connection.js';
import { fakeConnection, type FakeConnection } from '../../../lib/testing/index.js';
import { publish, settle, wired } from './wired.js';

const user = (id: string): FakeConnection => fakeConnection({ id: `c-${id}`, userId: id, dialect: 'v1' });
const publications = (connection: FakeConnection): unknown[] =>
  (connection.sent as { type: string; data: unknown }[])
    .filter(({ type }) => type === 'publication')
    .map(({ data }) => data);

describe('SubscriptionManager', () => {
  it('subscribing again while messages are published loses none of them', async () => {
    const { manager, broker } = wired();
    const ana = user('ana');
    (await manager.join('room', ana)).release();
    broker.turns = () => 3;
    const again = manager.join('room', ana);
    await Promise.all([publish(broker, 'room', 1), publish(broker, 'room', 2)]);
    (await again).release();
    await publish(broker, 'room', 3);
    expect(publications(ana)).toEqual([1, 2, 3]);
  });

  it('subscribing again with a position answers what was missed and delivers the rest once', async () => {
    const { manager, broker } = wired();
    const ana = user('ana');
    (await manager.join('room', ana)).release();
    const { epoch } = await publish(broker, 'room', 1);
    broker.turns = () => 2;
    const again = manager.join('room', ana, undefined, { offset: 0, epoch });
    await publish(broker, 'room', 2);
    const { result, release } = await again;
    release();
    await publish(broker, 'room', 3);
    const recovered = (result.publications ?? []).map(({ data }) => data);
    expect(result.recovered).toBe(true);
    expect(recovered[0]).toBe(1);
    expect([...recovered, ...publications(ana).slice(1)]).toEqual([1, 2, 3]);
  });

  it('two subscribes of one connection at once make one subscription, and each message comes once', async () => {
    const { manager, broker, bus, index } = wired();
    const events: string[] = [];
    bus.on('subscription', ({ event }) => void events.push(event));
    broker.turns = () => 2;
    const ana = user('ana');
    const joins = [manager.join('room', ana, { name: 'Ana' }), manager.join('room', ana, { name: 'Ana M.' })];
    await publish(broker, 'room', 'early');
    for (const { release } of await Promise.all(joins)) release();
    await publish(broker, 'room', 'late');
    expect(index.ofChannel('room').size).toBe(1);
    expect(index.get(ana, 'room')?.metadata).toEqual({ name: 'Ana M.' });
    expect(events).toEqual(['added']);
    expect(publications(ana).filter((data) => data === 'late')).toHaveLength(1);
  });

  it('releasing an answer twice is harmless', async () => {
    const { manager, broker } = wired();
    const ana = user('ana');
    const { release } = await manager.join('room', ana);
    release();
    const again = await manager.join('room', ana);
    release();
    await publish(broker, 'room', 'waits');
    expect(publications(ana)).toEqual([]);
    again.release();
    expect(publications(ana)).toEqual(['waits']);
  });

  it('one who leaves before the subscribe is through is not announced, neither as come nor as gone', async () => {
    const { manager, broker, bus, index } = wired();
    const changes: SubscriptionChange<Connection>[] = [];
    bus.on('subscription', (change) => void changes.push(change));
    const [ana, bob] = [user('ana'), user('bob')];
    (await manager.join('room', bob)).release();
    broker.turns = () => 3;
    const join = manager.join('room', ana);
    await Promise.resolve();
    await manager.leave('room', ana);
    await expect(join).rejects.toMatchObject({ type: 'unavailable' });
    await settle();
    expect(index.ofChannel('room').size).toBe(1);
    expect(changes.map(({ connection, event }) => [connection.userId, event])).toEqual([['bob', 'added']]);
    expect(bob.sent).toHaveLength(1);
  });

  it.each(['subscribe', 'position', 'history'])(
    'when the broker fails to %s, the subscribe fails and nothing is left of it',
    async (method) => {
      const { manager, broker, bus, index } = wired();
      const events: string[] = [];
      bus.on('subscription', ({ event }) => void events.push(event));
      const ana = user('ana');
      broker.failing.add(method);
      await expect(manager.join('room', ana, {}, { last: 5 })).rejects.toThrow(`${method} failed`);
      expect(index.ofChannel('room').size).toBe(0);
      expect(events).toEqual([]);
      broker.failing.clear();
      (await manager.join('room', ana)).release();
      await publish(broker, 'room', 'hello');
      expect(publications(ana)).toEqual(['hello']);
    },
  );

  it('when the broker fails a second subscribe, the first goes on', async () => {
    const { manager, broker } = wired();
    const ana = user('ana');
    (await manager.join('room', ana)).release();
    broker.failing.add('position');
    await expect(manager.join('room', ana)).rejects.toThrow('position failed');
    await publish(broker, 'room', 'hello');
    expect(publications(ana)).toEqual(['hello']);
  });

  it('a subscriber who comes while another one fails is really subscribed', async () => {
    const { manager, broker } = wired();
    const [ana, bob, eva] = [user('ana'), user('bob'), user('eva')];
    broker.failing.add('subscribe');
    const failed = Promise.allSettled([manager.join('room', ana), manager.join('room', bob)]);
    const late = manager.join('room', ana).catch(() => undefined);
    for (let turn = 0; turn < 12; turn++) {
      await Promise.resolve();
      if (turn === 4) broker.failing.clear();
    }
    const [first] = await failed;
    expect(first?.status).toBe('rejected');
    await late;
    (await manager.join('room', eva)).release();
    await publish(broker, 'room', 'hello');
    expect(publications(eva)).toEqual(['hello']);
  });

  it('refuses what is wrong and changes nothing', async () => {
    const { manager, index } = wired({ limits: { subscriptions: 2, metadataBytes: 20 } });
    const ana = user('ana');
    await expect(manager.join('', ana)).rejects.toMatchObject({ type: 'validation_error' });
    await expect(manager.join('room', ana, { text: 'x'.repeat(20) })).rejects.toMatchObject({
      type: 'limit_exceeded',
    });
    await expect(manager.join('room', ana, null as never)).rejects.toMatchObject({
      type: 'validation_error',
    });
    expect(index.ofConnection(ana).size).toBe(0);
    await manager.join('one', ana);
    await manager.join('two', ana);
    await expect(manager.join('three', ana)).rejects.toMatchObject({ type: 'limit_exceeded' });
    await expect(manager.join('two', ana, { again: true })).resolves.toBeDefined();
    ana.close();
    await expect(manager.join('one', ana)).rejects.toMatchObject({ type: 'unavailable' });
  });

  it('metadata is a copy: changing the object afterwards changes nothing', async () => {
    const { manager, index } = wired();
    const ana = user('ana');
    const metadata = { name: 'Ana', tags: ['a'] };
    await manager.join('room', ana, metadata);
    metadata.tags.push('b');
    expect(index.get(ana, 'room')?.metadata).toEqual({ name: 'Ana', tags: ['a'] });
  });
});
