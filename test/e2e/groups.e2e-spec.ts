import { ConnectedSocket } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  ConnectionService,
  GroupService,
  HauynaGateway,
  OnConnect,
  QueryParam,
  UserId,
} from '../../lib/index.js';
import { ManualClock } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  constructor(private readonly groups: GroupService) {}

  @OnConnect()
  async join(
    @ConnectedSocket() client: Connection,
    @UserId() user: string | null,
    @QueryParam('room') room: string | undefined,
  ): Promise<void> {
    if (user === null || room === undefined) return;
    await this.groups.add(user, room);
    await this.groups.send(room, { type: 'user_joined', user }, { except: client });
  }
}

const providers = [ChatGateway];
const NAMES = ['general', 'con espacio', '__proto__', 'constructor', '$system', 'ñ'.repeat(127), '{"a":1}'];

describe('GroupService', () => {
  it.each(NAMES)(
    'makes a group out of nothing with its first member and drops it with the last: %s',
    async (group) => {
      const groups = (await start({ providers })).get(GroupService);
      expect(await groups.members(group)).toEqual([]);
      expect(await groups.count(group)).toBe(0);
      expect(await groups.add('ana', group)).toBe(true);
      expect(await groups.add('ana', group)).toBe(false);
      expect(await groups.add('__proto__', group)).toBe(true);
      expect(await groups.has('ana', group)).toBe(true);
      expect(await groups.has('bob', group)).toBe(false);
      expect(await groups.members(group)).toEqual(['ana', '__proto__']);
      expect(await groups.groupsOf('__proto__')).toEqual([group]);
      expect(await groups.count(group)).toBe(2);
      expect(await groups.remove('ana', group)).toBe(true);
      expect(await groups.remove('ana', group)).toBe(false);
      expect(await groups.remove('__proto__', group)).toBe(true);
      expect(await groups.count(group)).toBe(0);
      expect(await groups.groupsOf('ana')).toEqual([]);
    },
  );

  it('knows nothing of what was never added, and says so without an error', async () => {
    const groups = (await start({ providers })).get(GroupService);
    for (const unknown of ['nobody', '__proto__', 'toString', '']) {
      expect(await groups.has(unknown, unknown)).toBe(false);
      expect(await groups.members(unknown)).toEqual([]);
      expect(await groups.groupsOf(unknown)).toEqual([]);
      expect(await groups.remove(unknown, unknown)).toBe(false);
      expect(await groups.clear(unknown)).toBe(0);
      expect(await groups.send(unknown, 'hi')).toBe(0);
    }
    expect(await groups.has(null, 'general')).toBe(false);
  });

  it.each(['', 'a'.repeat(256), 'ñ'.repeat(128), 'a\nb', 7, null, undefined, {}])(
    'refuses the name %j',
    async (name) => {
      const groups = (await start({ providers })).get(GroupService);
      await expect(groups.add('ana', name as string)).rejects.toMatchObject({
        type: 'validation_error',
        details: [{ path: 'group' }],
      });
      await expect(groups.add(name as string, 'general')).rejects.toMatchObject({
        type: 'validation_error',
        details: [{ path: 'userId' }],
      });
      expect(await groups.count('general')).toBe(0);
    },
  );

  it('a user may be in many groups, a group may have many users, and clearing one leaves the others', async () => {
    const groups = (await start({ providers })).get(GroupService);
    for (const group of ['a', 'b', 'c']) for (const user of ['ana', 'bob']) await groups.add(user, group);
    expect(await groups.clear('b')).toBe(2);
    expect(await groups.groupsOf('ana')).toEqual(['a', 'c']);
    expect(await groups.members('c')).toEqual(['ana', 'bob']);
    expect(await groups.clear('b')).toBe(0);
  });

  it('sends to every connection of every member, members only, and counts them', async () => {
    const app = await start({ providers });
    const groups = app.get(GroupService);
    const [ana, ana2, bob, eva] = [
      await app.connect('/chat?user_id=ana'),
      await app.connect('/chat?user_id=ana', { protocol: 'v1' }),
      await app.connect('/chat?user_id=bob'),
      await app.connect('/chat?user_id=eva'),
    ];
    await ana2.next('welcome');
    await groups.add('ana', 'team');
    await groups.add('bob', 'team');
    await groups.add('absent', 'team');
    expect(await groups.send('team', { type: 'notification', content: 1 })).toBe(3);
    expect(await ana.next()).toEqual({ type: 'notification', content: 1 });
    expect(await bob.next()).toEqual({ type: 'notification', content: 1 });
    expect(await ana2.next()).toEqual({
      type: 'message',
      via: 'group',
      group: 'team',
      data: { type: 'notification', content: 1 },
    });
    const [first] = await app.get(ConnectionService).ofUser('ana');
    expect(await groups.send('team', 2, { except: [first!, 'bob'] })).toBe(1);
    expect(await drain(ana)).toEqual([]);
    expect(await drain(ana2)).toMatchObject([{ data: 2 }]);
    expect(await drain(bob)).toEqual([]);
    expect(await drain(eva)).toEqual([]);
    await expect(groups.send('team', undefined)).rejects.toMatchObject({ type: 'validation_error' });
  });

  it('a query right after a call is answered with the new state', async () => {
    const app = await start({ providers });
    const groups = app.get(GroupService);
    await Promise.all(Array.from({ length: 50 }, (_, n) => groups.add(`user${n}`, 'crowd')));
    expect(await groups.count('crowd')).toBe(50);
  });
});

