import { MessageBody } from '@nestjs/websockets';
import { Type } from 'class-transformer';
import { IsInt, IsString, MaxLength } from 'class-validator';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  ConnectionService,
  HauynaError,
  HauynaGateway,
  OnChannelMessage,
  UserId,
} from '../../lib/index.js';
import type { TestApp, TestClient } from '../../lib/testing/index.js';
import { drain, gate, start } from './start.js';

class SayDto {
  @IsString()
  @MaxLength(20)
  text: string;

  @Type(() => Number)
  @IsInt()
  seat: number;
}

let waiting = gate();

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnChannelMessage('room:{id}')
  say(@MessageBody() dto: SayDto, @UserId() user: string): unknown {
    switch (dto.text) {
      case 'as is':
        return undefined;
      case 'yes':
        return true;
      case 'spam':
        return false;
      case 'null':
        return null;
      case 'zero':
        return 0;
      case 'full':
        throw new HauynaError('conflict', 'Seat taken.');
      default:
        return { text: dto.text, seat: dto.seat, from: user };
    }
  }

  @OnChannelMessage('slow:{id}', { validate: false })
  async slow(): Promise<void> {
    await waiting.opened;
  }
}

const providers = [ChatGateway];
const options = { channels: { announce: false } };

async function joined(
  app: TestApp,
  user: string,
  channel: string,
  protocol: 'plain' | 'v1' = 'plain',
): Promise<TestClient> {
  const client = await app.connect(`/chat?user_id=${user}`, { protocol });
  await client.request('subscribe_channel', { channel });
  await drain(client);
  return client;
}

describe('channel_message', () => {
  it.each([null, 0, '', false, 'texto', [], [{ a: 1 }], {}, { type: 'ack', id: 1 }])(
    'delivers %j to every subscriber, the sender included, under either name of the field',
    async (payload) => {
      const app = await start({ providers, options });
      const [ana, bob] = [await joined(app, 'ana', 'open'), await joined(app, 'bob', 'open', 'v1')];
      await drain(ana);
      ana.send({ type: 'channel_message', channel: 'open', message: payload });
      ana.send({ type: 'channel_message', channel: 'open', content: payload, event: 'typing' });
      expect(await drain(ana)).toEqual([payload, payload]);
      expect(await drain(bob)).toMatchObject([
        { type: 'publication', channel: 'open', event: 'message', user: 'ana', data: payload, offset: 1 },
        { type: 'publication', channel: 'open', event: 'typing', user: 'ana', data: payload, offset: 2 },
      ]);
    },
  );

  it('answers the position the publication took', async () => {
    const app = await start({ providers, options });
    const ana = await joined(app, 'ana', 'open');
    const first = await ana.request('channel_message', { channel: 'open', message: 1 });
    expect(first).toEqual({ channel: 'open', offset: 1, epoch: expect.any(String) as string });
    expect(await ana.request('channel_message', { channel: 'open', message: 2 })).toMatchObject({
      offset: 2,
    });
  });

  it.each([
    [{ message: 1 }, 'validation_error'],
    [{ channel: 'open' }, 'validation_error'],
    [{ channel: 5, message: 1 }, 'validation_error'],
    [{ channel: 'open', message: 1, event: '' }, 'validation_error'],
    [{ channel: 'open', message: 1, event: 7 }, 'validation_error'],
    [{ channel: 'open', message: 1, event: 'x'.repeat(129) }, 'validation_error'],
    [{ channel: 'open', message: 1, event: 'a\nb' }, 'validation_error'],
    [{ channel: 'other', message: 1 }, 'not_subscribed'],
    [{ channel: '__proto__', message: 1 }, 'not_subscribed'],
  ])('%j is refused with %s, and nobody gets it', async (body, type) => {
    const app = await start({ providers, options });
    const [ana, bob] = [await joined(app, 'ana', 'open'), await joined(app, 'bob', 'open')];
    await drain(ana);
    await expect(ana.request('channel_message', body)).rejects.toMatchObject({ error_type: type });
    expect(await drain(bob)).toEqual([]);
  });

  it('into a channel of the server is not for clients, not even for those the server has put there', async () => {
    const app = await start({ providers, options });
    const ana = await joined(app, 'ana', 'open');
    const [connection] = await app.get(ConnectionService).list();
    await app.get(ChannelService).subscribe('$alerts', connection!);
    await drain(ana);
    await expect(
      ana.request('channel_message', { channel: '$alerts', message: 'fire!' }),
    ).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await app.get(ChannelService).broadcast('$alerts', 'real');
    expect(await drain(ana)).toEqual(['real']);
  });

  it('keeps the order of each sender', async () => {
    const app = await start({ providers, options: { ...options, limits: { burst: 500 } } });
    const clients = await Promise.all(['ana', 'bob', 'eva'].map((user) => joined(app, user, 'open')));
    for (const client of clients) await drain(client);
    for (let n = 0; n < 60; n++)
      for (const [who, client] of clients.entries())
        client.send({ type: 'channel_message', channel: 'open', message: [who, n] });
    const got = (await drain(clients[0]!, ...clients)) as unknown as [number, number][];
    expect(got).toHaveLength(180);
    for (const who of [0, 1, 2])
      expect(got.filter(([from]) => from === who).map(([, n]) => n)).toEqual(
        Array.from({ length: 60 }, (_, n) => n),
      );
    expect(await drain(clients[1]!)).toEqual(got);
  });
});

