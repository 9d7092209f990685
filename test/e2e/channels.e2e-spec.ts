import { ConnectedSocket } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  Connection,
  ConnectionService,
  HauynaGateway,
  OnMessage,
  OnSubscription,
  type SubscriptionChange,
} from '../../lib/index.js';
import { connectClient, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('id')
  id(@ConnectedSocket() client: Connection): string {
    return client.id;
  }
}

const providers = [ChatGateway];
const NAMES = [
  'room1',
  'con espacio',
  '__proto__',
  'constructor',
  'ñ'.repeat(127) + 'a',
  'a'.repeat(255),
  '{id}',
  '*',
  'Room1',
];
const quiet = { channels: { announce: false } };

async function joined(
  app: TestApp,
  user: string,
  channel: string,
  protocol: 'plain' | 'v1' = 'plain',
): Promise<TestClient> {
  const client = await app.connect('/chat', { query: user === '' ? {} : { user_id: user }, protocol });
  await client.request('subscribe_channel', { channel });
  await drain(client);
  return client;
}

describe.each(['express', 'fastify'] as const)('a channel on %s', (platform) => {
  it('delivers what subscribers and the server publish to all subscribers, and to nobody else', async () => {
    const app = await start({ providers, platform });
    const ana = await joined(app, 'ana', 'room1');
    const bob = await joined(app, 'bob', 'room1', 'v1');
    const eva = await joined(app, 'eva', 'room2');
    await drain(ana);
    ana.send({ type: 'channel_message', channel: 'room1', message: { text: '¡Hola a todos en room1!' } });
    expect(await drain(ana)).toEqual([{ text: '¡Hola a todos en room1!' }]);
    await app.get(ChannelService).broadcast('room1', { type: 'message', text: 'Hola canal!' });
    expect(await drain(ana)).toEqual([{ type: 'message', text: 'Hola canal!' }]);
    expect(await drain(bob)).toMatchObject([
      { type: 'publication', channel: 'room1', event: 'message', user: 'ana', offset: 1 },
      {
        type: 'publication',
        channel: 'room1',
        event: 'message',
        user: null,
        offset: 2,
        data: { text: 'Hola canal!' },
      },
    ]);
    expect(await drain(eva)).toEqual([]);
  });
});

