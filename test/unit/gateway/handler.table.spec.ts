import { describe, expect, it } from 'vitest';
import { HandlerTable, type Handler } from '../../../lib/gateway/handler.table.js';
import type { Route } from '../../../lib/gateway/route-pattern.js';

function tableOf(...routes: Route[]): HandlerTable {
  const table = new HandlerTable();
  for (const [slot, route] of routes.entries())
    table.add({ route, slot, native: false, manualAck: false } as Handler);
  return table;
}

describe('Messages', () => {
  it('go to the handler of their type, else to the one for all; names of objects are plain names', () => {
    const table = tableOf({ kind: 'message', name: 'a' }, { kind: 'message', name: '*' });
    expect(table.message('a')?.slot).toBe(0);
    expect(table.message('b')?.slot).toBe(1);
    expect(table.message('__proto__')?.slot).toBe(1);
    expect(tableOf().message('constructor')).toBeUndefined();
    expect([table.has('a'), table.has('b')]).toEqual([true, false]);
  });

  it('of two handlers of one type the first counts', () => {
    expect(tableOf({ kind: 'message', name: 'a' }, { kind: 'message', name: 'a' }).message('a')?.slot).toBe(
      0,
    );
  });
});

describe('Channels', () => {
  it('go to the most specific pattern, in whatever order they were declared', () => {
    const names = ['*', 'room:*', 'room:{id}', 'room:lobby', '{any}'];
    for (const list of [names, names.toReversed()]) {
      const table = tableOf(...list.map((name): Route => ({ kind: 'subscribe', name })));
      const name = (channel: string): string | undefined =>
        table.channel('subscribe', channel)?.handler.route.name;
      expect(name('room:lobby')).toBe('room:lobby');
      expect(name('room:7')).toBe('room:{id}');
      expect(name('room:7:x')).toBe('room:*');
      expect(name('other')).toBe('{any}');
      expect(name('other:1')).toBe('*');
    }
  });

  it('give the parameters of the pattern', () => {
    const table = tableOf({ kind: 'publish', name: 'org:{org}/room:{room}' });
    expect({ ...table.channel('publish', 'org:a/room:b')?.params }).toEqual({ org: 'a', room: 'b' });
  });

  it('of equal patterns the one for the event goes first, and only for its event', () => {
    const table = tableOf({ kind: 'publish', name: 'a' }, { kind: 'publish', name: 'a', event: 'typing' });
    expect(table.channel('publish', 'a', 'typing')?.handler.slot).toBe(1);
    expect(table.channel('publish', 'a', 'message')?.handler.slot).toBe(0);
  });

  it('of one kind have nothing to do with those of another', () => {
    const table = tableOf({ kind: 'subscribe', name: 'a' });
    expect(table.channel('publish', 'a')).toBeUndefined();
    expect(table.channel('unsubscribe', 'a')).toBeUndefined();
  });
});
