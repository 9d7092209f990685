import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../lib/connection/connection.js';
import type { Since } from '../../../lib/protocol/client-frames.js';
import type { PublicationFrame, SubscribeResult } from '../../../lib/protocol/server-frames.js';
import { fakeConnection, type FakeConnection } from '../../../lib/testing/index.js';
import { publish, settle, wired } from './wired.js';

const CHANNELS = ['a', 'b'];

type Step =
  | { kind: 'subscribe'; who: number; channel: string; back: number | null }
  | { kind: 'unsubscribe'; who: number; channel: string }
  | { kind: 'publish'; channel: string }
  | { kind: 'disconnect'; who: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('subscribe' as const),
      who: fc.nat(2),
      channel: fc.constantFrom(...CHANNELS),
      back: fc.option(fc.nat(4)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('unsubscribe' as const),
      who: fc.nat(2),
      channel: fc.constantFrom(...CHANNELS),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), channel: fc.constantFrom(...CHANNELS) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disconnect' as const), who: fc.nat(2) }) },
);

/** What a client hears, in order: answers and publications. */
type Heard =
  | { type: 'ack'; id: number; data: SubscribeResult & { since: Since | null } }
  | (Pick<PublicationFrame, 'type' | 'channel' | 'offset'> & { data: unknown })
  | { type: 'channel_event'; event: string; channel: string; user: string };

describe('subscribing, publishing and leaving in any order and overlap', () => {
  it('each subscriber gets every publication once, in order, from its subscription on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, fc.nat(3)), { maxLength: 40 }),
        fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }),
        async (steps, delays) => {
          const { manager, broker, bus, index } = wired();
          // Keeps the streams of both channels alive, so that positions mean something from first to last.
          const watcher = fakeConnection({ id: 'watcher', userId: 'watcher', dialect: 'v1' });
          for (const channel of CHANNELS) (await manager.join(channel, watcher)).release();
          let call = 0;
          broker.turns = () => delays[call++ % delays.length] ?? 0;
          let generation = 0;
          const make = (): FakeConnection =>
            fakeConnection({ id: `c${generation}`, userId: `u${generation++}`, dialect: 'v1' });
          const clients = [make(), make(), make()];
          const all = [watcher, ...clients];
          const work: Promise<unknown>[] = [];
          const subscribe = async (client: FakeConnection, channel: string, back: number | null) => {
            const position = await broker.position(channel);
            const since =
              back === null ? null : { offset: Math.max(0, position.offset - back), epoch: position.epoch };
            const { result, release } = await manager.join(channel, client, undefined, since ?? undefined);
            client.sendFrame({ type: 'ack', id: 1, data: { ...result, since } });
            release();
          };
          for (const [next, wait] of steps) {
            switch (next.kind) {
              case 'subscribe':
                work.push(subscribe(clients[next.who]!, next.channel, next.back).catch(() => undefined));
                break;
              case 'unsubscribe':
                work.push(manager.leave(next.channel, clients[next.who]!));
                break;
              case 'publish':
                work.push(publish(broker, next.channel, work.length));
                break;
              case 'disconnect': {
                const client = clients[next.who]!;
                void client.sent;
                client.terminate();
                const info = { code: 1006, reason: '', clean: false };
                work.push(bus.emitAndWait('disconnected', { connection: client as Connection, info }));
                all.push((clients[next.who] = make()));
                break;
              }
            }
            for (let turn = 0; turn < wait; turn++) await Promise.resolve();
          }
          await Promise.all(work);
          await settle();
          for (const channel of CHANNELS) {
            const { offset: top } = await broker.position(channel);
            for (const client of all) {
              const last = follow(client.sent as Heard[], channel);
              const subscribed = index.get(client, channel) !== undefined;
              if (subscribed && client !== watcher && last !== null) expect(last).toBe(top);
              if (subscribed && client === watcher) expect(last).toBe(top === 0 ? null : top);
              if (client.terminated) expect(subscribed).toBe(false);
            }
          }
          await broker.close();
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Walks through what a client heard. @returns the offset up to which it knows the channel, `null` for nothing */
function follow(heard: readonly Heard[], channel: string): number | null {
  let position: number | null = null;
  for (const frame of heard) {
    if (frame.type === 'ack' && frame.data.channel === channel) {
      const { offset, recovered, since, publications } = frame.data;
      if (recovered && since !== null && 'offset' in since) {
        // All or nothing: the answer joins the given position to its own without a hole.
        expect(publications?.map((publication) => publication.offset)).toEqual(range(since.offset, offset));
        position = Math.max(position ?? 0, offset);
      } else {
        expect(publications).toBeUndefined();
        position ??= offset;
      }
    } else if (frame.type === 'publication' && frame.channel === channel) {
      if (position !== null) expect(frame.offset).toBe(position + 1);
      position = frame.offset;
    } else if (frame.type === 'channel_event' && frame.channel === channel && isOwn(frame, heard)) {
      if (frame.event === 'subscription_removed') position = null;
    }
  }
  return position;
}

function isOwn(frame: { user: string }, heard: readonly Heard[]): boolean {
  // The first one announced to a client is the client itself.
  const first = heard.find((other) => other.type === 'channel_event');
  return first !== undefined && first.type === 'channel_event' && first.user === frame.user;
}

function range(after: number, upTo: number): number[] {
  return Array.from({ length: upTo - after }, (_, index) => after + index + 1);
}
