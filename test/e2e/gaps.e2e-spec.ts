import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Broker } from '../../lib/broker/broker.js';
import { createClient, type Channel } from '../../lib/client/index.js';
import { ChannelService, Clock, HauynaGateway, IdSource, type HauynaModuleOptions } from '../../lib/index.js';
import type { TestApp } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';
import { arrive } from './support/arrive.js';
import { FaultyBroker, type Fate } from './support/faulty.broker.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const HISTORY: HauynaModuleOptions = { channels: { history: { room: { size: 1000, ttl: 600_000 } } } };

async function begin(
  options: HauynaModuleOptions = HISTORY,
): Promise<{ app: TestApp; broker: FaultyBroker }> {
  const app = await start({
    providers: [ChatGateway],
    options: { limits: { messagesPerSecond: Infinity, burst: Infinity }, ...options },
    overrides: [
      {
        provide: Broker,
        useFactory: (clock: Clock, ids: IdSource) => new FaultyBroker(clock, ids),
        inject: [Clock, IdSource],
      },
    ],
  });
  return { app, broker: app.get(Broker) as FaultyBroker };
}

/** Fates by offset; the others are fine. */
const fates =
  (by: Record<number, Fate>): FaultyBroker['fate'] =>
  ({ offset }) =>
    by[offset] ?? 'ok';

const publish = async (app: TestApp, ...values: unknown[]): Promise<void> => {
  for (const value of values) await app.get(ChannelService).broadcast('room', value);
};

const data = (frames: readonly object[]): unknown[] =>
  frames
    .filter((frame) => (frame as { type?: unknown }).type === 'publication')
    .map((frame) => (frame as { data: unknown }).data);

describe('a publication that never arrived', () => {
  it('is noticed with the next one: v1 clients are asked to subscribe again, and get both', async () => {
    const { app, broker } = await begin();
    const { client } = await arrive(app, '/chat?user_id=ana');
    const { epoch } = await client.request('subscribe_channel', { channel: 'room' });
    await drain(client);
    broker.fate = fates({ 2: 'lost' });
    await publish(app, 'one', 'two', 'three');
    expect(await client.next('publication')).toMatchObject({ offset: 1 });
    expect(await client.next()).toEqual({
      type: 'unsubscribed',
      channel: 'room',
      reason: 'gap',
      resubscribe: true,
    });
    const since = { offset: 1, epoch };
    const again = await client.request('subscribe_channel', { channel: 'room', since });
    expect(again).toMatchObject({ recovered: true, offset: 3 });
    expect(again['publications']).toMatchObject([{ data: 'two' }, { data: 'three' }]);
    await publish(app, 'four');
    expect(await drain(client)).toMatchObject([{ type: 'publication', data: 'four', offset: 4 }]);
  });

  it('is not there for plain clients; they get what comes, and still not what is not for them', async () => {
    const { app, broker } = await begin();
    const ana = await app.connect('/chat?user_id=ana');
    const bob = await app.connect('/chat?user_id=bob');
    for (const client of [ana, bob]) {
      await client.request('subscribe_channel', { channel: 'room' });
      await drain(client);
    }
    await drain(ana);
    broker.fate = fates({ 2: 'lost' });
    await publish(app, 'one', 'two');
    await app.get(ChannelService).broadcast('room', 'three', { except: 'bob' });
    await publish(app, 'four');
    expect(await drain(ana)).toEqual(['one', 'three', 'four']);
    expect(await drain(bob)).toEqual(['one', 'four']);
  });
});

describe('a publication that comes twice', () => {
  it('is delivered once, in both dialects', async () => {
    const { app, broker } = await begin();
    const plain = await app.connect('/chat?user_id=bob');
    const { client: v1 } = await arrive(app, '/chat?user_id=ana');
    for (const client of [plain, v1]) await client.request('subscribe_channel', { channel: 'room' });
    await drain(plain);
    await drain(v1);
    broker.fate = () => 'twice';
    await publish(app, 'one', 'two');
    expect(await drain(plain)).toEqual(['one', 'two']);
    expect(data(await drain(v1))).toEqual(['one', 'two']);
  });
});

