import { describe, expect, it } from 'vitest';
import { ChannelService, HauynaGateway, type ChannelHistory, type HauynaOptions } from '../../lib/index.js';
import { ManualClock, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { start } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const options: HauynaOptions = {
  channels: {
    announce: false,
    history: {
      'room:{id}': { size: 5, ttl: 60_000 },
      'room:big': { size: 2000, ttl: 60_000 },
      'log:*': { size: 3, ttl: 1000 },
    },
  },
};

interface Answer {
  offset: number;
  epoch: string;
  recovered: boolean;
  wasRecovering: boolean;
  publications?: { data: unknown; offset: number }[];
}

async function setup(count: number, channel = 'room:1') {
  const clock = new ManualClock();
  const app = await start({ providers: [ChatGateway], options, clock });
  const channels = app.get(ChannelService);
  for (let n = 1; n <= count; n++) await channels.broadcast(channel, n);
  const connect = (user = 'ana'): Promise<TestClient> =>
    app.connect(`/chat?user_id=${user}`, { protocol: 'v1' });
  return { app, clock, channels, connect };
}

const data = ({ publications = [] }: { publications?: { data: unknown }[] }): unknown[] =>
  publications.map((item) => item.data);

describe('history', () => {
  it('keeps as many publications as the most specific pattern says', async () => {
    const { channels } = await setup(8);
    expect(data(await channels.history('room:1'))).toEqual([4, 5, 6, 7, 8]);
    for (let n = 0; n < 8; n++) await channels.broadcast('room:big', n);
    expect(data(await channels.history('room:big'))).toHaveLength(8);
    for (let n = 0; n < 8; n++) await channels.broadcast('log:a:b', n);
    expect(data(await channels.history('log:a:b'))).toEqual([5, 6, 7]);
    await channels.broadcast('other', 1);
    expect(data(await channels.history('other'))).toEqual([]);
    expect(data(await channels.history('unknown'))).toEqual([]);
  });

  it('keeps them as long as the pattern says', async () => {
    const { channels, clock } = await setup(2, 'log:x');
    clock.advance(600);
    await channels.broadcast('log:x', 3);
    clock.advance(600);
    expect(data(await channels.history('log:x'))).toEqual([3]);
    clock.advance(600);
    expect(data(await channels.history('log:x'))).toEqual([]);
  });

  it('can be read in pages, forwards and backwards', async () => {
    const { channels } = await setup(5);
    const first = await channels.history('room:1', { limit: 2 });
    expect(data(first)).toEqual([1, 2]);
    const { epoch, offset } = first;
    expect(offset).toBe(5);
    expect(data(await channels.history('room:1', { limit: 2, since: { epoch, offset: 2 } }))).toEqual([3, 4]);
    expect(data(await channels.history('room:1', { limit: 2, reverse: true }))).toEqual([5, 4]);
    expect(
      data(await channels.history('room:1', { limit: 2, reverse: true, since: { epoch, offset: 4 } })),
    ).toEqual([3, 2]);
    expect(data(await channels.history('room:1', { since: { epoch, offset: 5 } }))).toEqual([]);
  });

  it('refuses a bad limit and a position of another epoch', async () => {
    const { channels } = await setup(1);
    for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
      await expect(channels.history('room:1', { limit })).rejects.toMatchObject({ type: 'validation_error' });
    }
    await expect(channels.history('room:1', { since: { epoch: 'other', offset: 0 } })).rejects.toMatchObject({
      type: 'conflict',
    });
    await expect(channels.history('')).rejects.toMatchObject({ type: 'validation_error' });
  });

  it.each([null, 0, '', false, { a: [1] }])('keeps %j as it is', async (value) => {
    const { channels } = await setup(0);
    await channels.broadcast('room:1', value, { event: 'e' });
    expect((await channels.history('room:1')).publications).toMatchObject([
      { data: value, event: 'e', offset: 1, user: null },
    ]);
  });
});

