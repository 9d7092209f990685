import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HauynaClient } from '../../../lib/client/client.js';
import type { JsonValue } from '../../../lib/protocol/json.js';
import { FakeServer, type PushFate, type RequestFate } from './fake-server.js';

type Step =
  | { do: 'publish by others'; channel: string; pushes: PushFate[] }
  | { do: 'publish'; client: number; channel: string; fate: RequestFate }
  | { do: 'break'; client: number }
  | { do: 'freeze'; client: number }
  | { do: 'offline'; ms: number }
  | { do: 'restart'; keepHistory: boolean }
  | { do: 'trim'; channel: string; keep: number }
  | { do: 'expire'; client: number }
  | { do: 'gap'; client: number; channel: string }
  | { do: 'wait'; ms: number };

const client = fc.nat({ max: 1 });
const channel = fc.constantFrom('a', 'b');
const pushes = fc.array(fc.constantFrom<PushFate[]>('ok', 'ok', 'ok', 'lost', 'twice', 'late'), {
  maxLength: 2,
});
const fate = fc.constantFrom<RequestFate[]>('ok', 'ok', 'lost', 'break-before', 'break-after');

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish by others' as const), channel, pushes }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), client, channel, fate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('break' as const), client }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('freeze' as const), client }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('offline' as const), ms: fc.nat({ max: 20_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), keepHistory: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('trim' as const), channel, keep: fc.nat({ max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), client }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gap' as const), client, channel }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 3000 }) }) },
);

/** One message as one client heard it, or that some were lost. */
type Heard = { offset: number; epoch: string; id: unknown } | 'incomplete';

class World {
  readonly server = new FakeServer();
  readonly clients: HauynaClient[];
  readonly heard = new Map<string, Heard[]>();
  private readonly calls: { settled: number }[] = [];
  private tokens = 0;
  private published = 0;

  constructor(forgetful = false) {
    this.server.forgetful = forgetful;
    this.clients = ['ana', 'luis'].map((user) =>
      this.server.client(user, { token: () => `${user}-${++this.tokens}` }),
    );
  }

  async start(): Promise<void> {
    for (const [index, one] of this.clients.entries()) {
      for (const name of ['a', 'b']) {
        const heard: Heard[] = [];
        this.heard.set(`${index} ${name}`, heard);
        const room = one.channel(name);
        room.on('message', (data, { offset, epoch }) => heard.push({ offset, epoch, id: data }));
        room.on('$recovered', ({ complete }) => complete || heard.push('incomplete'));
        this.watch(room.subscribe());
      }
    }
    await this.server.settle();
  }

  async take(step: Step): Promise<void> {
    const { server, clients } = this;
    const socketOf = (index: number) => server.open(['ana', 'luis'][index])[0];
    switch (step.do) {
      case 'publish by others':
        server.pushFates = [...step.pushes];
        server.publish(step.channel, ++this.published);
        server.pushFates = [];
        break;
      case 'publish':
        server.requestFates = [step.fate];
        this.watch(clients[step.client]!.channel(step.channel).publish(++this.published as JsonValue));
        break;
      case 'break':
        socketOf(step.client)?.end(1006);
        break;
      case 'freeze': {
        const socket = socketOf(step.client);
        if (socket) socket.frozen = true;
        break;
      }
      case 'offline':
        server.online = false;
        for (const socket of server.open()) socket.end(1006);
        await server.advance(step.ms);
        server.online = true;
        break;
      case 'restart':
        server.restart(step);
        break;
      case 'trim':
        server.channel(step.channel).kept.splice(0, server.channel(step.channel).kept.length - step.keep);
        break;
      case 'expire':
        socketOf(step.client)?.end(4301);
        break;
      case 'gap': {
        const socket = socketOf(step.client);
        if (socket?.subscriptions.has(step.channel)) server.drop(socket, step.channel, 'gap', true);
        break;
      }
      case 'wait':
        await server.advance(step.ms);
        break;
    }
    await server.settle();
  }

  /** Everything works again, for long enough; a last message shows that nothing is missing at the end. */
  async heal(): Promise<void> {
    const { server } = this;
    server.requestFates = [];
    await server.advance(60_000);
    for (const name of ['a', 'b']) server.publish(name, 'last');
    await server.advance(15_000);
  }

  check(): void {
    const { server } = this;
    for (const [key, heard] of this.heard) {
      const [index, name] = key.split(' ') as [string, string];
      const { log, offset } = server.channel(name);
      const room = this.clients[Number(index)]!.channel(name);
      expect(room.state).toBe('subscribed');
      expect(room.offset).toBe(offset);
      expect([...room.presence.members.keys()].toSorted()).toEqual(
        Object.keys(server.members(name)).toSorted(),
      );
      // Own publications are stored once, unless the server has lost the memory of the first time with everything else.
      for (const one of log) {
        expect(
          log.filter(({ id, epoch }) => id !== undefined && id === one.id && epoch === one.epoch).length,
        ).toBeLessThan(2);
      }
      const known = new Set<unknown>();
      // What comes again because the server had forgotten that it has it is not told again.
      const newOnes = (from: number, to?: number) =>
        log.slice(from, to).filter(({ data }) => !known.has(data));
      let next = 0;
      let mayBeMissing = false;
      for (const one of heard) {
        if (one === 'incomplete') {
          mayBeMissing = true;
          continue;
        }
        const at = log.findIndex(({ offset, epoch }) => offset === one.offset && epoch === one.epoch);
        expect(at, 'in order').toBeGreaterThanOrEqual(next);
        if (!mayBeMissing) expect(newOnes(next, at), 'missing in silence').toEqual([]);
        expect(known.has(one.id), 'each once').toBe(false);
        known.add(one.id);
        next = at + 1;
        mayBeMissing = false;
      }
      if (!mayBeMissing) expect(newOnes(next), 'missing at the end').toEqual([]);
    }
  }

  async close(): Promise<void> {
    const { server } = this;
    for (const one of this.clients) one.close();
    const before = server.sockets.flatMap(({ received }) => received).length;
    expect(server.clock.pending).toBe(0);
    await server.settle();
    expect(this.calls.filter(({ settled }) => settled !== 1)).toEqual([]);
    await server.advance(60_000);
    expect(server.clock.pending).toBe(0);
    expect(server.open()).toEqual([]);
    expect(server.sockets.flatMap(({ received }) => received)).toHaveLength(before);
  }

  private watch(promise: Promise<unknown>): void {
    const call = { settled: 0 };
    this.calls.push(call);
    const settle = (): number => ++call.settled;
    promise.then(settle, settle);
  }
}

async function run(steps: Step[], forgetful = false): Promise<void> {
  const world = new World(forgetful);
  await world.start();
  for (const one of steps) await world.take(one);
  await world.heal();
  world.check();
  await world.close();
}

describe('a client, whatever happens to its connection', () => {
  it('tells each message once and in order, or that some are lost, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), (steps) => run(steps)),
      { numRuns: 300 },
    );
  }, 20_000);

  it('would not without recovery: a server that only claims to have recovered is found out', async () => {
    const found = await fc.check(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), (steps) => run(steps, true)),
      { numRuns: 300, seed: 1 },
    );
    expect(found.failed).toBe(true);
    expect(String(found.errorInstance)).toMatch(/missing/);
  }, 20_000);
});