describe('a publication for others', () => {
  it('is told of as a position, so that nobody takes it for a gap', async () => {
    const { app } = await begin();
    const { client } = await arrive(app, '/chat?user_id=ana');
    const { epoch } = await client.request('subscribe_channel', { channel: 'room' });
    await drain(client);
    await app.get(ChannelService).broadcast('room', 'not for ana', { except: 'ana' });
    await publish(app, 'for all');
    expect(await drain(client)).toMatchObject([
      { type: 'position', channel: 'room', offset: 1, epoch },
      { type: 'publication', offset: 2, data: 'for all' },
    ]);
  });

  it('leaves no trace when it is volatile', async () => {
    const { app } = await begin();
    const { client: ana } = await arrive(app, '/chat?user_id=ana');
    const { client: bob } = await arrive(app, '/chat?user_id=bob');
    for (const client of [ana, bob]) await client.request('subscribe_channel', { channel: 'room' });
    await drain(ana);
    await drain(bob);
    await app.get(ChannelService).broadcast('room', 'typing', { except: 'ana', volatile: true });
    expect(await drain(bob)).toMatchObject([{ data: 'typing', offset: 0 }]);
    expect(await drain(ana)).toEqual([]);
    expect(app.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('makes createClient ask for nothing', async () => {
    const { app } = await begin();
    const client = createClient(`${app.url}/chat`, {
      WebSocket: WebSocket as never,
      params: { user_id: 'ana' },
    });
    const room = client.channel('room');
    const got: unknown[] = [];
    const states: string[] = [];
    room.on('message', (value) => got.push(value));
    await room.subscribe();
    room.on('$state', ({ to }) => states.push(to));
    for (const value of [1, 2, 3]) {
      await app.get(ChannelService).broadcast('room', value, value === 2 ? { except: 'ana' } : {});
    }
    await client.ping();
    expect(got).toEqual([1, 3]);
    expect(states).toEqual([]);
    client.close();
  });
});

describe('createClient', () => {
  async function reader(app: TestApp): Promise<{ room: Channel; got: unknown[]; close: () => void }> {
    const client = createClient(`${app.url}/chat`, {
      WebSocket: WebSocket as never,
      params: { user_id: 'ana' },
      random: () => 0,
    });
    const room = client.channel('room');
    const got: unknown[] = [];
    room.on('message', (value) => got.push(value));
    await room.subscribe();
    return { room, got, close: () => client.close() };
  }

  const scenarios: [string, Record<number, Fate>][] = [
    ['one is lost', { 3: 'lost' }],
    ['the first is lost', { 1: 'lost' }],
    ['several in a row are lost', { 3: 'lost', 4: 'lost', 5: 'lost' }],
    ['some come twice', { 2: 'twice', 5: 'twice' }],
    ['one comes behind the next', { 4: 'late' }],
    ['all of it happens', { 1: 'late', 3: 'lost', 4: 'twice', 6: 'late', 8: 'lost' }],
  ];
  for (const [what, by] of scenarios) {
    it(`delivers every message once and in order when ${what}`, async () => {
      const { app, broker } = await begin();
      const { got, close } = await reader(app);
      broker.fate = fates(by);
      const values = Array.from({ length: 10 }, (_, index) => index + 1);
      await publish(app, ...values);
      await until(() => got.length >= 10, 'all have arrived');
      expect(got).toEqual(values);
      close();
    });
  }

  it('delivers every message once and in order, whatever a hundred random faults do', async () => {
    const { app, broker } = await begin();
    const { got, close } = await reader(app);
    let seed = 20_240_101;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    broker.fate = () => (['lost', 'twice', 'late', 'ok', 'ok'] as const)[Math.floor(random() * 5)] ?? 'ok';
    for (let value = 1; value <= 100; value++) {
      await publish(app, value);
      if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
    }
    broker.fate = () => 'ok';
    await publish(app, 101);
    await until(() => got.length >= 101, 'all have arrived');
    expect(got).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
    close();
  });

  it('says that something is missing where nothing is kept, and goes on with what comes next', async () => {
    const { app, broker } = await begin({});
    const { room, got, close } = await reader(app);
    const reports: unknown[] = [];
    room.on('$recovered', (report) => reports.push(report));
    broker.fate = fates({ 2: 'lost' });
    await publish(app, 1, 2, 3);
    await until(() => reports.length === 1);
    expect(reports).toEqual([{ complete: false, count: 0 }]);
    await publish(app, 4);
    await until(() => got.includes(4));
    expect(got).toEqual([1, 4]);
    close();
  });
});

describe('a stream that has begun anew', () => {
  it('says so to v1 clients: their position leads nowhere, and they are told that something may be missing', async () => {
    const { app, broker } = await begin();
    const { client } = await arrive(app, '/chat?user_id=ana');
    const { epoch } = await client.request('subscribe_channel', { channel: 'room' });
    await publish(app, 'one');
    await drain(client);
    broker.epoch = 'second-life';
    await publish(app, 'two');
    expect(await client.next('unsubscribed')).toMatchObject({ reason: 'gap', resubscribe: true });
    const since = { offset: 1, epoch: 'first-life' };
    const again = await client.request('subscribe_channel', { channel: 'room', since });
    expect(again).toMatchObject({ wasRecovering: true, recovered: false, epoch });
    expect(again).not.toHaveProperty('publications');
  });
});
