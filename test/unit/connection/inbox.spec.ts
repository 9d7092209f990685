import { describe, expect, it } from 'vitest';
import { Inbox } from '../../../lib/connection/inbox.js';

function setUp(limit = 2) {
  const handled: number[] = [];
  const flow: string[] = [];
  const finish: (() => void)[] = [];
  const inbox = new Inbox<number>(
    limit,
    (message) => {
      handled.push(message);
      return message < 0 ? undefined : new Promise<void>((resolve) => finish.push(resolve));
    },
    { pause: () => flow.push('pause'), resume: () => flow.push('resume') },
  );
  const next = async (): Promise<void> => {
    finish.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { inbox, handled, flow, next };
}

describe('Inbox', () => {
  it('holds everything back until it is released', () => {
    const { inbox, handled } = setUp(9);
    inbox.push(-1);
    inbox.push(-2);
    expect(handled).toEqual([]);
    inbox.release();
    inbox.release();
    expect(handled).toEqual([-1, -2]);
  });

  it('handles one after the other, in order', async () => {
    const { inbox, handled, next } = setUp(9);
    inbox.release();
    for (const n of [1, 2, -3, 4]) inbox.push(n);
    expect(handled).toEqual([1]);
    await next();
    expect(handled).toEqual([1, 2]);
    await next();
    expect(handled).toEqual([1, 2, -3, 4]);
  });

  it('pauses when `limit` messages wait and resumes at half of it, each once', async () => {
    const { inbox, flow, next } = setUp(4);
    inbox.release();
    for (let n = 1; n <= 4; n++) inbox.push(n);
    expect(flow).toEqual([]);
    inbox.push(5);
    inbox.push(6);
    expect(flow).toEqual(['pause']);
    await next();
    await next();
    expect(flow).toEqual(['pause']);
    await next();
    expect(flow).toEqual(['pause', 'resume']);
  });

  it('loses nothing of what was read before the pause', async () => {
    const { inbox, handled, next } = setUp(1);
    inbox.release();
    for (let n = 1; n <= 5; n++) inbox.push(n);
    for (let n = 1; n <= 5; n++) await next();
    expect(handled).toEqual([1, 2, 3, 4, 5]);
  });

  it('closed: what is being handled goes on, nothing else begins', async () => {
    const { inbox, handled, next } = setUp(9);
    inbox.release();
    for (const n of [1, 2, 3]) inbox.push(n);
    inbox.close();
    inbox.push(4);
    await next();
    expect(handled).toEqual([1]);
  });

  it('idle() resolves when all is done, at once when there is nothing, and after close() with the current one', async () => {
    const { inbox, next } = setUp(9);
    await inbox.idle();
    inbox.release();
    inbox.push(1);
    inbox.push(2);
    let idle = false;
    const waiting = inbox.idle().then(() => (idle = true));
    await next();
    expect(idle).toBe(false);
    inbox.close();
    await next();
    await waiting;
  });

  it('that was never released and is closed lets go of who waits for it', async () => {
    const { inbox } = setUp(9);
    inbox.push(1);
    const waiting = inbox.idle();
    inbox.close();
    await waiting;
  });
});
