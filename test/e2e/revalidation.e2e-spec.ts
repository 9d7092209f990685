import { Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../../lib/client/index.js';
import {
  ChannelName,
  ChannelService,
  ConnectionService,
  GroupService,
  HauynaGateway,
  OnChannelSubscribe,
  PresenceService,
  RequireGroup,
  UserId,
  connectionOf,
} from '../../lib/index.js';
import type { TestApp, TestClient } from '../../lib/testing/index.js';
import { drain, gate, start, until } from './start.js';
import { arrive } from './support/arrive.js';

@Injectable()
class Rules {
  /** `user channel` pairs that are not allowed. */
  readonly denied = new Set<string>();
  readonly asked: string[] = [];
  bodies: unknown[] = [];
  broken = false;
  absent = false;
  hold: Promise<void> = Promise.resolve();
}

@Injectable()
class RulesGuard implements CanActivate {
  constructor(private readonly rules: Rules) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.rules.broken) throw new Error('The database is gone.');
    return connectionOf(context.switchToWs().getClient()) !== undefined;
  }
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  constructor(private readonly rules: Rules) {}

  @OnChannelSubscribe('room:{id}', { validate: false })
  @UseGuards(RulesGuard)
  async room(
    @UserId() user: string | null,
    @ChannelName() channel: string,
    @MessageBody() body: unknown,
  ): Promise<boolean | null | undefined> {
    this.rules.asked.push(`${user} ${channel}`);
    this.rules.bodies.push(body);
    await this.rules.hold;
    if (this.rules.absent) return null;
    return this.rules.denied.has(`${user} ${channel}`) ? false : undefined;
  }

  /** The guard has looked long before the method is through. */
  @OnChannelSubscribe('slow')
  @RequireGroup('staff')
  async slow(@UserId() user: string | null): Promise<void> {
    this.rules.asked.push(`${user} slow`);
    await this.rules.hold;
  }

  @OnChannelSubscribe('staff')
  @RequireGroup('staff')
  staff(): void {}
}

const begin = (): Promise<TestApp> => start({ providers: [Rules, ChatGateway] });

async function enter(app: TestApp, user: string, ...channels: string[]): Promise<TestClient> {
  const { client } = await arrive(app, `/chat?user_id=${user}`);
  for (const channel of channels) await client.request('subscribe_channel', { channel });
  return client;
}

const types = (frames: readonly object[]): unknown[] =>
  frames.map(
    (frame) => (frame as { event?: unknown; type: unknown }).event ?? (frame as { type: unknown }).type,
  );

