import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../lib/connection/connection.js';
import { PendingRequests } from '../../../lib/connection/pending-requests.js';
import { LifecycleBus } from '../../../lib/events/lifecycle.bus.js';
import { fakeConnection, ManualClock, SequentialIdSource } from '../../../lib/testing/index.js';

function setUp() {
  const clock = new ManualClock();
  const bus = new LifecycleBus<Connection>();
  const requests = new PendingRequests(bus, clock, new SequentialIdSource('q'));
  requests.onModuleInit();
  return { clock, bus, requests, client: fakeConnection({ dialect: 'v1' }) };
}

const idOf = (client: { sent: readonly unknown[] }): string => (client.sent.at(-1) as { id: string }).id;

describe('PendingRequests', () => {
  it('settles a question once: later answers and the timeout change nothing', async () => {
    const { clock, requests, client } = setUp();
    const answer = requests.ask(client, 'x', 1, 100);
    const id = idOf(client);
    requests.answer(client, { id, data: 'first' });
    requests.answer(client, { id, data: 'second' });
    clock.advance(1000);
    expect(await answer).toBe('first');
    expect(clock.pending).toBe(0);
  });

  it('takes answers without an id, or with one of another kind, for none', async () => {
    const { clock, requests, client } = setUp();
    const answer = requests.ask(client, 'x', 1, 100);
    for (const id of [undefined, null, 1, {}, 'q']) requests.answer(client, { id: id as never, data: 1 });
    clock.advance(100);
    await expect(answer).rejects.toMatchObject({ type: 'timeout' });
  });

  it('answers without data are undefined, data null is null', async () => {
    const { requests, client } = setUp();
    const empty = requests.ask(client, 'x', 1, 100);
    requests.answer(client, { id: idOf(client) });
    expect(await empty).toBeUndefined();
    const nothing = requests.ask(client, 'x', undefined, 100);
    expect(client.sent.at(-1)).toMatchObject({ data: null });
    requests.answer(client, { id: idOf(client), data: null });
    expect(await nothing).toBeNull();
  });

  it('says when the client has to be listened to, and when not any more', async () => {
    const { clock, requests, client } = setUp();
    const heard: boolean[] = [];
    client.inbound = { listen: (on) => heard.push(on) };
    const [first, second] = [requests.ask(client, 'x', 1, 100), requests.ask(client, 'x', 1, 200)];
    first.catch(() => undefined);
    second.catch(() => undefined);
    clock.advance(100);
    expect(heard).toEqual([true]);
    clock.advance(100);
    expect(heard).toEqual([true, false]);
  });

  it('fails at once for a connection that has ended, and leaves no timer', async () => {
    const { clock, requests, client } = setUp();
    client.close();
    await expect(requests.ask(client, 'x', 1, 100)).rejects.toMatchObject({ type: 'unavailable' });
    expect(clock.pending).toBe(0);
  });

  it('ends everything with the application', async () => {
    const { clock, requests, client } = setUp();
    const answer = requests.ask(client, 'x', 1, 100);
    requests.onModuleDestroy();
    await expect(answer).rejects.toMatchObject({ type: 'unavailable' });
    expect(clock.pending).toBe(0);
  });
});
