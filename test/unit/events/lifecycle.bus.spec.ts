import { Logger } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { EventService } from '../../../lib/events/event.service.js';
import { LifecycleBus } from '../../../lib/events/lifecycle.bus.js';
import { fakeConnection } from '../../../lib/testing/index.js';

Logger.overrideLogger(false);

const change = { event: 'join', userId: 'ana', groups: [], metadata: {} } as const;

describe('LifecycleBus', () => {
  it('tells listeners in order; one that fails stops neither the others nor the emitter', async () => {
    const bus = new LifecycleBus();
    const told: string[] = [];
    bus.on('presenceChanged', () => void told.push('first'));
    bus.on('presenceChanged', () => {
      throw new Error('sync');
    });
    bus.on('presenceChanged', async () => {
      await Promise.resolve();
      throw new Error('async');
    });
    const off = bus.on('presenceChanged', () => void told.push('last'));
    await bus.emitAndWait('presenceChanged', { ...change, groups: [] });
    off();
    bus.emit('presenceChanged', { ...change, groups: [] });
    expect(told).toEqual(['first', 'last', 'first']);
  });

  it('waits for what listeners promise, and knows whether anybody listens', async () => {
    const bus = new LifecycleBus();
    expect(bus.has('groupChanged')).toBe(false);
    let done = false;
    const off = bus.on('groupChanged', async () => {
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      done = true;
    });
    expect(bus.has('groupChanged')).toBe(true);
    await bus.emitAndWait('groupChanged', { event: 'added', userId: 'ana', group: 'g' });
    expect(done).toBe(true);
    off();
    expect(bus.has('groupChanged')).toBe(false);
  });

  it('guards promises that are not made by the runtime too', async () => {
    const bus = new LifecycleBus();
    let asked = false;
    const thenable = {
      then(_resolve: unknown, reject: (error: Error) => void): void {
        asked = true;
        reject(new Error('late'));
      },
    };
    bus.on('groupChanged', () => thenable as never);
    await bus.emitAndWait('groupChanged', { event: 'added', userId: 'ana', group: 'g' });
    expect(asked).toBe(true);
  });
});

describe('EventService', () => {
  const make = () => new EventService(new LifecycleBus());

  it('calls listeners with connection and data, in the order in which they were added', () => {
    const events = make();
    const connection = fakeConnection();
    const told: unknown[] = [];
    events.on('user_joined', (...args) => void told.push(['a', ...args]));
    events.on('user_joined', (...args) => void told.push(['b', ...args]));
    expect(events.trigger('user_joined', connection, { user_id: '123' })).toBe(2);
    expect(told).toEqual([
      ['a', connection, { user_id: '123' }],
      ['b', connection, { user_id: '123' }],
    ]);
  });

  it('an event nobody listens to is nothing; names like __proto__ are names', () => {
    const events = make();
    expect(events.trigger('nobody')).toBe(0);
    expect(events.trigger('__proto__')).toBe(0);
    let called = 0;
    events.on('__proto__', () => void called++);
    expect(events.trigger('__proto__', null, 1)).toBe(1);
    expect(called).toBe(1);
  });

  it('a listener that fails, now or later, never stops the others', async () => {
    const events = make();
    const told: string[] = [];
    events.on('a', () => {
      throw new Error('sync');
    });
    events.on('a', () => Promise.reject(new Error('async')));
    events.on('a', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('late');
    });
    events.on('a', () => void told.push('last'));
    expect(events.trigger('a')).toBe(4);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(told).toEqual(['last']);
  });

  it('the same function twice is two listeners; each goes by its own off', () => {
    const events = make();
    let calls = 0;
    const listener = (): void => void calls++;
    const [first, second] = [events.on('a', listener), events.on('a', listener)];
    events.trigger('a');
    first();
    first();
    events.trigger('a');
    second();
    events.trigger('a');
    expect(calls).toBe(3);
    expect(events.listenerCount('a')).toBe(0);
  });

  it('once is once, even if the listener triggers the event again or fails', () => {
    const events = make();
    let calls = 0;
    events.once('a', () => {
      calls++;
      events.trigger('a');
      throw new Error('once');
    });
    const off = events.once('a', () => void calls++);
    off();
    events.trigger('a');
    events.trigger('a');
    expect(calls).toBe(1);
  });

  it('listeners added or removed while an event is told take part from the next one on', () => {
    const events = make();
    const told: string[] = [];
    events.on('a', () => {
      told.push('first');
      events.on('a', () => void told.push('new'));
    });
    events.trigger('a');
    expect(told).toEqual(['first']);
  });
});