describe('subscribing', () => {
  it.each(NAMES)('works for the name %s, and for no other like it', async (channel) => {
    const app = await start({ providers });
    const client = await joined(app, 'ana', channel);
    const channels = app.get(ChannelService);
    expect(await channels.subscribers(channel)).toEqual(['ana']);
    expect(await channels.subscriptionCount(channel.toUpperCase() + '!')).toBe(0);
    await channels.broadcast(channel, 1);
    expect(await drain(client)).toEqual([1]);
    await client.request('unsubscribe_channel', { channel });
    expect(await channels.subscribers(channel)).toEqual([]);
  });

  it.each([
    [{}, 'validation_error'],
    [{ channel: '' }, 'validation_error'],
    [{ channel: null }, 'validation_error'],
    [{ channel: 7 }, 'validation_error'],
    [{ channel: ['a'] }, 'validation_error'],
    [{ channel: 'a'.repeat(256) }, 'validation_error'],
    [{ channel: 'ñ'.repeat(128) }, 'validation_error'],
    [{ channel: 'a\tb' }, 'validation_error'],
    [{ channel: '$system' }, 'forbidden'],
    [{ channel: 'a', metadata: 'text' }, 'validation_error'],
    [{ channel: 'a', metadata: [1] }, 'validation_error'],
    [{ channel: 'a', metadata: { channel: 'b' } }, 'validation_error'],
    [{ channel: 'a', metadata: { group: 'admins' } }, 'validation_error'],
    [{ channel: 'a', metadata: { text: 'x'.repeat(5000) } }, 'limit_exceeded'],
    [{ channel: 'a', since: 1 }, 'validation_error'],
    [{ channel: 'a', since: { offset: -1, epoch: 'e' } }, 'validation_error'],
    [{ channel: 'a', since: { last: 0 } }, 'validation_error'],
  ])('%j is refused with %s and changes nothing', async (body, type) => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    await expect(client.request('subscribe_channel', body)).rejects.toMatchObject({ error_type: type });
    const [connection] = await app.get(ConnectionService).list();
    expect(await app.get(ChannelService).channelsOf(connection!)).toEqual([]);
    expect(await drain(client)).toEqual([]);
  });

  it('answers the position of the channel', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana', { protocol: 'v1' });
    const first = await client.request<{ epoch: string }>('subscribe_channel', { channel: 'room' });
    expect(first).toEqual({
      channel: 'room',
      epoch: expect.any(String) as string,
      offset: 0,
      wasRecovering: false,
      recovered: false,
    });
    await app.get(ChannelService).broadcast('room', 1);
    const other = await app.connect('/chat?user_id=bob', { protocol: 'v1' });
    expect(await other.request('subscribe_channel', { channel: 'room' })).toMatchObject({
      offset: 1,
      epoch: first.epoch,
    });
  });

  it('is announced with channel_event to those who are there and to the newcomer, once each', async () => {
    const app = await start({ providers });
    const ana = await joined(app, 'ana', 'room');
    const bob = await app.connect('/chat?user_id=bob');
    const eva = await app.connect('/chat?user_id=eva');
    await bob.request('subscribe_channel', { channel: 'room', metadata: { name: 'Bob', tags: [1, null] } });
    const added = {
      type: 'channel_event',
      event: 'subscription_added',
      channel: 'room',
      user: 'bob',
      metadata: { name: 'Bob', tags: [1, null] },
    };
    const events = async (client: TestClient): Promise<unknown[]> =>
      (await drain(client)).filter(({ type }) => type === 'channel_event');
    expect(await events(ana)).toEqual([added]);
    expect(await events(bob)).toEqual([added]);
    await bob.request('unsubscribe_channel', { channel: 'room' });
    const removed = { ...added, event: 'subscription_removed' };
    expect(await events(ana)).toEqual([removed]);
    expect(await events(bob)).toEqual([removed]);
    expect(await drain(eva)).toEqual([]);
  });

  it('twice is one subscription: messages come once, one unsubscribe ends it, others hear of it once', async () => {
    const app = await start({ providers });
    const channels = app.get(ChannelService);
    const ana = await joined(app, 'ana', 'room');
    const bob = await joined(app, 'bob', 'room');
    await drain(ana);
    await bob.request('subscribe_channel', { channel: 'room' });
    await bob.request('subscribe_channel', { channel: 'room' });
    expect(await drain(ana)).toEqual([]);
    expect(await channels.subscriptionCount('room')).toBe(2);
    await channels.broadcast('room', 'once');
    expect((await drain(bob)).filter((frame) => (frame as unknown) === 'once')).toHaveLength(1);
    await bob.request('unsubscribe_channel', { channel: 'room' });
    await bob.request('unsubscribe_channel', { channel: 'room' });
    await channels.broadcast('room', 'twice');
    expect((await drain(bob)).filter((frame) => (frame as unknown) === 'twice')).toEqual([]);
    expect((await drain(ana)).filter(({ type }) => type === 'channel_event')).toHaveLength(1);
  });

  it('again with metadata replaces it; without, keeps it', async () => {
    const changes: unknown[] = [];
    @HauynaGateway({ path: '/chat' })
    class WatchGateway {
      @OnSubscription({ channel: 'room' })
      change({ event, connection, metadata }: SubscriptionChange<Connection>): void {
        changes.push([event, connection.userId, metadata]);
      }

      @OnSubscription({ event: 'removed', channel: 'other' })
      never(): void {
        changes.push('never');
      }
    }
    const app = await start({ providers: [WatchGateway] });
    const channels = app.get(ChannelService);
    const client = await app.connect('/chat?user_id=ana');
    const [{ id }] = (await app.get(ConnectionService).list()) as [Connection];
    const subscribe = async (metadata?: object): Promise<unknown> => {
      await client.request('subscribe_channel', {
        channel: 'room',
        ...(metadata === undefined ? {} : { metadata }),
      });
      return channels.metadata('room', id);
    };
    expect(await subscribe({ name: 'Ana' })).toEqual({ name: 'Ana' });
    expect(await subscribe()).toEqual({ name: 'Ana' });
    expect(await subscribe({ name: 'Ana' })).toEqual({ name: 'Ana' });
    expect(await subscribe({ mood: null })).toEqual({ mood: null });
    expect(await subscribe({})).toEqual({});
    await client.request('unsubscribe_channel', { channel: 'room' });
    expect(await channels.metadata('room', id)).toBeUndefined();
    expect(changes).toEqual([
      ['added', 'ana', { name: 'Ana' }],
      ['updated', 'ana', { mood: null }],
      ['updated', 'ana', {}],
      ['removed', 'ana', {}],
    ]);
  });

  it('metadata keys are plain keys, whatever they are called', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    const [{ id }] = (await app.get(ConnectionService).list()) as [Connection];
    const metadata = '{"__proto__":{"admin":true},"constructor":1,"then":"x","toJSON":{}}';
    client.sendRaw(`{"type":"subscribe_channel","channel":"room","metadata":${metadata}}`);
    expect(JSON.stringify(await client.next('channel_event'))).toContain(metadata);
    expect(JSON.stringify(await app.get(ChannelService).metadata('room', id))).toBe(metadata);
  });

  it('beyond the limit is refused until a place is free', async () => {
    const app = await start({ providers, options: { limits: { subscriptions: 2 } } });
    const client = await app.connect('/chat?user_id=ana');
    const subscribe = (channel: string): Promise<unknown> => client.request('subscribe_channel', { channel });
    await subscribe('a');
    await subscribe('b');
    await expect(subscribe('c')).rejects.toMatchObject({
      error_type: 'limit_exceeded',
      message: /at most 2/,
    });
    await subscribe('b');
    await client.request('unsubscribe_channel', { channel: 'a' });
    await subscribe('c');
    const other = await app.connect('/chat?user_id=ana');
    await other.request('subscribe_channel', { channel: 'a' });
  });

  it('unsubscribing from what one is not in is answered, and tells nobody', async () => {
    const app = await start({ providers });
    const ana = await joined(app, 'ana', 'room');
    const bob = await app.connect('/chat?user_id=bob');
    expect(await bob.request('unsubscribe_channel', { channel: 'room' })).toEqual({ channel: 'room' });
    expect(await bob.request('unsubscribe_channel', { channel: '__proto__' })).toEqual({
      channel: '__proto__',
    });
    expect(await drain(ana, bob)).toEqual([]);
    expect(await drain(bob)).toEqual([]);
  });

  it('can be kept quiet', async () => {
    const app = await start({ providers, options: quiet });
    const ana = await joined(app, 'ana', 'room');
    await joined(app, 'bob', 'room');
    expect((await drain(ana)).filter(({ type }) => type === 'channel_event')).toEqual([]);
  });
});

