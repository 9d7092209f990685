import { Injectable } from '@nestjs/common';
import { MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  ConnectionService,
  GroupService,
  HauynaError,
  HauynaGateway,
  OnChannelMessage,
  OnDisconnect,
  OnMessage,
  PresenceService,
  type Connection,
  type HauynaModuleOptions,
} from '../../lib/index.js';
import { ManualClock, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { drain, gate, start, until } from './start.js';
import { arrive } from './support/arrive.js';

/** Counts what is carried out, and holds it up. */
@Injectable()
class Works {
  readonly done: string[] = [];
  readonly ends: unknown[] = [];
  hold: Promise<void> = Promise.resolve();
  failure: HauynaError | null = null;

  async work(name: string): Promise<string> {
    this.done.push(name);
    await this.hold;
    if (this.failure !== null) throw this.failure;
    return `${name} ${this.done.length}`;
  }
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  constructor(private readonly works: Works) {}

  @OnMessage('work', { validate: false })
  work(@MessageBody() { name }: { name: string }): Promise<string> {
    return this.works.work(name);
  }

  @OnMessage('count', { stream: true })
  async *count(): AsyncGenerator<number> {
    this.works.done.push('count');
    yield 1;
    await this.works.hold;
    yield 2;
  }

  @OnMessage('huge', { validate: false })
  async huge(): Promise<bigint> {
    this.works.done.push('huge');
    await this.works.hold;
    return 1n;
  }

  @OnChannelMessage('*', { validate: false })
  async say(): Promise<void> {
    await this.works.hold;
  }

  @OnDisconnect()
  left(_connection: Connection, info: unknown): void {
    this.works.ends.push(info);
  }
}

const TTL = 20_000;

function begin(options: HauynaModuleOptions = {}): Promise<TestApp> {
  return start({
    providers: [Works, ChatGateway],
    clock: new ManualClock(),
    options: { session: { ttl: TTL }, heartbeat: false, ...options },
  });
}

const path = '/chat?user_id=ana';
const lost = async (client: TestClient, app: TestApp): Promise<void> => {
  await client.terminate();
  await until(async () => (await app.get(ConnectionService).count()) === 0, 'the loss was noticed');
};

describe('a client that comes back while its old connection still looks alive', () => {
  it('takes its place: the old one is told and closed with 4006, nobody else notices', async () => {
    const app = await begin();
    const { client: bob } = await arrive(app, '/chat?user_id=bob');
    await bob.request('subscribe_channel', { channel: 'room' });
    const { client: old, welcome, key } = await arrive(app, path);
    await old.request('subscribe_channel', { channel: 'room', metadata: { name: 'Ana' } });
    await drain(bob, old);

    const back = await arrive(app, path, key);
    expect(back.welcome.session).toMatchObject({ id: welcome.session?.id, resumed: true });
    expect(await old.next('disconnect')).toMatchObject({ code: 4006, reconnect: false });
    expect(await old.closed).toMatchObject({ code: 4006 });
    await back.client.request('subscribe_channel', { channel: 'room', metadata: { name: 'Ana' } });
    app.clock?.advance(TTL);
    expect(await drain(bob, back.client)).toEqual([]);
    expect(await app.get(PresenceService).get('ana')).toMatchObject({ connections: 1 });
    expect(await app.get(ChannelService).subscriptionCount('room')).toBe(2);
    const ofAna = await app.get(ConnectionService).ofUser('ana');
    expect(ofAna.map(({ id }) => id)).toEqual([back.welcome.connectionId]);
    expect(app.get(Works).ends).toEqual([expect.objectContaining({ code: 4006 })]);
  });

  it('is let in although the user has no connection to spare', async () => {
    const app = await begin({ limits: { connectionsPerUser: 1 } });
    const { client: old, key } = await arrive(app, path);
    const other = await app.connect(path, { protocol: 'v1' });
    expect(await other.closed).toMatchObject({ code: 4004 });
    expect((await arrive(app, path, key)).welcome.session?.resumed).toBe(true);
    expect(await old.closed).toMatchObject({ code: 4006 });
  });

  it('is not closed by another user who has got hold of the key, nor let past their limit', async () => {
    const app = await begin({ limits: { connectionsPerUser: 1 } });
    const { client: ana, key } = await arrive(app, path);
    await arrive(app, '/chat?user_id=eve');
    const thief = await app.connect('/chat?user_id=eve', { protocol: 'v1', resume: key });
    expect(await thief.closed).toMatchObject({ code: 4004 });
    await ana.fence();
    expect(ana.isOpen).toBe(true);
  });

  it('keeps its groups, where those end with the last connection', async () => {
    const app = await begin({ groups: { lifetime: 'connected' } });
    const { client: old, key } = await arrive(app, path);
    await app.get(GroupService).add('ana', 'staff');
    await arrive(app, path, key);
    await old.closed;
    app.clock?.advance(3 * TTL);
    expect(await app.get(GroupService).has('ana', 'staff')).toBe(true);
  });

  it('is answered what the old connection was still waiting for, and nothing is done twice', async () => {
    const app = await begin();
    const works = app.get(Works);
    const { opened, open } = gate();
    works.hold = opened;
    const { client: old, key } = await arrive(app, path);
    old.send({ type: 'work', id: 1, name: 'first' });
    old.send({ type: 'work', id: 2, name: 'second' });
    await until(() => works.done.length === 1);
    const { client: back } = await arrive(app, path, key);
    back.send({ type: 'work', id: 1, name: 'first' });
    back.send({ type: 'work', id: 2, name: 'second' });
    await until(() => works.done.length === 2);
    open();
    expect(await back.next({ type: 'ack', id: 2 })).toEqual({ type: 'ack', id: 2, data: 'second 2' });
    expect(await back.next({ type: 'ack', id: 1 })).toMatchObject({ type: 'ack', id: 1 });
    await drain(back);
    expect(works.done).toEqual(['first', 'second']);
  });

  it('has its waiting requests carried out on the new connection, not on the one that is gone', async () => {
    const app = await begin();
    const works = app.get(Works);
    const { opened, open } = gate();
    works.hold = opened;
    const { client: old, key } = await arrive(app, path);
    old.send({ type: 'work', id: 1, name: 'begun' });
    old.send({ type: 'work', id: 2, name: 'waiting' });
    old.send({ type: 'work', name: 'never repeated' });
    await until(() => works.done.length === 1);
    await old.ping();
    const { client: back } = await arrive(app, path, key);
    open();
    await until(() => works.done.includes('never repeated'), 'what has no id is not lost');
    expect(works.done).toEqual(['begun', 'never repeated']);
    back.send({ type: 'work', id: 2, name: 'waiting' });
    expect(await back.next({ id: 2 })).toMatchObject({ type: 'ack', data: 'waiting 3' });
  });

  it('publishes what the old connection had no time for, once', async () => {
    const app = await begin({ channels: { history: { room: { size: 10, ttl: 60_000 } } } });
    const works = app.get(Works);
    const { client: old, key } = await arrive(app, path);
    await old.request('subscribe_channel', { channel: 'room' });
    const { opened, open } = gate();
    works.hold = opened;
    old.send({ type: 'work', id: 1, name: 'slow' });
    const message = { type: 'channel_message', id: 2, channel: 'room', message: 'hi', idempotencyKey: 'k' };
    old.send(message);
    await until(() => works.done.length === 1);
    const { client: back } = await arrive(app, path, key);
    await back.request('subscribe_channel', { channel: 'room' });
    back.send(message);
    open();
    expect(await back.next({ id: 2 })).toMatchObject({ type: 'ack', data: { offset: 1 } });
    const { publications } = await app.get(ChannelService).history('room');
    expect(publications.map(({ data }) => data)).toEqual(['hi']);
  });

  it('may publish again what was cut off while the application thought about it', async () => {
    const app = await begin();
    const works = app.get(Works);
    const { client: old, key } = await arrive(app, path);
    await old.request('subscribe_channel', { channel: 'room' });
    const { opened, open } = gate();
    works.hold = opened;
    const message = { type: 'channel_message', id: 2, channel: 'room', message: 'hi' };
    old.send(message);
    await old.ping();
    const { client: back } = await arrive(app, path, key);
    await back.request('subscribe_channel', { channel: 'room' });
    open();
    await until(() => old.isOpen === false);
    await back.fence();
    back.send(message);
    expect(await back.next({ id: 2 })).toMatchObject({ type: 'ack' });
  });
});

describe('a request that is repeated', () => {
  it('on the same connection is answered with the first answer, and not carried out', async () => {
    const app = await begin();
    const { client } = await arrive(app, path);
    const request = { type: 'work', id: 'a', name: 'x' };
    client.send(request);
    client.send(request);
    const answers = [await client.next({ id: 'a' }), await client.next({ id: 'a' })];
    expect(answers).toEqual([
      { type: 'ack', id: 'a', data: 'x 1' },
      { type: 'ack', id: 'a', data: 'x 1' },
    ]);
    expect(app.get(Works).done).toEqual(['x']);
  });

  it('on the next connection, too: whether the answer was lost or never sent', async () => {
    const app = await begin();
    const { client: first, key } = await arrive(app, path);
    first.send({ type: 'work', id: 1, name: 'x' });
    await first.next({ id: 1 });
    await lost(first, app);
    const { client: back } = await arrive(app, path, key);
    back.send({ type: 'work', id: 1, name: 'x' });
    expect(await back.next({ id: 1 })).toEqual({ type: 'ack', id: 1, data: 'x 1' });
    expect(app.get(Works).done).toEqual(['x']);
  });

  it('while it is carried out waits for that, also when the connection was lost meanwhile', async () => {
    const app = await begin();
    const works = app.get(Works);
    const { opened, open } = gate();
    works.hold = opened;
    const { client: first, key } = await arrive(app, path);
    first.send({ type: 'work', id: 1, name: 'x' });
    await until(() => works.done.length === 1);
    await lost(first, app);
    const { client: back } = await arrive(app, path, key);
    back.send({ type: 'work', id: 1, name: 'x' });
    await back.fence();
    open();
    expect(await back.next({ id: 1 })).toEqual({ type: 'ack', id: 1, data: 'x 1' });
    expect(works.done).toEqual(['x']);
  });

  it('that had failed for good fails in the same way; one that failed for the moment is tried again', async () => {
    const app = await begin();
    const works = app.get(Works);
    const { client } = await arrive(app, path);
    works.failure = new HauynaError('conflict', 'Taken.');
    const [request, other] = [
      { type: 'work', id: 1, name: 'x' },
      { type: 'work', id: 2, name: 'y' },
    ];
    client.send(request);
    client.send(request);
    for (let i = 0; i < 2; i++)
      expect(await client.next({ id: 1 })).toMatchObject({ error_type: 'conflict' });
    expect(works.done).toEqual(['x']);
    works.failure = new HauynaError('conflict', 'Not yet.', { retryable: true });
    client.send(other);
    expect(await client.next({ id: 2 })).toMatchObject({ error_type: 'conflict', retryable: true });
    works.failure = null;
    client.send(other);
    expect(await client.next({ id: 2 })).toMatchObject({ type: 'ack', data: 'y 3' });
  });

  it('is a new one when it asks something else', async () => {
    const app = await begin();
    const { client } = await arrive(app, path);
    client.send({ type: 'work', id: 1, name: 'x' });
    client.send({ type: 'work', id: 1, name: 'y' });
    expect(await client.next({ id: 1 })).toMatchObject({ data: 'x 1' });
    expect(await client.next({ id: 1 })).toMatchObject({ data: 'y 2' });
  });

  it('is a new one in another session: ids of two clients never meet', async () => {
    const app = await begin();
    for (const user of ['ana', 'bob', 'ana']) {
      const { client } = await arrive(app, `/chat?user_id=${user}`);
      client.send({ type: 'work', id: 1, name: 'x' });
      await client.next({ id: 1 });
    }
    expect(app.get(Works).done).toHaveLength(3);
  });

  it('is carried out again when more than 128 have come since: the memory has an end', async () => {
    const app = await begin({ limits: { messagesPerSecond: Infinity, burst: Infinity } });
    const works = app.get(Works);
    const { client } = await arrive(app, path);
    for (let id = 0; id <= 128; id++) await client.request('work', { name: String(id) });
    client.send({ name: '1', type: 'work', id: 'request-2' });
    expect(await client.next({ id: 'request-2' })).toMatchObject({ data: '1 2' });
    client.send({ name: '0', type: 'work', id: 'request-1' });
    expect(await client.next({ id: 'request-1' })).toMatchObject({ data: '0 130' });
    expect(works.done).toHaveLength(130);
  });

  it('too often for the rate limit is not forgotten for that', async () => {
    const app = await begin({ limits: { messagesPerSecond: 1, burst: 2 } });
    const { client } = await arrive(app, path);
    const request = { type: 'work', id: 1, name: 'x' };
    for (let i = 0; i < 3; i++) client.send(request);
    const answers = [
      await client.next({ id: 1 }),
      await client.next({ id: 1 }),
      await client.next({ id: 1 }),
    ];
    expect(answers.filter((answer) => answer['error_type'] === 'rate_limited')).toHaveLength(1);
    app.clock?.advance(5000);
    client.send(request);
    expect(await client.next({ id: 1 })).toEqual({ type: 'ack', id: 1, data: 'x 1' });
    expect(app.get(Works).done).toEqual(['x']);
  });

  it('for a stream that was cut off starts it again', async () => {
    const app = await begin();
    const works = app.get(Works);
    const { opened, open } = gate();
    works.hold = opened;
    const { client: first, key } = await arrive(app, path);
    first.send({ type: 'count', id: 1 });
    await first.next({ type: 'item' });
    await lost(first, app);
    const { client: back } = await arrive(app, path, key);
    back.send({ type: 'count', id: 1 });
    expect(await back.next({ type: 'item' })).toMatchObject({ data: 1 });
    open();
    expect(await back.next({ type: 'item' })).toMatchObject({ data: 2 });
    expect(await back.next({ type: 'ack' })).toMatchObject({ id: 1 });
  });

  it('whose answer has no JSON form gets an error, also when it was made for a lost connection', async () => {
    const app = await begin();
    const works = app.get(Works);
    const { opened, open } = gate();
    works.hold = opened;
    const { client: first, key } = await arrive(app, path);
    first.send({ type: 'huge', id: 1 });
    await until(() => works.done.length === 1);
    await lost(first, app);
    const { client: back } = await arrive(app, path, key);
    back.send({ type: 'huge', id: 1 });
    await back.fence();
    open();
    expect(await back.next({ id: 1 })).toMatchObject({ type: 'error' });
    expect(works.done).toEqual(['huge']);
  });

  it('of a plain client is carried out every time', async () => {
    const app = await begin();
    const plain = await app.connect(path);
    plain.send({ type: 'work', id: 1, name: 'x' });
    plain.send({ type: 'work', id: 1, name: 'x' });
    expect(await plain.next({ id: 1 })).toMatchObject({ data: 'x 1' });
    expect(await plain.next({ id: 1 })).toMatchObject({ data: 'x 2' });
  });
});

describe('work for a client that never comes back', () => {
  it('is let go when its session ends', async () => {
    const app = await begin();
    const works = app.get(Works);
    works.hold = new Promise(() => undefined);
    const { client } = await arrive(app, path);
    client.send({ type: 'work', id: 1, name: 'x' });
    await until(() => works.done.length === 1);
    await lost(client, app);
    app.clock?.advance(TTL);
    // Whoever still waited for it would keep the application from closing.
    await app.close();
    expect((app.clock as ManualClock).pending).toBe(0);
  });
});
