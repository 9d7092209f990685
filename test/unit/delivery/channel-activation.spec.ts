import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeConnection } from '../../../lib/testing/index.js';
import { publish, settle, wired } from '../channels/wired.js';

describe('ChannelActivation', () => {
  it('asks the broker once for any number of subscribers', async () => {
    const { manager, broker } = wired();
    let calls = 0;
    const subscribe = broker.subscribe.bind(broker);
    broker.subscribe = (channel) => {
      calls++;
      return subscribe(channel);
    };
    const clients = [1, 2, 3].map((n) => fakeConnection({ id: `c${n}`, userId: `u${n}` }));
    await Promise.all(clients.map((client) => manager.join('room', client)));
    await manager.join('room', fakeConnection({ id: 'c4', userId: 'u4' }));
    expect(calls).toBe(1);
  });

  it('however fast subscribers come and go, the node hears a channel exactly while somebody is there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.nat(3)), { maxLength: 20 }),
        fc.nat(4),
        async (steps, turns) => {
          const { manager, broker, index } = wired({ channels: { announce: false } });
          broker.turns = () => turns;
          const client = fakeConnection({ id: 'c', userId: 'u' });
          const work: Promise<unknown>[] = [];
          for (const [joins, wait] of steps) {
            if (joins)
              work.push(
                manager.join('room', client).then(
                  ({ release }) => release(),
                  () => undefined,
                ),
              );
            else work.push(manager.leave('room', client));
            for (let turn = 0; turn < wait; turn++) await Promise.resolve();
          }
          await Promise.all(work);
          await settle();
          await publish(broker, 'room', 'hello');
          const there = index.ofChannel('room').size === 1;
          expect(client.sent).toEqual(there ? ['hello'] : []);
          await broker.close();
        },
      ),
      { numRuns: 200 },
    );
  });
});