describe('revalidate', () => {
  it('ends what is not allowed any more: the client is told, the others see it leave', async () => {
    const app = await begin();
    const bob = await enter(app, 'bob', 'room:1');
    const ana = await enter(app, 'ana', 'room:1', 'room:2');
    await drain(bob, ana);
    await drain(ana);
    app.get(Rules).denied.add('ana room:1');
    expect(await app.get(ChannelService).revalidate({ userId: 'ana' })).toBe(1);
    expect(await ana.next('unsubscribed')).toEqual({
      type: 'unsubscribed',
      channel: 'room:1',
      reason: 'forbidden',
      resubscribe: false,
    });
    expect(types(await drain(bob))).toEqual(['subscription_removed', 'leave']);
    expect(await app.get(ChannelService).subscribers('room:1')).toEqual(['bob']);
    expect(await app.get(PresenceService).inChannel('room:1')).toEqual(['bob']);
    expect(await app.get(ChannelService).subscribers('room:2')).toEqual(['ana']);
    await app.get(ChannelService).broadcast('room:1', 'secret');
    await ana.expectNone('publication');
    await expect(ana.request('channel_message', { channel: 'room:1', message: 1 })).rejects.toMatchObject({
      error_type: 'not_subscribed',
    });
  });

  it('asks with the channel and the metadata of the subscription', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana');
    await ana.request('subscribe_channel', { channel: 'room:1', metadata: { name: 'Ana' } });
    app.get(Rules).bodies = [];
    expect(await app.get(ChannelService).revalidate({})).toBe(0);
    expect(app.get(Rules).bodies).toEqual([{ channel: 'room:1', metadata: { name: 'Ana' } }]);
  });

  it('asks for one channel, one user, the members of a group, or what all of it has in common', async () => {
    const app = await begin();
    await enter(app, 'ana', 'room:1', 'room:2');
    await enter(app, 'ana', 'room:1');
    await enter(app, 'bob', 'room:1', 'room:2');
    const { asked } = app.get(Rules);
    await app.get(GroupService).add('bob', 'guests');
    const channels = app.get(ChannelService);
    const askedFor = async (target: Parameters<ChannelService['revalidate']>[0]): Promise<string[]> => {
      asked.length = 0;
      await channels.revalidate(target);
      return asked.toSorted();
    };
    expect(await askedFor({ channel: 'room:2' })).toEqual(['ana room:2', 'bob room:2']);
    expect(await askedFor({ userId: 'ana' })).toEqual(['ana room:1', 'ana room:1', 'ana room:2']);
    expect(await askedFor({ group: 'guests' })).toEqual(['bob room:1', 'bob room:2']);
    expect(await askedFor({ channel: 'room:1', group: 'guests' })).toEqual(['bob room:1']);
    expect(await askedFor({ channel: 'room:2', userId: 'ana' })).toEqual(['ana room:2']);
    expect(await askedFor({ group: 'nobody' })).toEqual([]);
    expect(await askedFor({})).toHaveLength(5);
  });

  it('takes a failure for a no: a guard that breaks, and a look-up that finds nothing', async () => {
    const app = await begin();
    const rules = app.get(Rules);
    const ana = await enter(app, 'ana', 'room:1');
    rules.broken = true;
    expect(await app.get(ChannelService).revalidate({ channel: 'room:1' })).toBe(1);
    rules.broken = false;
    await ana.request('subscribe_channel', { channel: 'room:1' });
    rules.absent = true;
    expect(await app.get(ChannelService).revalidate({ channel: 'room:1' })).toBe(1);
    await expect(ana.request('subscribe_channel', { channel: 'room:1' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
  });

  it('leaves alone what the server has subscribed', async () => {
    const app = await begin();
    const { client, welcome } = await arrive(app, '/chat?user_id=ana');
    const channels = app.get(ChannelService);
    await channels.subscribe('room:1', welcome.connectionId);
    await client.request('subscribe_channel', { channel: 'room:2' });
    await channels.subscribe('room:2', welcome.connectionId);
    app.get(Rules).denied.add('ana room:1').add('ana room:2');
    expect(await channels.revalidate({ userId: 'ana' })).toBe(0);
    expect(await channels.channelsOf(welcome.connectionId)).toEqual(['room:1', 'room:2']);
  });

  it('does not end a subscription that has begun anew while it was asked', async () => {
    const app = await begin();
    const rules = app.get(Rules);
    const ana = await enter(app, 'ana', 'room:1');
    const { opened, open } = gate();
    rules.hold = opened;
    const ended = app.get(ChannelService).revalidate({ userId: 'ana' });
    await until(() => rules.asked.length === 2);
    rules.hold = Promise.resolve();
    await ana.request('unsubscribe_channel', { channel: 'room:1' });
    await ana.request('subscribe_channel', { channel: 'room:1' });
    rules.denied.add('ana room:1');
    open();
    expect(await ended).toBe(0);
    expect(await app.get(ChannelService).subscribers('room:1')).toEqual(['ana']);
  });

  it('tells plain clients with the channel_event of their own leaving', async () => {
    const app = await begin();
    const plain = await app.connect('/chat?user_id=ana');
    await plain.request('subscribe_channel', { channel: 'room:1' });
    await drain(plain);
    app.get(Rules).denied.add('ana room:1');
    await app.get(ChannelService).revalidate({ userId: 'ana' });
    expect(await plain.next()).toMatchObject({ type: 'channel_event', event: 'subscription_removed' });
    await plain.expectNone();
  });
});

describe('leaving a group', () => {
  it('ends the subscriptions it had allowed, on every connection of the user, and no others', async () => {
    const app = await begin();
    const groups = app.get(GroupService);
    await groups.add('ana', 'staff');
    await groups.add('bob', 'staff');
    const clients = [await enter(app, 'ana', 'staff', 'room:1'), await enter(app, 'ana', 'staff')];
    const bob = await enter(app, 'bob', 'staff');
    await groups.remove('ana', 'staff');
    for (const client of clients) {
      expect(await client.next('unsubscribed')).toMatchObject({ channel: 'staff', reason: 'forbidden' });
    }
    expect(await app.get(ChannelService).subscribers('staff')).toEqual(['bob']);
    expect(await app.get(ChannelService).subscribers('room:1')).toEqual(['ana']);
    await bob.expectNone('unsubscribed');
    await groups.clear('staff');
    expect(await bob.next('unsubscribed')).toMatchObject({ channel: 'staff' });
  });

  it('refuses a subscription that was being decided on meanwhile', async () => {
    const app = await begin();
    const groups = app.get(GroupService);
    await groups.add('ana', 'staff');
    const ana = await enter(app, 'ana');
    const rules = app.get(Rules);
    const { opened, open } = gate();
    rules.hold = opened;
    const subscribed = ana.request('subscribe_channel', { channel: 'slow' }).catch((error: unknown) => error);
    await until(() => rules.asked.length === 1);
    await groups.remove('ana', 'staff');
    open();
    expect(await subscribed).toMatchObject({ error_type: 'forbidden' });
    expect(await app.get(ChannelService).subscribers('slow')).toEqual([]);
    await app.get(ChannelService).broadcast('slow', 'secret');
    await ana.expectNone('publication');
  });

  it('ends nothing while the user is a member of another group that is let in', async () => {
    const app = await begin();
    const groups = app.get(GroupService);
    await groups.add('ana', 'staff');
    await groups.add('ana', 'other');
    const ana = await enter(app, 'ana', 'staff');
    await groups.remove('ana', 'other');
    await ana.expectNone('unsubscribed');
    expect(await app.get(ChannelService).subscribers('staff')).toEqual(['ana']);
  });
});

describe('unsubscribed', () => {
  it('comes when the server ends a subscription', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana', 'room:1');
    const [connection] = await app.get(ConnectionService).ofUser('ana');
    const id = connection?.id ?? '';
    expect(await app.get(ChannelService).unsubscribe('room:1', id)).toBe(true);
    expect(await ana.next('unsubscribed')).toMatchObject({ channel: 'room:1', reason: 'server' });
    expect(await app.get(ChannelService).unsubscribe('room:1', id)).toBe(false);
  });

  it('closes the channel of createClient with the reason, and a later subscribe is possible', async () => {
    const app = await begin();
    const client = createClient(`${app.url}/chat`, {
      WebSocket: WebSocket as never,
      params: { user_id: 'ana' },
    });
    const room = client.channel('room:1');
    await room.subscribe();
    app.get(Rules).denied.add('ana room:1');
    const closed = new Promise((resolve) => {
      room.on('$state', ({ to, error }) => to === 'closed' && resolve(error));
    });
    await app.get(ChannelService).revalidate({ userId: 'ana' });
    expect(await closed).toMatchObject({ code: 'forbidden' });
    app.get(Rules).denied.clear();
    await room.subscribe();
    expect(room.state).toBe('subscribed');
    client.close();
  });
});
