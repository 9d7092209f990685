import { Logger } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { toJsonText, type JsonText } from '../../../lib/protocol/json.js';
import { fakeConnection } from '../../../lib/testing/index.js';
import { publish, wired } from '../channels/wired.js';

Logger.overrideLogger(false);

const user = (id: string) => fakeConnection({ id: `c-${id}`, userId: id });

describe('FanOutService', () => {
  it('a receiver that fails stops neither the others nor the publisher', async () => {
    const { manager, broker } = wired({ channels: { announce: false } });
    const [ana, bob, eva] = [user('ana'), user('bob'), user('eva')];
    for (const client of [ana, bob, eva]) (await manager.join('room', client)).release();
    bob.deliver = () => {
      throw new Error('broken pipe');
    };
    await expect(publish(broker, 'room', 'hello')).resolves.toMatchObject({ offset: 1 });
    expect([ana.sent, eva.sent]).toEqual([['hello'], ['hello']]);
  });

  it('counts only those it reached', async () => {
    const { manager, fanOut } = wired({ channels: { announce: false } });
    const [ana, bob, eva] = [user('ana'), user('bob'), user('eva')];
    for (const client of [ana, bob, eva]) (await manager.join('room', client)).release();
    bob.close();
    const payload = toJsonText('x') as JsonText;
    expect(fanOut.toChannel('room', { type: 'message', via: 'connection', payload })).toBe(2);
    expect(fanOut.toChannel('room', { type: 'message', via: 'connection', payload }, 'ana')).toBe(1);
    expect(fanOut.toChannel('nobody', { type: 'message', via: 'connection', payload })).toBe(0);
  });

  it('leaves out connections, connection ids and user ids', async () => {
    const { manager, broker } = wired({ channels: { announce: false } });
    const [ana, bob, eva, anonymous] = [
      user('ana'),
      user('bob'),
      user('eva'),
      fakeConnection({ id: 'c-none' }),
    ];
    for (const client of [ana, bob, eva, anonymous]) (await manager.join('room', client)).release();
    await publish(broker, 'room', 'hello', { except: ['c-ana', 'bob', 'c-none', 'nobody'] });
    expect([ana, bob, eva, anonymous].map(({ sent }) => sent.length)).toEqual([0, 0, 1, 0]);
  });

  it('one who does not read an endless stream while being subscribed is let go', async () => {
    const { manager, broker } = wired();
    const ana = user('ana');
    await manager.join('room', ana);
    for (let n = 0; n <= 10_000; n++) await publish(broker, 'room', n, { history: null });
    expect(ana.terminated).toBe(true);
  });
});

describe('SubscriptionIndex', () => {
  it('leaves nothing behind', async () => {
    const { manager, index, bus } = wired();
    for (let n = 0; n < 50; n++) {
      const client = fakeConnection({ id: `c${n}`, userId: `u${n % 5}` });
      await manager.join(`room${n}`, client);
      await manager.join('all', client);
      const info = { code: 1000, reason: '', clean: true };
      await bus.emitAndWait('disconnected', { connection: client, info });
    }
    for (const map of Object.values(index) as Map<unknown, unknown>[]) expect(map.size).toBe(0);
  });
});
