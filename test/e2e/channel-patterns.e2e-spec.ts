import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ChannelName,
  ChannelParam,
  Connection,
  FrameMeta,
  HauynaGateway,
  OnChannelMessage,
  OnChannelSubscribe,
  OnChannelUnsubscribe,
  type FrameInfo,
} from '../../lib/index.js';
import { drain, start } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnChannelSubscribe()
  any(@ChannelName() channel: string): object {
    return { by: '*', channel };
  }

  @OnChannelSubscribe('room:{id}')
  room(
    @ChannelParam('id') id: string,
    @ChannelParam() all: object,
    @ConnectedSocket() client: Connection,
  ): object {
    return { by: 'room:{id}', id, all, user: client.userId };
  }

  @OnChannelSubscribe('room:lobby')
  lobby(): object {
    return { by: 'room:lobby' };
  }

  @OnChannelSubscribe('room:*')
  below(): object {
    return { by: 'room:*' };
  }

  @OnChannelSubscribe('game:{game}:table:{table}')
  table(@ChannelParam() all: object, @FrameMeta() { type, channel, params }: FrameInfo): object {
    return { all, type, channel, params };
  }

  @OnChannelUnsubscribe('room:{id}')
  leave(@ChannelParam('id') id: string): boolean {
    return id !== 'sticky';
  }

  @OnChannelMessage('room:{id}', { validate: false })
  say(
    @MessageBody() message: unknown,
    @ChannelParam('id') id: string,
    @FrameMeta() { event }: FrameInfo,
  ): object {
    return { by: 'room:{id}', id, message, event };
  }

  @OnChannelMessage('room:{id}', { event: 'typing', validate: false })
  typing(@MessageBody() message: unknown): object {
    return { by: 'typing', message };
  }

  @OnChannelMessage('room:lobby', { event: 'shout', validate: false })
  shout(): boolean {
    return false;
  }
}

const providers = [ChatGateway];

describe.each(['plain', 'v1'] as const)('channel patterns for a %s client', (protocol) => {
  const connect = async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana', { protocol });
    const subscribe = async (channel: string): Promise<unknown> =>
      (await client.request<{ initial: unknown }>('subscribe_channel', { channel })).initial;
    return { client, subscribe };
  };

  it('bind parameters, and the most specific one decides', async () => {
    const { subscribe } = await connect();
    expect(await subscribe('room:42')).toEqual({ by: 'room:{id}', id: '42', all: { id: '42' }, user: 'ana' });
    expect(await subscribe('room:con espacio')).toMatchObject({ id: 'con espacio' });
    expect(await subscribe('room:__proto__')).toMatchObject({ id: '__proto__', all: { id: '__proto__' } });
    expect(await subscribe('room:lobby')).toEqual({ by: 'room:lobby' });
    expect(await subscribe('room:1:admin')).toEqual({ by: 'room:*' });
    expect(await subscribe('room:')).toEqual({ by: 'room:*' });
    expect(await subscribe('Room:1')).toEqual({ by: '*', channel: 'Room:1' });
    expect(await subscribe('game:7:table:x')).toEqual({
      all: { game: '7', table: 'x' },
      type: 'subscribe_channel',
      channel: 'game:7:table:x',
      params: { game: '7', table: 'x' },
    });
  });

  it('choose who decides on a message, by channel and by event', async () => {
    const { client, subscribe } = await connect();
    for (const channel of ['room:1', 'room:lobby', 'elsewhere']) await subscribe(channel);
    await drain(client);
    const publish = async (channel: string, event?: string): Promise<unknown> => {
      await client.request('channel_message', {
        channel,
        message: 'm',
        ...(event === undefined ? {} : { event }),
      });
      const [frame] = await drain(client);
      return protocol === 'v1' ? [frame?.['event'], frame?.['data']] : ['', frame];
    };
    const named = (name: string): string => (protocol === 'v1' ? name : '');
    expect(await publish('room:1')).toEqual([
      named('message'),
      { by: 'room:{id}', id: '1', message: 'm', event: 'message' },
    ]);
    expect(await publish('room:1', 'typing')).toEqual([named('typing'), { by: 'typing', message: 'm' }]);
    expect(await publish('room:1', 'other')).toMatchObject([
      named('other'),
      { by: 'room:{id}', event: 'other' },
    ]);
    expect(await publish('room:lobby')).toMatchObject([named('message'), { by: 'room:{id}', id: 'lobby' }]);
    expect(await publish('elsewhere')).toEqual([named('message'), 'm']);
    await expect(publish('room:lobby', 'shout')).rejects.toMatchObject({ error_type: 'forbidden' });
  });

  it('choose who decides on leaving', async () => {
    const { client, subscribe } = await connect();
    for (const channel of ['room:1', 'room:sticky']) await subscribe(channel);
    await client.request('unsubscribe_channel', { channel: 'room:1' });
    await expect(client.request('unsubscribe_channel', { channel: 'room:sticky' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await client.request('channel_message', { channel: 'room:sticky', message: 1 });
    await expect(client.request('channel_message', { channel: 'room:1', message: 1 })).rejects.toMatchObject({
      error_type: 'not_subscribed',
    });
  });
});

it('a pattern that cannot be read fails where it is written', () => {
  expect(() => OnChannelSubscribe('room:{id')).toThrow('room:{id');
  expect(() => OnChannelMessage('{a}{b}')).toThrow('without text between');
  expect(() => OnChannelUnsubscribe('a*b')).toThrow('"*" before its end');
});
