import { ConnectedSocket } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  Connection,
  ConnectionService,
  GroupService,
  HauynaGateway,
  OnChannelSubscribe,
  OnMessage,
  PresenceService,
  RequireGroup,
  UserId,
} from '../../lib/index.js';
import { drain, start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('whoami')
  whoami(@UserId() user: string | null, @ConnectedSocket() client: Connection): object {
    return { user, userId: client.userId };
  }

  @OnMessage('secret')
  @RequireGroup('members')
  secret(): string {
    return 'secret';
  }

  @OnChannelSubscribe('private:{name}')
  private(@UserId() user: string | null): boolean {
    return user !== null;
  }
}

const providers = [ChatGateway];

describe.each(['plain', 'v1'] as const)('an anonymous connection (%s)', (protocol) => {
  it('is nobody: its user is null, and no user "null" gets its messages', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat', { protocol });
    expect(await client.request('whoami')).toEqual({ user: null, userId: null });
    expect(await app.get(ConnectionService).sendToUser('null', 'hi')).toBe(0);
    expect(await app.get(ConnectionService).ofUser('null')).toEqual([]);
    expect(await app.get(ConnectionService).count()).toBe(1);
  });

  it('an empty user id is no user id', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=', { protocol });
    expect(await client.request('whoami')).toEqual({ user: null, userId: null });
  });

  it('receives broadcasts and may send them', async () => {
    const app = await start({ providers });
    const [nobody, ana] = [await app.connect('/chat'), await app.connect('/chat?user_id=ana')];
    nobody.send({ type: 'broadcast', message: 'hola' });
    expect([await nobody.next(), await ana.next()]).toEqual(['hola', 'hola']);
  });

  it('may subscribe where it is allowed, gets what is published, and is nobody’s subscriber', async () => {
    const app = await start({ providers });
    const channels = app.get(ChannelService);
    const [nobody, ana] = [await app.connect('/chat', { protocol }), await app.connect('/chat?user_id=ana')];
    await ana.request('subscribe_channel', { channel: 'news' });
    await drain(ana);
    await nobody.request('subscribe_channel', { channel: 'news', metadata: { name: 'ghost' } });
    await expect(nobody.request('subscribe_channel', { channel: 'private:1' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    expect(await channels.subscribers('news')).toEqual(['ana']);
    expect(await channels.subscriptionCount('news')).toBe(2);
    expect(Object.keys(await channels.presence('news'))).toEqual(['ana']);
    expect(await nobody.next('channel_event')).toMatchObject({ event: 'subscription_added', user: null });
    expect(await nobody.next('presence_state')).toMatchObject({ state: { ana: {} } });
    expect(await drain(ana, nobody)).toEqual([]);
    await drain(nobody);
    await channels.broadcast('news', { headline: 1 });
    expect(await drain(ana)).toEqual([{ headline: 1 }]);
    expect(await drain(nobody)).toMatchObject([
      protocol === 'v1' ? { data: { headline: 1 } } : { headline: 1 },
    ]);
    await nobody.close();
    await until(async () => (await channels.subscriptionCount('news')) === 1);
    expect(await drain(ana)).toEqual([]);
  });

  it('may publish to a channel it is in; its publications come from nobody', async () => {
    const app = await start({ providers });
    const [nobody, ana] = [
      await app.connect('/chat', { protocol }),
      await app.connect('/chat?user_id=ana', { protocol: 'v1' }),
    ];
    for (const client of [nobody, ana]) await client.request('subscribe_channel', { channel: 'news' });
    await nobody.request('channel_message', { channel: 'news', message: 'psst' });
    expect(await ana.next('publication')).toMatchObject({ data: 'psst', user: null });
  });

  it('has no presence and is no member of any group', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat', { protocol });
    await client.request('subscribe_channel', { channel: 'news' });
    expect(await app.get(PresenceService).count()).toBe(0);
    await expect(client.request('presence_update', { metadata: { status: 'away' } })).rejects.toMatchObject({
      error_type: 'unauthorized',
    });
    await app.get(GroupService).add('null', 'members');
    expect(await app.get(GroupService).has(null, 'members')).toBe(false);
    await expect(client.request('secret')).rejects.toMatchObject({ error_type: 'forbidden' });
  });

  it('leaves nothing behind', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat', { protocol });
    await client.request('subscribe_channel', { channel: 'news' });
    await app.connect('/chat');
    await client.terminate();
    await until(async () => (await app.get(ConnectionService).count()) === 1);
    expect(await app.get(ConnectionService).count()).toBe(1);
    expect(await app.get(ChannelService).subscriptionCount('news')).toBe(0);
  });
});
