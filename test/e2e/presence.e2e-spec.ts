import { describe, expect, it } from 'vitest';
import { GroupService, HauynaGateway, PresenceService, type JsonObject } from '../../lib/index.js';
import { ManualClock, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const providers = [ChatGateway];
const quiet = { channels: { announce: false } };

async function join(app: TestApp, user: string, channel: string, metadata?: object): Promise<TestClient> {
  const client = await app.connect('/chat', { query: { user_id: user } });
  await client.request('subscribe_channel', { channel, ...(metadata === undefined ? {} : { metadata }) });
  return client;
}

describe('presence in a channel', () => {
  it('is told to the newcomer as a state and to everybody there as a join, once each', async () => {
    const app = await start({ providers, options: quiet });
    const ana = await join(app, 'ana', 'room1', { name: 'Ana' });
    const eva = await join(app, 'eva', 'room2');
    await drain(ana);
    await drain(eva);
    const bob = await join(app, 'bob', 'room1', { name: 'Bob', tags: [1] });
    const joined = {
      type: 'presence_change',
      event: 'join',
      user: 'bob',
      channel: 'room1',
      metadata: { name: 'Bob', tags: [1], channel: 'room1' },
    };
    expect(await drain(ana)).toEqual([joined]);
    const since = expect.any(Number) as number;
    expect(await drain(bob)).toEqual([
      joined,
      {
        type: 'presence_state',
        channel: 'room1',
        state: {
          ana: { metadata: { name: 'Ana' }, connections: 1, since },
          bob: { metadata: { name: 'Bob', tags: [1] }, connections: 1, since },
        },
      },
    ]);
    expect(await drain(eva)).toEqual([]);
  });

  it.each(['unsubscribe', 'close'])('ends with a leave, told once to those who remain: %s', async (how) => {
    const app = await start({ providers, options: quiet });
    const ana = await join(app, 'ana', 'room1');
    const eva = await join(app, 'eva', 'room2');
    const bob = await join(app, 'bob', 'room1', { name: 'Bob' });
    for (const client of [ana, eva]) await drain(client);
    if (how === 'close') await bob.close();
    else await bob.request('unsubscribe_channel', { channel: 'room1' });
    expect(await ana.next('presence_change')).toEqual({
      type: 'presence_change',
      event: 'leave',
      user: 'bob',
      channel: 'room1',
      metadata: { name: 'Bob', channel: 'room1' },
    });
    expect(await drain(ana)).toEqual([]);
    expect(await drain(eva)).toEqual([]);
    expect(await app.get(PresenceService).inChannel('room1')).toEqual(['ana']);
  });

  it('changes with an update, told once to each subscriber, and not at all if nothing is different', async () => {
    const app = await start({ providers, options: quiet });
    const presence = app.get(PresenceService);
    const [ana, bob, eva] = [
      await join(app, 'ana', 'room1', { status: 'online', name: 'Ana' }),
      await join(app, 'bob', 'room1'),
      await join(app, 'eva', 'room2'),
    ];
    for (const client of [ana, bob, eva]) await drain(client);
    expect(await presence.update('ana', { status: 'away' })).toBe(true);
    const update = {
      type: 'presence_change',
      event: 'update',
      user: 'ana',
      channel: 'room1',
      metadata: { status: 'away', name: 'Ana', channel: 'room1' },
    };
    expect(await drain(ana)).toEqual([update]);
    expect(await drain(bob)).toEqual([update]);
    await presence.update('ana', { status: 'away' });
    await ana.request('presence_update', { metadata: { status: 'away' } });
    expect(await drain(bob)).toEqual([]);
    await ana.request('presence_update', { metadata: { status: null, mood: { happy: true } } });
    expect(await drain(bob)).toMatchObject([
      { event: 'update', metadata: { status: null, mood: { happy: true }, name: 'Ana' } },
    ]);
    expect(await drain(eva)).toEqual([]);
  });

  it('a subscription with new metadata is an update', async () => {
    const app = await start({ providers, options: quiet });
    const ana = await join(app, 'ana', 'room1', { name: 'Ana' });
    await drain(ana);
    await ana.request('subscribe_channel', { channel: 'room1', metadata: { name: 'Ana María' } });
    expect(await drain(ana)).toMatchObject([{ event: 'update', metadata: { name: 'Ana María' } }]);
    await ana.request('subscribe_channel', { channel: 'room1', metadata: { name: 'Ana María' } });
    expect(await drain(ana)).toEqual([]);
  });
});

describe('PresenceService', () => {
  it('tracks a user with metadata; channel and group are where they are', async () => {
    const app = await start({ providers, options: quiet });
    const presence = app.get(PresenceService);
    const watcher = await join(app, 'watcher', 'room1');
    await drain(watcher);
    await presence.track('user123', { name: 'Juan', status: 'online', channel: 'room1', group: 'admins' });
    expect(await drain(watcher)).toEqual([
      {
        type: 'presence_change',
        event: 'join',
        user: 'user123',
        channel: 'room1',
        metadata: { name: 'Juan', status: 'online', channel: 'room1' },
      },
    ]);
    expect(await presence.get('user123')).toEqual({
      userId: 'user123',
      metadata: { name: 'Juan', status: 'online' },
      channels: ['room1'],
      groups: ['admins'],
      connections: 0,
      since: expect.any(Number) as number,
    });
    expect(await presence.state('user123')).toEqual({ name: 'Juan', status: 'online' });
    expect(await presence.isPresent('user123')).toBe(true);
    expect(await presence.inChannel('room1')).toEqual(['watcher', 'user123']);
    expect(await presence.inGroup('admins')).toEqual(['user123']);
    // Being tracked in a group is presence, not membership.
    expect(await app.get(GroupService).has('user123', 'admins')).toBe(false);
  });

  it('lists, counts and asks by any criteria at once', async () => {
    const app = await start({ providers, options: quiet });
    const presence = app.get(PresenceService);
    await presence.track('ana', { status: 'online', level: 1, channel: 'room1', group: 'admins' });
    await presence.track('bob', { status: 'away', level: 1, channel: 'room1' });
    await presence.track('eva', { status: 'online', tags: ['a'], channel: 'room2', group: 'admins' });
    const keys = async (criteria: JsonObject): Promise<string[]> => {
      const found = Object.keys(await presence.listBy(criteria)).toSorted();
      expect(await presence.countBy(criteria)).toBe(found.length);
      for (const user of ['ana', 'bob', 'eva']) {
        expect(await presence.isPresentIn(user, criteria)).toBe(found.includes(user));
      }
      return found;
    };
    expect(await keys({ status: 'online' })).toEqual(['ana', 'eva']);
    expect(await keys({ channel: 'room1' })).toEqual(['ana', 'bob']);
    expect(await keys({ channel: 'room1', status: 'online' })).toEqual(['ana']);
    expect(await keys({ group: 'admins' })).toEqual(['ana', 'eva']);
    expect(await keys({ group: 'admins', channel: 'room2', status: 'online' })).toEqual(['eva']);
    expect(await keys({ level: 1, status: 'away' })).toEqual(['bob']);
    expect(await keys({ tags: ['a'] })).toEqual(['eva']);
    expect(await keys({ tags: ['b'] })).toEqual([]);
    expect(await keys({ level: '1' })).toEqual([]);
    expect(await keys({ channel: '__proto__' })).toEqual([]);
    expect(await keys({ toString: 1 } as JsonObject)).toEqual([]);
    expect(await keys(JSON.parse('{"__proto__":{}}') as JsonObject)).toEqual([]);
    expect(await keys({})).toEqual(['ana', 'bob', 'eva']);
    expect(Object.keys(await presence.list()).toSorted()).toEqual(['ana', 'bob', 'eva']);
    expect(Object.keys(await presence.list({ channel: 'room1' })).toSorted()).toEqual(['ana', 'bob']);
    expect(Object.keys(await presence.list({ group: 'admins' })).toSorted()).toEqual(['ana', 'eva']);
    expect(Object.keys(await presence.list({ channel: 'room1', group: 'admins' }))).toEqual(['ana']);
    expect((await presence.listBy({ status: 'away' }))['bob']).toMatchObject({
      metadata: { status: 'away' },
      channels: ['room1'],
    });
    expect(await presence.count()).toBe(3);
    await expect(presence.listBy({ channel: 5 })).rejects.toMatchObject({ type: 'validation_error' });
    await expect(presence.listBy(null as never)).rejects.toMatchObject({ type: 'validation_error' });
  });

  it('memberships count as contexts, as they are now', async () => {
    const app = await start({ providers, options: quiet });
    const [presence, groups] = [app.get(PresenceService), app.get(GroupService)];
    await join(app, 'ana', 'room1');
    await groups.add('ana', 'admins');
    await groups.add('absent', 'admins');
    expect(await presence.inGroup('admins')).toEqual(['ana']);
    expect(await presence.isPresentIn('ana', { channel: 'room1', group: 'admins' })).toBe(true);
    expect((await presence.get('ana'))?.groups).toEqual(['admins']);
    await groups.remove('ana', 'admins');
    expect(await presence.inGroup('admins')).toEqual([]);
    expect(await presence.countBy({ group: 'admins' })).toBe(0);
  });

  it('knows nothing of who is not here, and says so without an error', async () => {
    const presence = (await start({ providers })).get(PresenceService);
    for (const user of ['nobody', '__proto__', 'constructor']) {
      expect(await presence.get(user)).toBeUndefined();
      expect(await presence.state(user)).toBeUndefined();
      expect(await presence.isPresent(user)).toBe(false);
      expect(await presence.isPresentIn(user, {})).toBe(false);
      expect(await presence.update(user, { a: 1 })).toBe(false);
      expect(await presence.untrack(user)).toBe(false);
    }
    expect(await presence.count()).toBe(0);
    expect(Object.keys(await presence.list())).toEqual([]);
    expect(await presence.inChannel('nowhere')).toEqual([]);
    expect(await presence.inGroup('nowhere')).toEqual([]);
  });

  it('names and keys like __proto__ are plain ones', async () => {
    const presence = (await start({ providers })).get(PresenceService);
    const metadata = JSON.parse('{"__proto__":{"admin":true},"constructor":1}') as JsonObject;
    await presence.track('__proto__', { ...metadata, channel: '__proto__', group: 'constructor' });
    expect(await presence.inChannel('__proto__')).toEqual(['__proto__']);
    expect(Object.keys(await presence.list({ channel: '__proto__' }))).toEqual(['__proto__']);
    expect(JSON.stringify(await presence.state('__proto__'))).toBe(JSON.stringify(metadata));
    expect(await presence.countBy({ constructor: 1 } as unknown as JsonObject)).toBe(1);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it('tracking again replaces the metadata; updating lays over it', async () => {
    const presence = (await start({ providers })).get(PresenceService);
    await presence.track('ana', { name: 'Ana', status: 'online' });
    await presence.update('ana', { status: 'away' });
    expect(await presence.state('ana')).toEqual({ name: 'Ana', status: 'away' });
    await presence.track('ana', { status: 'back' });
    expect(await presence.state('ana')).toEqual({ status: 'back' });
    await presence.track('ana');
    expect(await presence.state('ana')).toEqual({});
  });

  it('what it hands out and takes in are copies', async () => {
    const presence = (await start({ providers })).get(PresenceService);
    const metadata = { list: [1] };
    await presence.track('ana', metadata);
    metadata.list.push(2);
    ((await presence.state('ana')) as { list: number[] }).list.push(3);
    expect(await presence.state('ana')).toEqual({ list: [1] });
  });

  it.each([
    ['', {}, 'validation_error'],
    ['a'.repeat(256), {}, 'validation_error'],
    [5, {}, 'validation_error'],
    ['ana', null, 'validation_error'],
    ['ana', [1], 'validation_error'],
    ['ana', 'text', 'validation_error'],
    ['ana', { channel: 7 }, 'validation_error'],
    ['ana', { channel: '' }, 'validation_error'],
    ['ana', { group: ['a'] }, 'validation_error'],
    ['ana', { channel: 'a'.repeat(256) }, 'validation_error'],
    ['ana', { text: 'x'.repeat(5000) }, 'limit_exceeded'],
  ])('track(%j, %j) is refused with %s and changes nothing', async (user, metadata, type) => {
    const presence = (await start({ providers })).get(PresenceService);
    await expect(presence.track(user as string, metadata as JsonObject)).rejects.toMatchObject({ type });
    expect(await presence.count()).toBe(0);
  });

  it('refuses updates that would move somebody or grow beyond the limit', async () => {
    const presence = (await start({ providers, options: { presence: { maxMetadataBytes: 50 } } })).get(
      PresenceService,
    );
    await presence.track('ana', { a: 'x'.repeat(20) });
    await expect(presence.update('ana', { channel: 'room' })).rejects.toMatchObject({
      type: 'validation_error',
    });
    await expect(presence.update('ana', { group: 'admins' })).rejects.toMatchObject({
      type: 'validation_error',
    });
    await expect(presence.update('ana', { b: 'x'.repeat(20) })).rejects.toMatchObject({
      type: 'limit_exceeded',
    });
    await expect(presence.update('ana', { n: 1n } as never)).rejects.toMatchObject({
      type: 'validation_error',
    });
    await expect(presence.track('ana', { n: 1n } as never)).rejects.toMatchObject({
      type: 'validation_error',
    });
    await expect(presence.update('ana', 5 as never)).rejects.toMatchObject({ type: 'validation_error' });
    expect(await presence.state('ana')).toEqual({ a: 'x'.repeat(20) });
  });

  it('a user tracked without a connection stays until untracked, or for a while', async () => {
    const clock = new ManualClock();
    const presence = (await start({ providers, clock })).get(PresenceService);
    await presence.track('sensor', { room: 'kitchen' });
    await presence.track('guest', {}, { ttl: 1000 });
    clock.advance(999);
    expect(await presence.count()).toBe(2);
    await presence.track('guest', {}, { ttl: 1000 });
    clock.advance(999);
    expect(await presence.isPresent('guest')).toBe(true);
    clock.advance(1);
    await until(async () => !(await presence.isPresent('guest')));
    clock.advance(10_000_000);
    expect(await presence.isPresent('sensor')).toBe(true);
    expect(await presence.untrack('sensor')).toBe(true);
    expect(await presence.untrack('sensor')).toBe(false);
    expect(await presence.count()).toBe(0);
    for (const ttl of [0, -1, Number.NaN, Infinity, 2 ** 31]) {
      await expect(presence.track('x', {}, { ttl })).rejects.toMatchObject({ type: 'validation_error' });
    }
  });

  it('a ttl does not end the presence of one who has come in person', async () => {
    const clock = new ManualClock();
    const app = await start({ providers, clock, options: quiet });
    const presence = app.get(PresenceService);
    await presence.track('ana', { status: 'expected' }, { ttl: 1000 });
    const ana = await join(app, 'ana', 'room1');
    clock.advance(2000);
    await ana.fence();
    expect(await presence.get('ana')).toMatchObject({ metadata: { status: 'expected' }, connections: 1 });
    await ana.close();
    await until(async () => !(await presence.isPresent('ana')));
  });

  it('one who was tracked before they came is still there when they have gone', async () => {
    const app = await start({ providers, options: quiet });
    const presence = app.get(PresenceService);
    await presence.track('ana', { status: 'on call' });
    const ana = await join(app, 'ana', 'room1');
    await ana.close();
    await until(async () => (await presence.get('ana'))?.connections === 0);
    expect(await presence.state('ana')).toEqual({ status: 'on call' });
    expect(await presence.inChannel('room1')).toEqual([]);
  });

  it('untracking a connected user takes them out until they subscribe or are tracked again', async () => {
    const app = await start({ providers, options: quiet });
    const presence = app.get(PresenceService);
    const [ana, bob] = [await join(app, 'ana', 'room1'), await join(app, 'bob', 'room1')];
    for (const client of [ana, bob]) await drain(client);
    expect(await presence.untrack('ana')).toBe(true);
    expect(await drain(bob)).toMatchObject([{ event: 'leave', user: 'ana' }]);
    expect(await presence.isPresent('ana')).toBe(false);
    await expect(ana.request('presence_update', { metadata: { a: 1 } })).rejects.toMatchObject({
      error_type: 'conflict',
    });
    await ana.request('subscribe_channel', { channel: 'room2' });
    expect(await presence.inChannel('room2')).toEqual(['ana']);
    await presence.track('ana', { status: 'visible' });
    expect(await presence.state('ana')).toEqual({ status: 'visible' });
  });

  it('untracking from a context leaves the others', async () => {
    const presence = (await start({ providers })).get(PresenceService);
    await presence.track('ana', { channel: 'a', group: 'g' });
    await presence.track('ana', { channel: 'b' });
    expect((await presence.get('ana'))?.channels).toEqual(['a', 'b']);
    await presence.untrack('ana', { channel: 'a' });
    await presence.untrack('ana', { group: 'g' });
    expect(await presence.get('ana')).toMatchObject({ channels: ['b'], groups: [] });
  });
});

describe('presence_update', () => {
  it.each([
    [{}, 'validation_error'],
    [{ metadata: 'away' }, 'validation_error'],
    [{ metadata: null }, 'validation_error'],
    [{ metadata: [1] }, 'validation_error'],
    [{ metadata: { channel: 'vip' } }, 'validation_error'],
    [{ metadata: { group: 'admins' } }, 'validation_error'],
    [{ metadata: { text: 'x'.repeat(5000) } }, 'limit_exceeded'],
  ])('%j is refused with %s', async (body, type) => {
    const app = await start({ providers, options: quiet });
    const client = await join(app, 'ana', 'room1');
    await drain(client);
    await expect(client.request('presence_update', body)).rejects.toMatchObject({ error_type: type });
    expect(await drain(client)).toEqual([]);
    expect(await app.get(PresenceService).state('ana')).toEqual({});
  });
});
