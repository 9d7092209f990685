import { describe, expect, it } from 'vitest';
import { Connection } from '../../../lib/index.js';
import { fakeConnection } from '../../../lib/testing/index.js';

describe('fakeConnection', () => {
  it('is a real connection with what was given, and defaults for the rest', () => {
    const client = fakeConnection({ userId: 'user1', params: { roomId: '42' } });
    expect(client).toBeInstanceOf(Connection);
    expect(client).toMatchObject({
      id: 'connection-1',
      userId: 'user1',
      params: { roomId: '42' },
      path: '/',
    });
    expect(client.state).toBe('connected');
  });

  it('shows what was sent at once, decoded, as a plain client would see it', () => {
    const client = fakeConnection();
    client.send({ text: 'Hola ñ😀' });
    client.send('x'.repeat(200));
    client.send('y'.repeat(70_000));
    expect(client.sent).toEqual([{ text: 'Hola ñ😀' }, 'x'.repeat(200), 'y'.repeat(70_000)]);
    client.send(null);
    expect(client.sent).toHaveLength(4);
  });

  it('shows enveloped frames in the v1 dialect, and the farewell', () => {
    const client = fakeConnection({ dialect: 'v1' });
    client.send(1);
    client.close(4005, 'kicked');
    expect(client.sent).toEqual([
      { type: 'message', via: 'connection', data: 1 },
      { type: 'disconnect', code: 4005, reason: 'kicked', reconnect: false },
    ]);
    expect(client.closedWith).toEqual({ code: 4005, reason: 'kicked' });
    expect(client.send(2)).toBe(false);
  });

  it('counts pings and notices that it was cut off', () => {
    const client = fakeConnection();
    client.ping();
    client.terminate();
    expect(client.pings).toBe(1);
    expect(client.terminated).toBe(true);
  });

  it('holds frames back while blocked, and sends them when it is read again', () => {
    const client = fakeConnection();
    client.blocked = true;
    client.send(1);
    expect(client.sent).toEqual([]);
    client.blocked = false;
    expect(client.sent).toEqual([1]);
  });

  it('is closed as a slow consumer when too much waits', () => {
    const client = fakeConnection({ outboxMessages: 2 });
    client.blocked = true;
    for (let n = 0; n < 5; n++) client.send(n);
    expect(client.closedWith).toMatchObject({ code: 4103 });
  });
});
