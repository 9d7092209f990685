import { describe, expect, it } from 'vitest';
import { fakeConnection } from '../../../lib/testing/index.js';

const limits = { outboxBytes: 1000 };

describe('what waits for a receiver that does not read', () => {
  it('may be one frame above the limit, if nothing waited before: who asks for much is not slow', () => {
    const client = fakeConnection(limits);
    client.blocked = true;
    expect(client.send('x'.repeat(5000))).toBe(true);
    expect(client.send('y'.repeat(500))).toBe(true);
    expect(client.closedWith).toBeNull();
    client.blocked = false;
    expect(client.sent).toEqual(['x'.repeat(5000), 'y'.repeat(500)]);
  });

  it('is never two of them, and no more beside one than without it', () => {
    const client = fakeConnection(limits);
    client.blocked = true;
    client.send('x'.repeat(5000));
    expect(client.send('x'.repeat(5000))).toBe(false);
    expect(client.closedWith?.code).toBe(4103);

    const other = fakeConnection(limits);
    other.blocked = true;
    other.send('x'.repeat(5000));
    expect(other.send('y'.repeat(1200))).toBe(false);
    expect(other.closedWith?.code).toBe(4103);
  });

  it('is bounded as before once the large one is through', () => {
    const client = fakeConnection(limits);
    client.blocked = true;
    client.send('x'.repeat(5000));
    client.blocked = false;
    client.blocked = true;
    expect(client.send('y'.repeat(900))).toBe(true);
    expect(client.send('y'.repeat(900))).toBe(false);
  });
});
