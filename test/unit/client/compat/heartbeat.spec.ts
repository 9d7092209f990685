import { describe, expect, it } from 'vitest';
import { start } from './support.js';

describe('heartbeat', () => {
  it('sends the frame of the seed every interval, from one timer, however often it reconnects', () => {
    const { clock, last } = start({ heartbeatInterval: 1000, stableAfter: 0 });
    for (let i = 0; i < 4; i++) {
      last().open();
      expect(clock.repeating).toBe(1);
      last().end();
      expect(clock.repeating).toBe(0);
      clock.advance(1000);
    }
    last().open();
    clock.advance(3000);
    expect(last().sent).toEqual(Array(3).fill('{"type":"heartbeat"}'));
  });

  it('has one timer even if it is set up twice', () => {
    const { client, clock, last } = start({ heartbeatInterval: 1000 });
    last().open();
    (client as unknown as { setupHeartbeat(): void }).setupHeartbeat();
    clock.advance(1000);
    expect([clock.repeating, last().sent.length]).toEqual([1, 1]);
  });

  it('sends none when the interval is 0', () => {
    const { clock, last } = start({ heartbeatInterval: 0 });
    last().open();
    expect(clock.repeating).toBe(0);
  });

  it('closes and reconnects when the answer does not come in time', () => {
    const { client, clock, last, log } = start({ heartbeatInterval: 1000, heartbeatTimeout: 300 });
    const first = last();
    first.open();
    clock.advance(1299);
    expect(client.state).toBe('open');
    clock.advance(1);
    expect(first.closedWith).toEqual({ code: 4203, reason: 'Heartbeat timeout' });
    expect(log).toContainEqual(['close', { code: 4203, reason: 'Heartbeat timeout', willReconnect: true }]);
    expect(client.state).toBe('reconnecting');
  });

  it.each(['ack', 'error'])('takes an %s with its id as the answer and keeps it from listeners', (type) => {
    const { client, clock, last, messages } = start({ heartbeatInterval: 1000, heartbeatTimeout: 300 });
    last().open();
    for (let i = 0; i < 3; i++) {
      clock.advance(1000);
      const beat = last().frames.at(-1) as { type: string; id: string };
      expect(beat.type).toBe('heartbeat');
      last().receive({ type, id: beat.id });
    }
    expect(client.state).toBe('open');
    expect(messages).toEqual([]);
  });

  it('passes on the answers to other requests', () => {
    const { client, clock, last, messages } = start({ heartbeatInterval: 1000, heartbeatTimeout: 300 });
    last().open();
    clock.advance(1000);
    last().receive({ type: 'ack', id: 'mine' });
    expect(messages).toEqual([{ type: 'ack', id: 'mine' }]);
    clock.advance(300);
    expect(client.state).toBe('reconnecting');
  });

  it('has one heartbeat under way when the timeout is longer than the interval', () => {
    const { clock, last } = start({ heartbeatInterval: 1000, heartbeatTimeout: 3500 });
    last().open();
    clock.advance(4000);
    expect(last().sent).toHaveLength(1);
  });
});
