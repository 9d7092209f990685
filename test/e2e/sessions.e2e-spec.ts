import { Injectable, UseGuards, type CanActivate } from '@nestjs/common';
import { ConnectedSocket } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  ConnectionService,
  HauynaError,
  HauynaGateway,
  OnChannelSubscribe,
  OnConnect,
  PresenceService,
  UserId,
  type Connection,
} from '../../lib/index.js';
import { ManualClock, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { drain, gate, start, until } from './start.js';
import { arrive } from './support/arrive.js';

/** What the gateway under test is to do; each test has one of its own. */
@Injectable()
class House {
  readonly banned = new Set<string>();
  readonly closedRooms = new Set<string>();
  /** Channels the server subscribes everybody to who comes. */
  welcomeTo: { channel: string; metadata: Record<string, string> } | null = null;
  hold: Promise<void> = Promise.resolve();
  arrivals = 0;
}

@Injectable()
class DoorGuard implements CanActivate {
  constructor(private readonly house: House) {}

  canActivate(): boolean {
    return this.house.closedRooms.size === 0;
  }
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  constructor(
    private readonly house: House,
    private readonly channels: ChannelService,
  ) {}

  @OnConnect()
  async enter(@ConnectedSocket() client: Connection, @UserId() user: string | null): Promise<void> {
    this.house.arrivals++;
    await this.house.hold;
    if (user !== null && this.house.banned.has(user)) throw new HauynaError('forbidden', 'Go away.');
    client.data['visits'] = Number(client.data['visits'] ?? 0) + 1;
    const { welcomeTo } = this.house;
    if (welcomeTo !== null) await this.channels.subscribe(welcomeTo.channel, client, welcomeTo.metadata);
  }

  @OnChannelSubscribe('guarded:{id}')
  @UseGuards(DoorGuard)
  guarded(): void {}
}

@HauynaGateway({ path: '/other' })
class OtherGateway {}

const TTL = 20_000;

function begin(session: { ttl?: number } | false = { ttl: TTL }): Promise<TestApp> {
  return start({
    providers: [House, ChatGateway, OtherGateway],
    clock: new ManualClock(),
    options: { session, heartbeat: false },
  });
}

const gone = (app: TestApp, left: number): Promise<void> =>
  until(async () => (await app.get(ConnectionService).count()) === left, 'the loss was noticed');

/** Somebody in the room who sees everything. */
async function watcher(app: TestApp, channel = 'room'): Promise<TestClient> {
  const { client } = await arrive(app, '/chat?user_id=bob');
  await client.request('subscribe_channel', { channel });
  await drain(client);
  return client;
}

const types = (frames: readonly object[]): unknown[] =>
  frames.map(
    (frame) => (frame as { event?: unknown; type: unknown }).event ?? (frame as { type: unknown }).type,
  );

describe('a client that comes back within session.ttl', () => {
  it('goes on with its session, under a new key, and nobody has seen it leave or come', async () => {
    const app = await begin();
    const bob = await watcher(app);
    const { client: ana, welcome, key } = await arrive(app, '/chat?user_id=ana');
    expect(welcome.session).toMatchObject({ ttl: TTL, resumed: false });
    await ana.request('subscribe_channel', { channel: 'room', metadata: { name: 'Ana' } });
    await drain(bob, ana);
    await ana.terminate();
    await gone(app, 1);
    app.clock?.advance(TTL - 1);

    const back = await arrive(app, '/chat?user_id=ana', key);
    expect(back.welcome.session).toMatchObject({ id: welcome.session?.id, resumed: true });
    expect(back.key).not.toBe(key);
    expect(back.welcome.connectionId).not.toBe(welcome.connectionId);
    await back.client.request('subscribe_channel', { channel: 'room', metadata: { name: 'Ana' } });
    app.clock?.advance(3 * TTL);
    expect(await drain(bob, back.client)).toEqual([]);
    const { ana: present } = await app.get(PresenceService).list({ channel: 'room' });
    expect(present).toMatchObject({ connections: 1, channels: ['room'] });
    expect(await app.get(ChannelService).subscribers('room')).toEqual(['bob', 'ana']);
  });

  it('is seen leaving, once, if it does not go back to a channel', async () => {
    const app = await begin();
    const bob = await watcher(app);
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.request('subscribe_channel', { channel: 'room' });
    await drain(bob, ana);
    await ana.terminate();
    await gone(app, 1);
    const back = await arrive(app, '/chat?user_id=ana', key);
    app.clock?.advance(TTL);
    expect(types(await drain(bob, back.client))).toEqual(['subscription_removed', 'leave']);
    expect(await app.get(PresenceService).isPresent('ana')).toBe(true);
  });

  it('keeps its connection.data', async () => {
    const app = await begin();
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.fence();
    await ana.terminate();
    await gone(app, 0);
    const { client: back, welcome } = await arrive(app, '/chat?user_id=ana', key);
    await back.fence();
    expect((await app.get(ConnectionService).get(welcome.connectionId))?.data).toEqual({ visits: 2 });
  });

  it('can be lost again and again', async () => {
    const app = await begin();
    const bob = await watcher(app);
    let { client, key } = await arrive(app, '/chat?user_id=ana');
    await client.request('subscribe_channel', { channel: 'room' });
    await drain(bob, client);
    for (let loss = 0; loss < 3; loss++) {
      await client.terminate();
      await gone(app, 1);
      app.clock?.advance(TTL - 1);
      const next = await arrive(app, '/chat?user_id=ana', key);
      expect(next.welcome.session?.resumed).toBe(true);
      ({ client, key } = next);
      await client.request('subscribe_channel', { channel: 'room' });
    }
    expect(await drain(bob, client)).toEqual([]);
  });
});

describe('a session is not continued', () => {
  it('after session.ttl: the others see the client leave, and come', async () => {
    const app = await begin();
    const bob = await watcher(app);
    const { client: ana, welcome, key } = await arrive(app, '/chat?user_id=ana');
    await ana.request('subscribe_channel', { channel: 'room' });
    await drain(bob, ana);
    await ana.terminate();
    await gone(app, 1);
    app.clock?.advance(TTL);
    expect(types(await drain(bob))).toEqual(['subscription_removed', 'leave']);
    const back = await arrive(app, '/chat?user_id=ana', key);
    expect(back.welcome.session?.resumed).toBe(false);
    expect(back.welcome.session?.id).not.toBe(welcome.session?.id);
    await back.client.request('subscribe_channel', { channel: 'room' });
    expect(types(await drain(bob, back.client))).toEqual(['subscription_added', 'join']);
  });

  it('with a key that was never given', async () => {
    const app = await begin();
    const { welcome } = await arrive(app, '/chat?user_id=ana', 'made-up');
    expect(welcome.session?.resumed).toBe(false);
  });

  it('by another user who has got hold of the key; its owner can still come back', async () => {
    const app = await begin();
    const { client: ana, welcome, key } = await arrive(app, '/chat?user_id=ana');
    await ana.fence();
    await ana.terminate();
    await gone(app, 0);
    const thief = await arrive(app, '/chat?user_id=eve', key);
    await thief.client.fence();
    expect(thief.welcome.session).toMatchObject({ resumed: false });
    expect(thief.welcome.session?.id).not.toBe(welcome.session?.id);
    expect((await app.get(ConnectionService).get(thief.welcome.connectionId))?.data).toEqual({ visits: 1 });
    const back = await arrive(app, '/chat?user_id=ana', key);
    expect(back.welcome.session).toMatchObject({ id: welcome.session?.id, resumed: true });
  });

  it('at another path: what one gateway has noted is not for another', async () => {
    const app = await begin();
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.fence();
    await ana.terminate();
    await gone(app, 0);
    const other = await arrive(app, '/other?user_id=ana', key);
    expect(other.welcome.session?.resumed).toBe(false);
    expect((await arrive(app, '/chat?user_id=ana', key)).welcome.session?.resumed).toBe(true);
  });

  it('twice with one key: the second one begins anew', async () => {
    const app = await begin();
    const { client: ana, welcome, key } = await arrive(app, '/chat?user_id=ana');
    await ana.terminate();
    await gone(app, 0);
    const [first, second] = [
      await arrive(app, '/chat?user_id=ana', key),
      await arrive(app, '/chat?user_id=ana', key),
    ];
    expect(first.welcome.session).toMatchObject({ id: welcome.session?.id, resumed: true });
    expect(second.welcome.session).toMatchObject({ resumed: false });
    await first.client.fence();
    expect(first.client.isOpen).toBe(true);
  });

  it('after a goodbye: a client that closes has left', async () => {
    const app = await begin();
    const bob = await watcher(app);
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.request('subscribe_channel', { channel: 'room' });
    await drain(bob, ana);
    await ana.close();
    await gone(app, 1);
    expect(types(await drain(bob))).toEqual(['subscription_removed', 'leave']);
    expect((await arrive(app, '/chat?user_id=ana', key)).welcome.session?.resumed).toBe(false);
  });

  it('when sessions are turned off, and no key is given out', async () => {
    const app = await begin(false);
    const { welcome } = await arrive(app, '/chat?user_id=ana', 'anything');
    expect(welcome.session).toBeUndefined();
  });

  it('with session.ttl 0: whoever is lost is gone at once', async () => {
    const app = await begin({ ttl: 0 });
    const bob = await watcher(app);
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.request('subscribe_channel', { channel: 'room' });
    await drain(bob, ana);
    await ana.terminate();
    await gone(app, 1);
    expect(types(await drain(bob))).toEqual(['subscription_removed', 'leave']);
    expect((await arrive(app, '/chat?user_id=ana', key)).welcome.session?.resumed).toBe(false);
  });

  it('for plain clients: they have none, and what they offer is not read', async () => {
    const app = await begin();
    const plain = await app.connect('/chat?user_id=ana', { protocol: ['chat', 'hauyna.resume.x'] });
    await plain.expectNone('welcome');
  });
});

describe('the decisions of the application', () => {
  it('are made again: @OnConnect refuses somebody who was banned meanwhile', async () => {
    const app = await begin();
    const bob = await watcher(app);
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.request('subscribe_channel', { channel: 'room' });
    await drain(bob, ana);
    await ana.terminate();
    await gone(app, 1);
    app.get(House).banned.add('ana');
    const { client: back } = await arrive(app, '/chat?user_id=ana', key);
    expect(await back.next('error')).toMatchObject({ error_type: 'forbidden', message: 'Go away.' });
    expect(await back.closed).toMatchObject({ code: 4003 });
    app.clock?.advance(TTL);
    expect(types(await drain(bob))).toEqual(['subscription_removed', 'leave']);
  });

  it('are made again: a subscription has to be allowed once more', async () => {
    const app = await begin();
    const bob = await watcher(app, 'guarded:1');
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.request('subscribe_channel', { channel: 'guarded:1' });
    await drain(bob, ana);
    await ana.terminate();
    await gone(app, 1);
    app.get(House).closedRooms.add('1');
    const { client: back } = await arrive(app, '/chat?user_id=ana', key);
    const refused = back.request('subscribe_channel', { channel: 'guarded:1' });
    await expect(refused).rejects.toMatchObject({ error_type: 'forbidden' });
    app.clock?.advance(TTL);
    expect(types(await drain(bob, back))).toEqual(['subscription_removed', 'leave']);
  });
});

describe('subscriptions the server has made', () => {
  it('come back by themselves, with their metadata, unseen by the others', async () => {
    const app = await begin();
    const bob = await watcher(app);
    const channels = app.get(ChannelService);
    const { client: ana, welcome, key } = await arrive(app, '/chat?user_id=ana');
    await channels.subscribe('room', welcome.connectionId, { name: 'Ana' });
    await channels.subscribe('$inbox:ana', welcome.connectionId);
    await drain(bob, ana);
    await ana.terminate();
    await gone(app, 1);
    const back = await arrive(app, '/chat?user_id=ana', key);
    await back.client.fence();
    expect(await channels.channelsOf(back.welcome.connectionId)).toEqual(['room', '$inbox:ana']);
    expect(await channels.metadata('room', back.welcome.connectionId)).toEqual({ name: 'Ana' });
    app.clock?.advance(TTL);
    expect(await drain(bob, back.client)).toEqual([]);
    await channels.broadcast('$inbox:ana', 'post');
    expect(await back.client.next('publication')).toMatchObject({ data: 'post' });
  });

  it('come back without the presence the client has taken back', async () => {
    const app = await begin();
    const bob = await watcher(app);
    const { client: ana, welcome, key } = await arrive(app, '/chat?user_id=ana');
    await app.get(ChannelService).subscribe('room', welcome.connectionId);
    await ana.request('subscribe_channel', { channel: 'room', presence: false });
    await drain(bob, ana);
    await ana.terminate();
    await gone(app, 1);
    const { client: back } = await arrive(app, '/chat?user_id=ana', key);
    await back.fence();
    app.clock?.advance(TTL);
    expect(await drain(bob, back)).toEqual([]);
    expect(await app.get(PresenceService).inChannel('room')).toEqual(['bob']);
  });

  it('are not what the client has made: those it makes again itself', async () => {
    const app = await begin();
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.request('subscribe_channel', { channel: 'room' });
    await ana.terminate();
    await gone(app, 0);
    const { client: back, welcome } = await arrive(app, '/chat?user_id=ana', key);
    await back.fence();
    expect(await app.get(ChannelService).channelsOf(welcome.connectionId)).toEqual([]);
  });

  it('come back only to somebody whom @OnConnect lets in', async () => {
    const app = await begin();
    const { client: ana, welcome, key } = await arrive(app, '/chat?user_id=ana');
    await app.get(ChannelService).subscribe('secret', welcome.connectionId);
    await ana.terminate();
    await gone(app, 0);
    const { opened, open } = gate();
    app.get(House).hold = opened;
    app.get(House).banned.add('ana');
    const { client: back } = await arrive(app, '/chat?user_id=ana', key);
    await app.get(ChannelService).broadcast('secret', 'not for ana');
    open();
    await back.closed;
    expect(types(back.received as object[])).toEqual(['welcome', 'error', 'disconnect']);
  });

  it('do not overwrite what @OnConnect has done already', async () => {
    const app = await begin();
    const house = app.get(House);
    house.welcomeTo = { channel: 'room', metadata: { visit: 'first' } };
    const { client: ana, key } = await arrive(app, '/chat?user_id=ana');
    await ana.fence();
    await ana.terminate();
    await gone(app, 0);
    house.welcomeTo = { channel: 'room', metadata: { visit: 'second' } };
    const { client: back, welcome } = await arrive(app, '/chat?user_id=ana', key);
    await back.fence();
    expect(await app.get(ChannelService).metadata('room', welcome.connectionId)).toEqual({ visit: 'second' });
  });

  it('survive a return that is lost before it was through', async () => {
    const app = await begin();
    const house = app.get(House);
    const first = await arrive(app, '/chat?user_id=ana');
    await app.get(ChannelService).subscribe('room', first.welcome.connectionId, { name: 'Ana' });
    await first.client.terminate();
    await gone(app, 0);
    const { opened, open } = gate();
    house.hold = opened;
    const second = await arrive(app, '/chat?user_id=ana', first.key);
    await second.client.terminate();
    await gone(app, 0);
    open();
    const third = await arrive(app, '/chat?user_id=ana', second.key);
    await third.client.fence();
    const channels = app.get(ChannelService);
    expect(await channels.channelsOf(third.welcome.connectionId)).toEqual(['room']);
  });
});

describe('what is kept of sessions', () => {
  it('ends with its time and with the application: no timer is left', async () => {
    const app = await begin();
    const clock = app.clock as ManualClock;
    const before = clock.pending;
    for (const user of ['ana', 'bob']) {
      const { client } = await arrive(app, `/chat?user_id=${user}`);
      await client.request('subscribe_channel', { channel: 'room' });
      await client.terminate();
    }
    await gone(app, 0);
    expect(clock.pending).toBeGreaterThan(before);
    // The memory of the channel is swept up twice a minute.
    clock.advance(TTL + 60_000);
    await until(() => clock.pending <= before, 'the timers are through');
    const { client } = await arrive(app, '/chat?user_id=ana');
    await client.terminate();
    await gone(app, 0);
    await app.close();
    expect(clock.pending).toBe(0);
  });
});
