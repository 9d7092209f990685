import { ConnectedSocket } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  Connection,
  ConnectionService,
  HauynaGateway,
  OnChannelSubscribe,
  OnConnect,
} from '../../lib/index.js';
import { drain, start } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnChannelSubscribe('members:{id}')
  members(@ConnectedSocket() client: Connection): boolean {
    return client.userId === 'member';
  }
}

@HauynaGateway({ path: '/general' })
class GeneralGateway {
  constructor(private readonly channels: ChannelService) {}

  @OnConnect()
  async welcome(@ConnectedSocket() client: Connection): Promise<void> {
    const name = `Usuario ${client.userId ?? ''}`;
    await this.channels.subscribe('general', client, { name, status: 'online' });
    await this.channels.broadcast('general', { welcome: client.userId });
  }
}

const providers = [ChatGateway, GeneralGateway];

describe('?channel= on connect', () => {
  it.each(['room1', 'con espacio', '__proto__', 'ñ'.repeat(127), '42', 'true', '{"a":1}'])(
    'subscribes to %s',
    async (channel) => {
      const app = await start({ providers });
      const client = await app.connect('/chat', { query: { user_id: 'ana', channel } });
      expect(await client.next('channel_event')).toMatchObject({
        event: 'subscription_added',
        channel,
        user: 'ana',
      });
      expect(await client.next('presence_state')).toMatchObject({ channel });
      await client.fence();
      expect(await app.get(ChannelService).subscribers(channel)).toEqual(['ana']);
    },
  );

  it('is decided on like any subscribe; a refusal is told and does not cost the connection', async () => {
    const app = await start({ providers });
    const refused = await app.connect('/chat?user_id=ana&channel=members:1');
    expect(await refused.next('error')).toMatchObject({ error_type: 'forbidden' });
    await refused.fence();
    expect(await app.get(ChannelService).subscriptionCount('members:1')).toBe(0);
    const member = await app.connect('/chat?user_id=member&channel=members:1');
    await member.fence();
    expect(await app.get(ChannelService).subscribers('members:1')).toEqual(['member']);
    for (const channel of ['$system', 'a'.repeat(256)]) {
      const client = await app.connect('/chat', { query: { user_id: 'ana', channel } });
      expect(await client.next('error')).toMatchObject({
        error_type: expect.stringMatching(/forbidden|validation/) as string,
      });
      await client.fence();
      expect(await app.get(ChannelService).subscriptionCount(channel)).toBe(0);
    }
  });

  it('with an empty value is nothing, and the last of several counts', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana&channel=');
    expect(await drain(client)).toEqual([]);
    const other = await app.connect('/chat?user_id=bob&channel=a&channel=b');
    await other.fence();
    expect(await app.get(ChannelService).subscribers('a')).toEqual([]);
    expect(await app.get(ChannelService).subscribers('b')).toEqual(['bob']);
  });

  it('can have other names, several of them, or be turned off', async () => {
    const named = await start({ providers, options: { channels: { autoSubscribe: ['room', 'topic'] } } });
    const client = await named.connect('/chat?user_id=ana&room=r&topic=t&channel=c');
    await client.fence();
    const [connection] = await named.get(ConnectionService).list();
    expect(await named.get(ChannelService).channelsOf(connection!)).toEqual(['r', 't']);
    const off = await start({ providers, options: { channels: { autoSubscribe: [] } } });
    const quiet = await off.connect('/chat?user_id=ana&channel=c');
    expect(await drain(quiet)).toEqual([]);
  });

  it('is done before @OnConnect, which finds the subscription', async () => {
    let found: string[] = [];
    @HauynaGateway({ path: '/ordered' })
    class OrderedGateway {
      constructor(private readonly channels: ChannelService) {}

      @OnConnect()
      async connected(@ConnectedSocket() client: Connection): Promise<void> {
        found = await this.channels.channelsOf(client);
      }
    }
    const app = await start({ providers: [OrderedGateway] });
    const client = await app.connect('/ordered?user_id=ana&channel=room');
    await client.fence();
    expect(found).toEqual(['room']);
  });
});

describe('subscribing in @OnConnect', () => {
  it('puts everybody into a channel with metadata before their first message, and they hear of themselves', async () => {
    const app = await start({ providers });
    const users = Array.from({ length: 20 }, (_, n) => `user${n}`);
    const clients = await Promise.all(
      users.map((user) => app.connect('/general', { query: { user_id: user } })),
    );
    for (const [n, client] of clients.entries()) {
      const user = users[n]!;
      const metadata = { name: `Usuario ${user}`, status: 'online' };
      expect(await client.next({ type: 'channel_event', user })).toMatchObject({
        channel: 'general',
        metadata,
      });
      expect(await client.next({ welcome: user })).toEqual({ welcome: user });
      await client.request('channel_message', { channel: 'general', message: 'hola' });
    }
    expect((await app.get(ChannelService).subscribers('general')).toSorted()).toEqual(users.toSorted());
  });
});