describe('@OnChannelMessage', () => {
  it('gets a validated message and delivers it, another value, or nothing', async () => {
    const app = await start({ providers, options });
    const [ana, bob] = [await joined(app, 'ana', 'room:1'), await joined(app, 'bob', 'room:1')];
    await drain(ana);
    const say = (message: unknown): Promise<unknown> =>
      ana.request('channel_message', { channel: 'room:1', message });
    await say({ text: 'hola', seat: '7' });
    await say({ text: 'as is', seat: '8' });
    await say({ text: 'yes', seat: 9 });
    await say({ text: 'null', seat: 1 });
    await say({ text: 'zero', seat: 1 });
    await expect(say({ text: 'spam', seat: 1 })).rejects.toMatchObject({ error_type: 'forbidden' });
    await expect(say({ text: 'full', seat: 1 })).rejects.toMatchObject({
      error_type: 'conflict',
      message: 'Seat taken.',
    });
    await expect(say({ text: 'x'.repeat(21), seat: 1 })).rejects.toMatchObject({
      details: [{ path: 'text' }],
    });
    await expect(say({ text: 'hola', seat: 'front' })).rejects.toMatchObject({ details: [{ path: 'seat' }] });
    await expect(say({ text: 'hola', seat: 1, admin: true })).rejects.toMatchObject({
      details: [{ path: 'admin' }],
    });
    for (const message of [null, 'text', 5, [], [{ text: 'a', seat: 1 }]]) {
      await expect(say(message)).rejects.toMatchObject({ error_type: 'validation_error' });
    }
    expect(await drain(bob)).toEqual([
      { text: 'hola', seat: 7, from: 'ana' },
      { text: 'as is', seat: 8 },
      { text: 'yes', seat: 9 },
      null,
      0,
    ]);
  });

  it("is a must with clientPublish: 'handlers'; the server may publish anywhere", async () => {
    const app = await start({
      providers,
      options: { channels: { announce: false, clientPublish: 'handlers' } },
    });
    const [ana, bob] = [await joined(app, 'ana', 'open'), await joined(app, 'bob', 'open')];
    for (const client of [ana, bob]) await client.request('subscribe_channel', { channel: 'room:1' });
    for (const client of [ana, bob]) await drain(client);
    await expect(ana.request('channel_message', { channel: 'open', message: 1 })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await ana.request('channel_message', { channel: 'room:1', message: { text: 'hola', seat: 1 } });
    await app.get(ChannelService).broadcast('open', 'from the server');
    expect(await drain(bob)).toEqual([{ text: 'hola', seat: 1, from: 'ana' }, 'from the server']);
  });

  it('does not publish for one who was taken out of the channel meanwhile', async () => {
    waiting = gate();
    const app = await start({ providers, options });
    const [ana, bob] = [await joined(app, 'ana', 'slow:1'), await joined(app, 'bob', 'slow:1')];
    const [connection] = await app.get(ConnectionService).ofUser('ana');
    await drain(ana);
    const publishing = ana.request('channel_message', { channel: 'slow:1', message: 'late' });
    const refused = expect(publishing).rejects.toMatchObject({ error_type: 'not_subscribed' });
    await ana.ping();
    await app.get(ChannelService).unsubscribe('slow:1', connection!);
    waiting.open();
    await refused;
    expect((await drain(bob)).filter((frame) => (frame as unknown) === 'late')).toEqual([]);
  });
});
