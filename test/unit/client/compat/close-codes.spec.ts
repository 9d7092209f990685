import { describe, expect, it } from 'vitest';
import { settle, start } from './support.js';

describe('close codes', () => {
  it.each([1000, 1008, 4001, 4005, 4500])('stays away after %i and tells why', (code) => {
    const { client, clock, last, log } = start();
    last().open();
    last().end(code, 'because');
    expect(client.state).toBe('closed');
    expect(clock.size).toBe(0);
    expect(log.slice(-2)).toEqual([
      ['close', { code, reason: 'because', willReconnect: false }],
      ['state', { state: 'closed', previous: 'open', code, reason: 'because' }],
    ]);
  });

  it.each([1001, 1005, 1006, 1011, 1012, 4100, 4400])('backs off after %i', (code) => {
    const { last, log } = start();
    last().open();
    last().end(code);
    expect(log.at(-1)).toEqual(['reconnecting', { attempt: 1, delay: 1000 }]);
  });

  it.each([4200, 4201, 4203])('comes back soon after %i', (code) => {
    const { last, log } = start({ reconnectInterval: 20_000 });
    last().open();
    last().end(code);
    expect(log.at(-1)).toEqual(['reconnecting', { attempt: 1, delay: 500 }]);
  });

  it('asks refresh for a new url after 43xx and keeps to it', async () => {
    let calls = 0;
    const { client, clock, sockets, last } = start({ refresh: () => `ws://host/?token=${++calls}` });
    last().open();
    last().end(4300);
    clock.advance(1000);
    await settle();
    expect(last().url).toBe('ws://host/?token=1');
    expect(client.url).toBe('ws://host/?token=1');
    last().end(1006);
    clock.advance(2000);
    await settle();
    expect([sockets.length, last().url, calls]).toEqual([3, 'ws://host/?token=1', 1]);
  });

  it('asks refresh again if it failed', async () => {
    let calls = 0;
    const refresh = (): Promise<string> =>
      ++calls === 1 ? Promise.reject(new Error('down')) : Promise.resolve('ws://b');
    const { clock, last, log } = start({ refresh });
    last().open();
    last().end(4300);
    clock.advance(1000);
    await settle();
    expect(log).toContainEqual(['error', new Error('down')]);
    clock.advance(2000);
    await settle();
    expect(last().url).toBe('ws://b');
  });

  it('stops after 43xx when there is no way to new credentials', () => {
    const { client, last } = start();
    last().open();
    last().end(4300);
    expect(client.state).toBe('closed');
  });

  it('goes on after 43xx when the url is a function, which is asked anyway', async () => {
    const { client, last } = start({}, () => 'ws://host');
    await settle();
    last().open();
    last().end(4300);
    expect(client.state).toBe('reconnecting');
  });
});
