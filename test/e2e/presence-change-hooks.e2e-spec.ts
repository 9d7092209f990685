import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  GroupService,
  HauynaGateway,
  OnPresenceChange,
  PresenceService,
  type PresenceChange,
} from '../../lib/index.js';
import { start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

@Injectable()
class Watcher {
  readonly all: PresenceChange[] = [];
  readonly joins: string[] = [];
  readonly room: string[] = [];
  readonly admins: string[] = [];
  readonly leavesOfRoom: string[] = [];

  @OnPresenceChange()
  any(change: PresenceChange): void {
    this.all.push(change);
  }

  @OnPresenceChange({ event: 'join' })
  join({ userId, channel, group }: PresenceChange): void {
    this.joins.push([userId, channel ?? '', group ?? ''].join('|'));
  }

  @OnPresenceChange({ channel: 'room' })
  inRoom({ event, userId }: PresenceChange): void {
    this.room.push(`${event} ${userId}`);
  }

  @OnPresenceChange({ group: 'admins' })
  ofAdmins({ event, userId }: PresenceChange): void {
    this.admins.push(`${event} ${userId}`);
  }

  @OnPresenceChange({ channel: 'room', event: 'leave' })
  @OnPresenceChange({ channel: 'lobby', event: 'leave' })
  leave({ userId, channel }: PresenceChange): void {
    this.leavesOfRoom.push(`${userId} ${channel ?? ''}`);
  }
}

const given = { providers: [ChatGateway, Watcher] };

describe('@OnPresenceChange', () => {
  it('is told of users as a whole and of each channel, with what is known of them', async () => {
    const app = await start(given);
    const watcher = app.get(Watcher);
    const client = await app.connect('/chat?user_id=ana');
    await client.request('subscribe_channel', { channel: 'room', metadata: { name: 'Ana' } });
    await client.request('presence_update', { metadata: { name: 'Ana M.' } });
    await client.close();
    await until(() => watcher.all.some(({ event, channel }) => event === 'leave' && channel === undefined));
    expect(watcher.all).toEqual([
      { event: 'join', userId: 'ana', groups: [], metadata: {} },
      { event: 'join', userId: 'ana', channel: 'room', groups: [], metadata: { name: 'Ana' } },
      { event: 'update', userId: 'ana', groups: [], metadata: { name: 'Ana M.' } },
      { event: 'update', userId: 'ana', channel: 'room', groups: [], metadata: { name: 'Ana M.' } },
      { event: 'leave', userId: 'ana', channel: 'room', groups: [], metadata: { name: 'Ana M.' } },
      { event: 'leave', userId: 'ana', groups: [], metadata: expect.anything() as object },
    ]);
  });

  it('hears only what its filters ask for, and may have several', async () => {
    const app = await start(given);
    const watcher = app.get(Watcher);
    const [ana, bob] = [await app.connect('/chat?user_id=ana'), await app.connect('/chat?user_id=bob')];
    for (const channel of ['room', 'lobby', 'other']) await ana.request('subscribe_channel', { channel });
    await bob.request('subscribe_channel', { channel: 'room' });
    await bob.request('unsubscribe_channel', { channel: 'room' });
    for (const channel of ['lobby', 'other']) await ana.request('unsubscribe_channel', { channel });
    await until(() => watcher.leavesOfRoom.length === 2);
    expect(watcher.joins).toEqual(['ana||', 'bob||', 'ana|room|', 'ana|lobby|', 'ana|other|', 'bob|room|']);
    expect(watcher.room).toEqual(['join ana', 'join bob', 'leave bob']);
    expect(watcher.leavesOfRoom).toEqual(['bob room', 'ana lobby']);
  });

  it('by group hears of members who come, become members, or go', async () => {
    const app = await start(given);
    const [watcher, groups, presence] = [app.get(Watcher), app.get(GroupService), app.get(PresenceService)];
    await groups.add('ana', 'admins');
    const ana = await app.connect('/chat?user_id=ana');
    const bob = await app.connect('/chat?user_id=bob');
    await until(() => watcher.admins.length === 1);
    await groups.add('bob', 'admins');
    await groups.add('absent', 'admins');
    await until(() => watcher.admins.length === 2);
    await groups.remove('bob', 'admins');
    await until(() => watcher.admins.length === 3);
    await presence.track('eva', { group: 'admins' });
    await until(() => watcher.admins.length === 4);
    await ana.close();
    await bob.close();
    await until(() => watcher.admins.length === 5);
    expect(watcher.admins).toEqual(['join ana', 'join bob', 'leave bob', 'join eva', 'leave ana']);
  });

  it('what it does with the change harms nobody else', async () => {
    @Injectable()
    class Vandal {
      @OnPresenceChange()
      change(change: PresenceChange): void {
        (change.metadata as Record<string, unknown>)['name'] = 'Vandal';
      }
    }
    const app = await start({ providers: [ChatGateway, Vandal] });
    await app.get(PresenceService).track('ana', { name: 'Ana' });
    expect(await app.get(PresenceService).state('ana')).toEqual({ name: 'Ana' });
  });
});
