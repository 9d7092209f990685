import { describe, expect, it } from 'vitest';
import { FrameQueue } from '../../../lib/testing/frame-queue.js';

function filled(...frames: unknown[]): FrameQueue {
  const queue = new FrameQueue();
  for (const frame of frames) queue.push(frame);
  return queue;
}

describe('FrameQueue', () => {
  it('takes the first frame that matches and leaves the others in their order', async () => {
    const queue = filled({ type: 'a', n: 1 }, { type: 'b', n: 2 }, { type: 'b', n: 3 });
    expect(await queue.next('b', 10)).toEqual({ type: 'b', n: 2 });
    expect(queue.frames).toEqual([
      { type: 'a', n: 1 },
      { type: 'b', n: 3 },
    ]);
    expect(queue.received).toHaveLength(3);
  });

  it('gives a frame to the wait that asked first, and to one only', async () => {
    const queue = new FrameQueue();
    const both = [queue.next('a', 500), queue.next('a', 500)];
    queue.push({ type: 'a', n: 1 });
    queue.push({ type: 'a', n: 2 });
    expect(await Promise.all(both)).toEqual([
      { type: 'a', n: 1 },
      { type: 'a', n: 2 },
    ]);
    expect(queue.frames).toEqual([]);
  });

  it('a wait that fails says what was received instead', async () => {
    const queue = filled({ type: 'error', message: 'no' });
    await expect(queue.next('ack', 1)).rejects.toThrow(/a "ack" frame.*not within 1 ms[^]*"message":"no"/);
  });

  it('a wait that has failed takes no frame away from the next one', async () => {
    const queue = new FrameQueue();
    await expect(queue.next('a', 1)).rejects.toThrow('Nothing was received');
    queue.push({ type: 'a' });
    expect(await queue.next('a', 1)).toEqual({ type: 'a' });
  });

  it('a wait fails at once when the connection ends, but what had arrived can still be taken', async () => {
    const queue = filled({ type: 'a' });
    const waiting = queue.next('b', 60_000);
    queue.end('the connection was closed with 4001');
    await expect(waiting).rejects.toThrow('closed with 4001');
    await expect(queue.next('b', 60_000)).rejects.toThrow('closed with 4001');
    expect(await queue.next('a', 60_000)).toEqual({ type: 'a' });
  });
});
