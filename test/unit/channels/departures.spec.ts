import { describe, expect, it } from 'vitest';
import { Departures } from '../../../lib/channels/departures.js';
import { ManualClock } from '../../../lib/testing/index.js';

function setUp() {
  const clock = new ManualClock();
  const told: string[] = [];
  const departures = new Departures(clock);
  const hold = (name: string, user: string, channel: string, ms: number): void =>
    departures.hold(user, channel, ms, () => told.push(name));
  return { clock, told, departures, hold };
}

describe('Departures', () => {
  it('are told when their time has come', () => {
    const { clock, told, departures, hold } = setUp();
    hold('ana left', 'ana', 'room', 100);
    clock.advance(99);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['ana left']);
    expect(departures.returned('ana', 'room')).toBe(false);
  });

  it('never happened when the user is back in the channel, and only there', () => {
    const { clock, told, departures, hold } = setUp();
    hold('room', 'ana', 'room', 100);
    hold('hall', 'ana', 'hall', 100);
    expect(departures.returned('bob', 'room')).toBe(false);
    expect(departures.returned('ana', 'room')).toBe(true);
    expect(departures.returned('ana', 'room')).toBe(false);
    clock.advance(100);
    expect(told).toEqual(['hall']);
  });

  it('are counted: two that were lost need two that return', () => {
    const { clock, told, departures, hold } = setUp();
    hold('phone', 'ana', 'room', 100);
    clock.advance(50);
    hold('laptop', 'ana', 'room', 100);
    expect(departures.returned('ana', 'room')).toBe(true);
    clock.advance(1000);
    expect(told).toEqual(['laptop']);
  });

  it('are not told after the end, and leave no timer', () => {
    const { clock, told, departures, hold } = setUp();
    hold('ana left', 'ana', 'room', 100);
    departures.clear();
    expect(clock.pending).toBe(0);
    clock.advance(1000);
    expect(told).toEqual([]);
  });
});