describe('the history frame', () => {
  it('answers subscribers, and nobody else', async () => {
    const { connect } = await setup(4);
    const client = await connect();
    await expect(client.request('history', { channel: 'room:1' })).rejects.toMatchObject({
      error_type: 'not_subscribed',
    });
    await client.request('subscribe_channel', { channel: 'room:1' });
    const answer = await client.request<ChannelHistory>('history', {
      channel: 'room:1',
      limit: 2,
      reverse: true,
    });
    expect(data(answer)).toEqual([4, 3]);
    expect(answer.publications[0]).toEqual({
      channel: 'room:1',
      data: 4,
      event: 'message',
      offset: 4,
      epoch: answer.epoch,
      user: null,
      at: expect.any(Number) as number,
    });
    expect(
      data(await client.request('history', { channel: 'room:1', since: { epoch: answer.epoch, offset: 3 } })),
    ).toEqual([4]);
  });

  it.each([
    { limit: 0 },
    { limit: 301 },
    { limit: '5' },
    { since: 3 },
    { since: { last: 3 } },
    { reverse: 'yes' },
  ])('%j is refused', async (more) => {
    const { connect } = await setup(1);
    const client = await connect();
    await client.request('subscribe_channel', { channel: 'room:1' });
    await expect(client.request('history', { channel: 'room:1', ...more })).rejects.toMatchObject({
      error_type: 'validation_error',
    });
  });
});

describe('subscribing with a position', () => {
  const subscribe = (client: TestClient, since: object, channel = 'room:1'): Promise<Answer> =>
    client.request<Answer>('subscribe_channel', { channel, since });
  const epochOf = async (app: TestApp): Promise<string> =>
    (await app.get(ChannelService).history('room:1')).epoch;

  it('answers every missed publication, in order', async () => {
    const { app, connect } = await setup(5);
    const epoch = await epochOf(app);
    const answer = await subscribe(await connect(), { offset: 2, epoch });
    expect(answer).toMatchObject({ offset: 5, epoch, wasRecovering: true, recovered: true });
    expect(answer.publications).toMatchObject([{ data: 3, offset: 3 }, { data: 4 }, { data: 5, offset: 5 }]);
    expect(await subscribe(await connect('bob'), { offset: 5, epoch })).toMatchObject({
      recovered: true,
      publications: [],
    });
  });

  it.each([
    ['one of them is not kept any more', 1, undefined],
    ['the epoch is another one', 5, 'other'],
    ['the position is ahead of the channel', 99, undefined],
  ])('answers none when %s', async (_why, offset, given) => {
    const { app, connect } = await setup(8);
    const epoch = given ?? (await epochOf(app));
    const answer = await subscribe(await connect(), { offset, epoch });
    expect(answer).toMatchObject({ offset: 8, wasRecovering: true, recovered: false });
    expect(answer).not.toHaveProperty('publications');
  });

  it('or with { last } answers the latest ones', async () => {
    const { connect } = await setup(8);
    expect(data(await subscribe(await connect(), { last: 2 }))).toEqual([7, 8]);
    expect(data(await subscribe(await connect('bob'), { last: 500 }))).toEqual([4, 5, 6, 7, 8]);
    expect(data(await subscribe(await connect('eva'), { last: 5 }, 'other'))).toEqual([]);
  });

  it('recovers up to 1000 publications, and none of more', async () => {
    const { channels, connect } = await setup(1500, 'room:big');
    const { epoch } = await channels.history('room:big', { limit: 1 });
    expect(await subscribe(await connect(), { offset: 499, epoch }, 'room:big')).toMatchObject({
      recovered: false,
    });
    const answer = await subscribe(await connect('bob'), { offset: 500, epoch }, 'room:big');
    expect(answer.recovered).toBe(true);
    expect(answer.publications?.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 1000 }, (_, n) => 501 + n),
    );
  });

  it('joins what was missed and what comes live without a hole, while others go on publishing', async () => {
    const { app, channels, connect } = await setup(3);
    const epoch = await epochOf(app);
    const client = await connect();
    client.send({ type: 'subscribe_channel', id: 's', channel: 'room:1', since: { offset: 1, epoch } });
    for (let n = 4; n <= 6; n++) {
      await channels.broadcast('room:1', n);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { data: answer } = await client.next<{ data: Answer }>({ type: 'ack', id: 's' });
    await channels.broadcast('room:1', 7);
    await client.fence();
    const live = client.frames.filter((frame) => (frame as { type: string }).type === 'publication');
    expect([...data(answer), ...live.map((frame) => (frame as { data: unknown }).data)]).toEqual([
      2, 3, 4, 5, 6, 7,
    ]);
  });

  it('works for plain clients, too', async () => {
    const { app } = await setup(3);
    const epoch = await epochOf(app);
    const client = await app.connect('/chat?user_id=ana');
    expect(data(await subscribe(client, { offset: 1, epoch }))).toEqual([2, 3]);
  });
});
