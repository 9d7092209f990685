import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type FakeSocket, start } from './support.js';

type World = ReturnType<typeof start>;

/** Something that happens to a client. Events hit any socket ever made, old ones included. */
type Step = (world: World) => void;

const pick = (sockets: FakeSocket[], index: number): FakeSocket | undefined =>
  sockets[index % sockets.length];

const onSocket = (act: (socket: FakeSocket) => void) =>
  fc.nat(20).map((index): Step => ({ sockets }) => {
    const socket = pick(sockets, index);
    if (socket !== undefined) act(socket);
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: onSocket((socket) => socket.readyState === 0 && socket.open()) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(20), fc.constantFrom(1000, 1006, 1012, 4001, 4100, 4200, 4300)).map(
      ([index, code]): Step =>
        ({ sockets }) =>
          pick(sockets, index)?.end(code),
    ),
  },
  onSocket((socket) => socket.fail(new Error('any'))),
  onSocket((socket) => socket.receive({ type: 'ack', id: 'hauyna:heartbeat:1' })),
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 5000 }).map(
      (ms): Step =>
        ({ clock }) =>
          clock.advance(ms),
    ),
  },
  fc.constant<Step>(({ client }) => void client.send('text')),
  fc.constant<Step>(({ client }) => void client.reconnect()),
  fc.constant<Step>(({ client }) => void client.connect()),
);

/** Whether a listener joins in, and how. */
const meddler = fc.constantFrom<Step | undefined>(
  undefined,
  ({ client }) => void client.send('from a listener'),
  ({ client }) => client.close(),
);

const MAX = 3;

describe('whatever happens, in whatever order', () => {
  it('one socket, one heartbeat, no attempt too many, and silence after close()', () => {
    const property = fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(step, { maxLength: 10 }),
      meddler,
      fc.constantFrom('state', 'close', 'reconnecting', 'error', 'message'),
      fc.constantFrom(0, 700),
      (before, after, meddle, event, heartbeatTimeout) => {
        const world = start({
          maxReconnectAttempts: MAX,
          heartbeatInterval: 1000,
          heartbeatTimeout,
          connectTimeout: 2000,
          stableAfter: 1500,
        });
        const { client, clock, sockets } = world;
        if (meddle !== undefined) client.on(event as 'open', () => meddle(world));
        client.on('reconnecting', ({ attempt }) => expect(attempt).toBeLessThanOrEqual(MAX));
        for (const happens of before) {
          happens(world);
          expect(sockets.filter((socket) => socket.alive).length).toBeLessThanOrEqual(1);
          expect(clock.repeating).toBe(client.state === 'open' ? 1 : 0);
          expect(client.reconnectAttempts).toBeLessThanOrEqual(MAX);
          if (client.state === 'open') expect((client.ws as FakeSocket).listening).toBe(3);
          if (client.state === 'closed' || client.state === 'failed') expect(clock.size).toBe(0);
          else expect(clock.size + (client.ws as FakeSocket).listening).toBeGreaterThan(0);
        }
        client.close();
        const sent = sockets.map((socket) => socket.sent.length);
        for (const happens of after) happens(world);
        clock.advance(100_000);
        expect(client.state).toBe('closed');
        expect(clock.size).toBe(0);
        expect(sockets.map((socket) => socket.sent.length)).toEqual(sent);
        expect(sockets.every((socket) => !socket.alive && socket.listening === 0)).toBe(true);
      },
    );
    const error = vi.spyOn(console, 'error').mockImplementation((...args: unknown[]) => {
      throw new Error('a listener failed', { cause: args[1] });
    });
    fc.assert(property, { numRuns: 500 });
    expect(error).not.toHaveBeenCalled();
    error.mockRestore();
  });
});
