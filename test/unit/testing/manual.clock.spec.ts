import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../lib/testing/index.js';

describe('ManualClock', () => {
  it('stands still until it is advanced', () => {
    const clock = new ManualClock(1000);
    const before = clock.now();
    clock.after(0, () => expect.unreachable('a timer ran by itself'));
    expect(clock.now()).toBe(before);
    expect(clock.pending).toBe(1);
  });

  it('runs timers in order of time, of equal times in the order in which they were set, each at its own now()', () => {
    const clock = new ManualClock(0);
    const ran: [string, number][] = [];
    const note = (name: string) => () => void ran.push([name, clock.now()]);
    clock.after(30, note('late'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    clock.after(31, note('never'));
    clock.advance(30);
    expect(ran).toEqual([
      ['first', 10],
      ['second', 10],
      ['late', 30],
    ]);
    expect(clock.now()).toBe(30);
    expect(clock.pending).toBe(1);
  });

  it('repeats an interval as often as it fits, and keeps its rhythm across calls', () => {
    const clock = new ManualClock(0);
    const at: number[] = [];
    const timer = clock.every(10, () => void at.push(clock.now()));
    clock.advance(25);
    clock.advance(5);
    expect(at).toEqual([10, 20, 30]);
    clock.clear(timer);
    clock.advance(100);
    expect(at).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('lets timers that are set or cleared while it advances take part', () => {
    const clock = new ManualClock(0);
    const ran: string[] = [];
    const victim = clock.after(20, () => void ran.push('victim'));
    clock.after(10, () => {
      clock.clear(victim);
      clock.after(5, () => void ran.push('nested'));
    });
    clock.advance(20);
    expect(ran).toEqual(['nested']);
  });

  it('an interval that ends itself leaves nothing behind', () => {
    const clock = new ManualClock(0);
    let runs = 0;
    const timer = clock.every(1, () => {
      if (++runs === 3) clock.clear(timer);
    });
    clock.advance(10);
    expect(runs).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it('an interval of 0 does not hang the test', () => {
    const clock = new ManualClock(0);
    let runs = 0;
    clock.every(0, () => runs++);
    clock.advance(3);
    expect(runs).toBe(3);
  });

  it.each([-1, Number.NaN])('refuses to be advanced by %s', (ms) => {
    expect(() => new ManualClock().advance(ms)).toThrow(RangeError);
  });

  it('clears what is no timer any more without complaint', () => {
    const clock = new ManualClock();
    const timer = clock.after(0, () => undefined);
    clock.advance(0);
    clock.clear(timer);
    clock.clear(undefined);
    expect(clock.pending).toBe(0);
  });
});