describe('memberships', () => {
  it('persist by default, whoever comes and goes', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana&room=general');
    await client.fence();
    await client.close();
    await until(async () => (await app.get(ConnectionService).count()) === 0);
    expect(await app.get(GroupService).has('ana', 'general')).toBe(true);
  });

  it("with lifetime 'connected' end with the last connection of the user, not with the first", async () => {
    const app = await start({ providers, options: { groups: { lifetime: 'connected' } } });
    const groups = app.get(GroupService);
    const first = await app.connect('/chat?user_id=ana&room=general');
    const second = await app.connect('/chat?user_id=ana&room=other');
    await second.fence();
    await first.close();
    await until(async () => (await app.get(ConnectionService).count()) === 1);
    expect(await groups.groupsOf('ana')).toEqual(['general', 'other']);
    expect(await groups.send('general', 'hi')).toBe(1);
    await second.close();
    await until(async () => (await groups.groupsOf('ana')).length === 0);
  });

  it("with lifetime 'connected' a client that is back within the leave delay has never been away", async () => {
    const clock = new ManualClock();
    const app = await start({ providers, clock, options: { groups: { lifetime: 'connected' } } });
    const groups = app.get(GroupService);
    const client = await app.connect('/chat?user_id=ana&room=general');
    await client.fence();
    await client.terminate();
    await until(async () => (await app.get(ConnectionService).count()) === 0);
    clock.advance(4000);
    const back = await app.connect('/chat?user_id=ana');
    clock.advance(4000);
    expect(await groups.has('ana', 'general')).toBe(true);
    await back.terminate();
    await until(async () => (await app.get(ConnectionService).count()) === 0);
    clock.advance(5000);
    await until(async () => !(await groups.has('ana', 'general')));
  });
});

describe.each(['plain', 'v1'] as const)('the group frame of a %s client', (protocol) => {
  it('reaches the members, whether the sender is one or not', async () => {
    const app = await start({ providers });
    const ana = await app.connect('/chat?user_id=ana&room=general');
    const bob = await app.connect('/chat?user_id=bob&room=general', { protocol: 'v1' });
    const eva = await app.connect('/chat?user_id=eva', { protocol });
    await drain(bob, ana);
    await drain(ana, bob);
    await eva.request('group', { room: 'general', message: 'Hola grupo!' });
    await eva.request('group', { group: 'general', message: { n: 1 } });
    expect(await drain(ana)).toEqual(['Hola grupo!', { n: 1 }]);
    expect(await drain(bob)).toEqual([
      { type: 'message', via: 'group', group: 'general', user: 'eva', data: 'Hola grupo!' },
      { type: 'message', via: 'group', group: 'general', user: 'eva', data: { n: 1 } },
    ]);
    expect((await drain(eva)).filter(({ type }) => type !== 'welcome')).toEqual([]);
  });

  it('to a group nobody is in reaches nobody, and is no error', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana', { protocol });
    await client.request('group', { room: 'nowhere', message: 1 });
    await client.request('group', { room: '__proto__', message: 1 });
    await client.expectNone('message');
  });

  it.each([
    [{ message: 1 }, 'validation_error'],
    [{ room: '', message: 1 }, 'validation_error'],
    [{ room: 7, message: 1 }, 'validation_error'],
    [{ room: 'a'.repeat(256), message: 1 }, 'validation_error'],
    [{ room: 'general' }, 'validation_error'],
    [{ room: '$system', message: 1 }, 'forbidden'],
  ])('%j is refused with %s', async (body, type) => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana&room=general', { protocol });
    await app.get(GroupService).add('ana', '$system');
    await expect(client.request('group', body)).rejects.toMatchObject({ error_type: type });
    await client.expectNone('message');
  });
});
