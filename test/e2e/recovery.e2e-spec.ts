import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Broker } from '../../lib/broker/broker.js';
import type { HistoryQuery, HistoryResult } from '../../lib/broker/broker.js';
import { MemoryBroker } from '../../lib/broker/memory.broker.js';
import { createClient } from '../../lib/client/index.js';
import {
  ChannelService,
  Clock,
  ConnectionService,
  HauynaGateway,
  IdSource,
  PresenceService,
} from '../../lib/index.js';
import { ManualClock, type TestApp } from '../../lib/testing/index.js';
import { drain, gate, start, until } from './start.js';
import { arrive } from './support/arrive.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

/** A broker that reads its history when it is told to. */
class SlowBroker extends MemoryBroker {
  hold: Promise<void> = Promise.resolve();
  asked = 0;

  override async history(channel: string, query: HistoryQuery): Promise<HistoryResult> {
    const result = await super.history(channel, query);
    this.asked++;
    await this.hold;
    return result;
  }
}

async function begin(size = 100): Promise<{ app: TestApp; broker: SlowBroker; clock: ManualClock }> {
  const clock = new ManualClock();
  const app = await start({
    providers: [ChatGateway],
    clock,
    options: { heartbeat: false, channels: { history: { room: { size, ttl: 600_000 } } } },
    overrides: [
      {
        provide: Broker,
        useFactory: (time: Clock, ids: IdSource) => new SlowBroker(time, ids),
        inject: [Clock, IdSource],
      },
    ],
  });
  return { app, broker: app.get(Broker) as SlowBroker, clock };
}

const publish = async (app: TestApp, ...values: unknown[]): Promise<void> => {
  for (const value of values) await app.get(ChannelService).broadcast('room', value);
};

interface Answer {
  epoch: string;
  offset: number;
  recovered: boolean;
  wasRecovering: boolean;
  publications?: { data: unknown; offset: number }[];
}

const values = ({ publications }: Answer): unknown[] | undefined => publications?.map(({ data }) => data);

describe('subscribing with since', () => {
  it('brings everything that was missed, in order, or nothing at all', async () => {
    const { app } = await begin(3);
    const { client, key } = await arrive(app, '/chat?user_id=ana');
    const { epoch } = await client.request<Answer>('subscribe_channel', { channel: 'room' });
    await publish(app, 1);
    await client.terminate();
    await publish(app, 2, 3, 4);
    const { client: back } = await arrive(app, '/chat?user_id=ana', key);
    const from = (offset: number): Promise<Answer> =>
      back.request<Answer>('subscribe_channel', { channel: 'room', since: { offset, epoch } });
    const all = await from(1);
    expect(all).toMatchObject({ wasRecovering: true, recovered: true, offset: 4 });
    expect(values(all)).toEqual([2, 3, 4]);
    expect(values(await from(4))).toEqual([]);
    // The first one is not kept any more, so two of four would be a lie.
    const some = await from(0);
    expect(some).toMatchObject({ wasRecovering: true, recovered: false, offset: 4 });
    expect(some.publications).toBeUndefined();
    expect((await from(5)).recovered).toBe(false);
  });

  it('hands over from the answer to what is live without a gap, a repeat or a change of order', async () => {
    const { app, broker } = await begin();
    const { client: first } = await arrive(app, '/chat?user_id=ana');
    const { epoch } = await first.request<Answer>('subscribe_channel', { channel: 'room' });
    await publish(app, 1, 2);
    const { client } = await arrive(app, '/chat?user_id=bob');
    const { opened, open } = gate();
    broker.hold = opened;
    const answer = client.request<Answer>('subscribe_channel', {
      channel: 'room',
      since: { offset: 0, epoch },
    });
    await until(() => broker.asked === 1, 'the history was read');
    await publish(app, 3, 4);
    open();
    const answered = await answer;
    await publish(app, 5);
    const live = (await drain(client)).filter(({ type }) => type === 'publication');
    expect([...(values(answered) ?? []), ...live.map(({ data }) => data)]).toEqual([1, 2, 3, 4, 5]);
  });

  it('holds back what is live for each connection and channel by itself', async () => {
    const { app, broker } = await begin();
    const { client: listener } = await arrive(app, '/chat?user_id=ana');
    const { epoch } = await listener.request<Answer>('subscribe_channel', { channel: 'room' });
    const { client } = await arrive(app, '/chat?user_id=bob');
    await client.request('subscribe_channel', { channel: 'other' });
    await drain(listener);
    await drain(client);
    const { opened, open } = gate();
    broker.hold = opened;
    client.send({ type: 'subscribe_channel', id: 1, channel: 'room', since: { offset: 0, epoch } });
    await until(() => broker.asked === 1);
    await publish(app, 'live');
    await app.get(ChannelService).broadcast('other', 'elsewhere');
    expect(await listener.next('publication')).toMatchObject({ data: 'live' });
    expect(await client.next('publication')).toMatchObject({ data: 'elsewhere' });
    expect(client.frames.filter((frame) => (frame as { data?: unknown }).data === 'live')).toEqual([]);
    open();
    await client.next({ type: 'ack', id: 1 });
    expect(await client.next('publication')).toMatchObject({ data: 'live' });
  });
});

describe('createClient', () => {
  it('misses nothing when its connection is cut again and again', async () => {
    const { app, clock } = await begin(1000);
    const client = createClient(`${app.url}/chat`, {
      WebSocket: WebSocket as never,
      params: { user_id: 'ana' },
      reconnect: () => 0,
      heartbeatInterval: 0,
    });
    const room = client.channel('room');
    const got: unknown[] = [];
    const resumed: boolean[] = [];
    room.on('message', (value) => got.push(value));
    client.on('connected', (info) => resumed.push(info.resumed));
    await room.subscribe();
    let value = 0;
    for (let loss = 0; loss < 5; loss++) {
      await publish(app, ++value, ++value);
      for (const connection of await app.get(ConnectionService).ofUser('ana')) connection.terminate();
      await publish(app, ++value, ++value);
      await until(() => resumed.length === loss + 2 && room.state === 'subscribed', 'it is back');
    }
    await publish(app, ++value);
    await until(() => got.length >= value, 'all have arrived');
    expect(got).toEqual(Array.from({ length: value }, (_, index) => index + 1));
    expect(resumed).toEqual([false, true, true, true, true, true]);
    clock.advance(60_000);
    expect(await app.get(PresenceService).get('ana')).toMatchObject({ connections: 1, channels: ['room'] });
    client.close();
  });

  it('publishes once what it had to say while the connection was lost', async () => {
    const { app } = await begin(1000);
    const client = createClient(`${app.url}/chat`, {
      WebSocket: WebSocket as never,
      params: { user_id: 'ana' },
      reconnect: () => 0,
    });
    const room = client.channel('room');
    await room.subscribe();
    const sent: Promise<unknown>[] = [];
    for (let round = 0; round < 5; round++) {
      sent.push(room.publish(`${round} before`));
      for (const connection of await app.get(ConnectionService).ofUser('ana')) connection.terminate();
      sent.push(room.publish(`${round} after`));
      await Promise.all(sent);
    }
    const { publications } = await app.get(ChannelService).history('room');
    const expected = [0, 1, 2, 3, 4].flatMap((round) => [`${round} before`, `${round} after`]);
    expect(publications).toHaveLength(expected.length);
    expect(new Set(publications.map(({ data }) => data))).toEqual(new Set(expected));
    client.close();
  });
});
