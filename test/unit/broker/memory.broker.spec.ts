import { describe, expect, it } from 'vitest';
import { MemoryBroker } from '../../../lib/broker/memory.broker.js';
import type { JsonText, PublishRequest } from '../../../lib/index.js';
import { ManualClock, SequentialIdSource, brokerContract, casesWithout } from '../../../lib/testing/index.js';

function setUp(): { broker: MemoryBroker; clock: ManualClock; advance: (ms: number) => void } {
  const clock = new ManualClock();
  const broker = new MemoryBroker(clock, new SequentialIdSource('epoch'));
  return { broker, clock, advance: (ms) => clock.advance(ms) };
}

function request(more: Partial<PublishRequest> = {}): PublishRequest {
  return {
    channel: 'room1',
    event: 'message',
    payload: '1' as JsonText,
    user: null,
    history: null,
    volatile: false,
    ...more,
  };
}

describe('MemoryBroker', () => {
  for (const { name, run } of casesWithout(brokerContract, 'secondNode')) it(name, () => run(setUp()));

  it('has delivered by the time publish() returns', async () => {
    const { broker } = setUp();
    const heard: string[] = [];
    broker.onPublication(({ payload }) => heard.push(payload));
    await broker.subscribe('room1');
    await broker.publish(request());
    expect(heard).toEqual(['1']);
  });

  it('keeps no trace of channels nobody listens to and nothing is kept of', async () => {
    const { broker, clock } = setUp();
    for (let n = 0; n < 100; n++) await broker.publish(request({ channel: `room${n}` }));
    expect(clock.pending).toBe(0);
    expect(await broker.history('room1', { limit: 1 })).toEqual({ offset: 0, epoch: '', publications: [] });
  });

  it('begins a new epoch when a channel comes back after everything of it has gone', async () => {
    const { broker } = setUp();
    await broker.subscribe('room1');
    const before = await broker.publish(request());
    await broker.unsubscribe('room1');
    await broker.subscribe('room1');
    const after = await broker.publish(request());
    expect(after.offset).toBe(1);
    expect(after.epoch).not.toBe(before.epoch);
  });

  it('stops its timer when there is nothing left to sweep', async () => {
    const { broker, clock } = setUp();
    await broker.publish(request({ history: { size: 1, ttl: 1000 }, idempotencyKey: 'key' }));
    expect(clock.pending).toBe(1);
    clock.advance(400_000);
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer behind when it is closed', async () => {
    const { broker, clock } = setUp();
    await broker.publish(request({ history: { size: 1, ttl: 1000 } }));
    await broker.close();
    expect(clock.pending).toBe(0);
  });
});
