import { describe, expect, it } from 'vitest';
import { Inbox } from '../../../lib/connection/inbox.js';

function setUp(limit = 4) {
  const flow: string[] = [];
  const handled: number[] = [];
  const finish: (() => void)[] = [];
  const inbox = new Inbox<number>(
    limit,
    (message) => {
      handled.push(message);
      return new Promise<void>((resolve) => finish.push(resolve));
    },
    { pause: () => flow.push('pause'), resume: () => flow.push('resume') },
  );
  inbox.release();
  return { inbox, flow, handled, finish };
}

describe('an inbox whose client owes an answer', () => {
  it('is read although it is full, and takes no more than fits', () => {
    const { inbox, flow } = setUp();
    inbox.listen(true);
    const taken = Array.from({ length: 7 }, (_, index) => inbox.push(index));
    expect(taken).toEqual([true, true, true, true, true, false, false]);
    expect(flow).toEqual([]);
  });

  it('is read again when it was full before, and stops when the answer has come', () => {
    const { inbox, flow } = setUp();
    for (let index = 0; index < 5; index++) inbox.push(index);
    expect(flow).toEqual(['pause']);
    inbox.listen(true);
    inbox.listen(false);
    expect(flow).toEqual(['pause', 'resume', 'pause']);
  });
});

describe('an inbox that has been stopped', () => {
  it('handles what it has and takes nothing more', async () => {
    const { inbox, handled, finish } = setUp();
    inbox.push(1);
    inbox.push(2);
    inbox.stop();
    inbox.push(3);
    const idle = inbox.idle();
    for (let turn = 0; turn < 3; turn++) {
      finish.shift()?.();
      await Promise.resolve();
      await Promise.resolve();
    }
    await idle;
    expect(handled).toEqual([1, 2]);
  });
});