describe('ChannelService', () => {
  it('subscribes and unsubscribes connections on the authority of the server, reserved names included', async () => {
    const app = await start({ providers });
    const channels = app.get(ChannelService);
    const client = await app.connect('/chat?user_id=ana');
    const id = await client.request<string>('id');
    const result = await channels.subscribe('$alerts', id, { name: 'Juan' });
    expect(result).toMatchObject({ channel: '$alerts', offset: 0 });
    expect(await client.next('channel_event')).toMatchObject({ user: 'ana', metadata: { name: 'Juan' } });
    const connection = (await app.get(ConnectionService).get(id))!;
    await channels.subscribe('room1', connection);
    expect(await channels.isSubscribed('$alerts', id)).toBe(true);
    expect(await channels.isSubscribed('$alerts', connection)).toBe(true);
    expect(await channels.isSubscribed('room2', id)).toBe(false);
    expect(await channels.isSubscribed('room1', 'unknown')).toBe(false);
    expect(await channels.channelsOf(connection)).toEqual(['$alerts', 'room1']);
    expect(await channels.channelsOf('unknown')).toEqual([]);
    expect(await channels.metadata('$alerts', id)).toEqual({ name: 'Juan' });
    expect(await channels.metadata('room1', id)).toEqual({});
    expect(await channels.metadata('room1', 'unknown')).toBeUndefined();
    expect(await channels.unsubscribe('$alerts', id)).toBe(true);
    expect(await channels.unsubscribe('$alerts', id)).toBe(false);
    expect(await channels.unsubscribe('room1', 'unknown')).toBe(false);
    expect(await channels.channelsOf(id)).toEqual(['room1']);
  });

  it('lists users once each, and counts connections', async () => {
    const app = await start({ providers });
    const channels = app.get(ChannelService);
    for (const user of ['bob', 'ana', 'ana', '', '__proto__']) await joined(app, user, 'room');
    expect(await channels.subscribers('room')).toEqual(['bob', 'ana', '__proto__']);
    expect(await channels.subscriptionCount('room')).toBe(5);
    expect(await channels.subscribers('unknown')).toEqual([]);
    expect(await channels.subscriptionCount('unknown')).toBe(0);
    expect(Object.keys(await channels.presence('room'))).toEqual(['bob', 'ana', '__proto__']);
    expect((await channels.presence('room'))['ana']).toMatchObject({ connections: 2, metadata: {} });
    expect(Object.keys(await channels.presence('unknown'))).toEqual([]);
  });

  it('metadata it hands out is a copy', async () => {
    const app = await start({ providers });
    const channels = app.get(ChannelService);
    const client = await app.connect('/chat?user_id=ana');
    const id = await client.request<string>('id');
    await channels.subscribe('room', id, { list: [1] });
    ((await channels.metadata('room', id)) as { list: number[] }).list.push(2);
    expect(await channels.metadata('room', id)).toEqual({ list: [1] });
  });

  it('refuses what is wrong', async () => {
    const app = await start({ providers });
    const channels = app.get(ChannelService);
    const client = await app.connect('/chat?user_id=ana');
    const id = await client.request<string>('id');
    const wrong = { type: 'validation_error' };
    await expect(channels.subscribe('', id)).rejects.toMatchObject(wrong);
    await expect(channels.subscribe('a'.repeat(256), id)).rejects.toMatchObject(wrong);
    await expect(channels.subscribe('room', id, 'text' as never)).rejects.toMatchObject(wrong);
    await expect(channels.subscribe('room', id, { big: 'x'.repeat(5000) })).rejects.toMatchObject({
      type: 'limit_exceeded',
    });
    await expect(channels.subscribe('room', 'unknown')).rejects.toMatchObject({ type: 'not_found' });
    await expect(channels.broadcast('', 1)).rejects.toMatchObject(wrong);
    await expect(channels.broadcast('room', undefined)).rejects.toMatchObject(wrong);
    await expect(channels.broadcast('room', 1n)).rejects.toMatchObject(wrong);
    await expect(channels.broadcast('room', 1, { event: '' })).rejects.toMatchObject(wrong);
    await expect(channels.broadcast('room', 1, { idempotencyKey: '' })).rejects.toMatchObject(wrong);
    expect(await channels.channelsOf(id)).toEqual([]);
    const connection = (await app.get(ConnectionService).get(id))!;
    await client.close();
    await until(async () => (await app.get(ConnectionService).count()) === 0);
    await expect(channels.subscribe('room', connection)).rejects.toMatchObject({ type: 'unavailable' });
    expect(await channels.subscriptionCount('room')).toBe(0);
  });

  it('broadcasts with an event, without some receivers, and once per idempotency key', async () => {
    const app = await start({ providers, options: quiet });
    const channels = app.get(ChannelService);
    const [ana, ana2, bob] = [
      await joined(app, 'ana', 'room', 'v1'),
      await joined(app, 'ana', 'room', 'v1'),
      await joined(app, 'bob', 'room', 'v1'),
    ];
    const ids = [await ana.request<string>('id'), await ana2.request<string>('id')];
    for (const client of [ana, ana2, bob]) await drain(client);
    const first = await channels.broadcast('room', 1, { event: 'typing', except: [ids[0]!] });
    expect(first).toMatchObject({ offset: 1, duplicate: false });
    await channels.broadcast('room', 2, { except: 'ana' });
    const key = { idempotencyKey: 'order-1' };
    const [once, twice] = [
      await channels.broadcast('room', 3, key),
      await channels.broadcast('room', 'other', key),
    ];
    expect([once.duplicate, twice.duplicate, twice.offset]).toEqual([false, true, once.offset]);
    expect((await channels.broadcast('other room', 3, key)).duplicate).toBe(false);
    // Who is left out is told where the channel stands, and so does not take it for a loss.
    expect(await drain(ana)).toMatchObject([
      { type: 'position', offset: 1 },
      { type: 'position', offset: 2 },
      { data: 3, offset: 3 },
    ]);
    expect(await drain(ana2)).toMatchObject([
      { data: 1, event: 'typing', offset: 1 },
      { type: 'position', offset: 2 },
      { data: 3 },
    ]);
    expect(await drain(bob)).toMatchObject([{ data: 1 }, { data: 2, event: 'message' }, { data: 3 }]);
  });

  it('a volatile broadcast is delivered and leaves no trace', async () => {
    const app = await start({
      providers,
      options: { channels: { history: { '*': { size: 10, ttl: 60_000 } } } },
    });
    const channels = app.get(ChannelService);
    const ana = await joined(app, 'ana', 'room', 'v1');
    await channels.broadcast('room', 'kept');
    await channels.broadcast('room', 'cursor', { volatile: true });
    await channels.broadcast('room', 'kept too');
    expect(await drain(ana)).toMatchObject([
      { data: 'kept', offset: 1 },
      { data: 'cursor', offset: 0 },
      { data: 'kept too', offset: 2 },
    ]);
    const { publications } = await channels.history('room');
    expect(publications.map(({ data }) => data)).toEqual(['kept', 'kept too']);
  });

  it.each([null, 0, '', false, 'texto', [], [1], {}, { type: 'error' }])(
    'delivers %j as JSON',
    async (data) => {
      const app = await start({ providers, options: quiet });
      const ana = await joined(app, 'ana', 'room');
      await app.get(ChannelService).broadcast('room', data);
      expect(await drain(ana)).toEqual([data]);
      await ana.request('channel_message', { channel: 'room', message: data });
      expect(await drain(ana)).toEqual([data]);
    },
  );

  it('many publications arrive in order and complete at everybody', async () => {
    const app = await start({ providers, options: { ...quiet, limits: { outboxMessages: 5000 } } });
    const clients = await Promise.all(['ana', 'bob', 'eva'].map((user) => joined(app, user, 'room')));
    const channels = app.get(ChannelService);
    for (const client of clients) await drain(client);
    await Promise.all(Array.from({ length: 1000 }, (_, n) => channels.broadcast('room', n)));
    for (const client of clients)
      expect(await drain(client)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  });
});

describe('the end of a connection', () => {
  it.each(['closes', 'is lost', 'is disconnected'])(
    'that %s ends its subscriptions and tells those who remain, once a channel',
    async (how) => {
      const app = await start({ providers });
      const channels = app.get(ChannelService);
      const ana = await joined(app, 'ana', 'a');
      await ana.request('subscribe_channel', { channel: 'b' });
      const bob = await joined(app, 'bob', 'a');
      for (const channel of ['b', 'c']) await bob.request('subscribe_channel', { channel });
      await drain(ana, bob);
      if (how === 'closes') await bob.close();
      else if (how === 'is lost') await bob.terminate();
      else await app.get(ConnectionService).disconnect({ userId: 'bob' });
      await until(async () => (await channels.subscriptionCount('c')) === 0);
      expect(await channels.subscribers('a')).toEqual(['ana']);
      const events = (await drain(ana)).filter(({ type }) => type === 'channel_event');
      expect(events).toMatchObject([
        { event: 'subscription_removed', channel: 'a', user: 'bob' },
        { event: 'subscription_removed', channel: 'b', user: 'bob' },
      ]);
      expect(events).toHaveLength(2);
      await channels.broadcast('a', 'still alive');
      expect(await drain(ana)).toContain('still alive');
    },
  );

  it('a receiver that hangs costs the others nothing', async () => {
    const app = await start({ providers, options: { ...quiet, limits: { outboxBytes: 65_536 } } });
    const channels = app.get(ChannelService);
    const ana = await joined(app, 'ana', 'room');
    const stuck = await connectClient(`${app.url}/chat?user_id=stuck`);
    await stuck.request('subscribe_channel', { channel: 'room' });
    await drain(ana);
    stuck.pause();
    const text = 'x'.repeat(50_000);
    let sent = 0;
    while ((await channels.subscriptionCount('room')) === 2 && sent < 500) {
      await channels.broadcast('room', `${sent++} ${text}`);
      expect(await ana.next<string>((frame) => typeof frame === 'string')).toMatch(`${sent - 1} `);
    }
    // It was closed at once, and is cut off when it does not answer the close frame.
    await until(async () => (await channels.subscriptionCount('room')) === 1);
    expect(await channels.subscribers('room')).toEqual(['ana']);
    await stuck.terminate();
  });
});
