import { MessageBody } from '@nestjs/websockets';
import { IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { ChannelService, HauynaGateway, OnChannelMessage } from '../../lib/index.js';
import { ManualClock, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { drain, start } from './start.js';
import { arrive } from './support/arrive.js';

class SayDto {
  @IsString()
  text: string;
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly handled: string[] = [];

  @OnChannelMessage('checked:{id}')
  say(@MessageBody() { text }: SayDto): void {
    this.handled.push(text);
  }
}

const begin = (): Promise<TestApp> =>
  start({
    providers: [ChatGateway],
    clock: new ManualClock(),
    options: { heartbeat: false, channels: { history: { '*': { size: 100, ttl: 3_600_000 } } } },
  });

async function enter(app: TestApp, user: string, channel = 'room'): Promise<TestClient> {
  const { client } = await arrive(app, `/chat?user_id=${user}`);
  await client.request('subscribe_channel', { channel });
  await drain(client);
  return client;
}

const say = (client: TestClient, message: unknown, more: object = {}): Promise<Record<string, unknown>> =>
  client.request('channel_message', { channel: 'room', message, ...more });

const heard = (frames: readonly object[]): unknown[] =>
  frames
    .filter((frame) => (frame as { type: unknown }).type === 'publication')
    .map((frame) => (frame as { data: unknown }).data);

describe('an idempotencyKey of a client', () => {
  it('makes a repeated message harmless: one publication, the same answer', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana');
    const first = await say(ana, 'hi', { idempotencyKey: 'k1' });
    expect(await say(ana, 'hi', { idempotencyKey: 'k1' })).toEqual(first);
    expect(await say(ana, 'ho', { idempotencyKey: 'k2' })).toMatchObject({ offset: 2 });
    expect(heard(await drain(ana))).toEqual(['hi', 'ho']);
  });

  it('is known from another connection of the same user', async () => {
    const app = await begin();
    const [phone, laptop] = [await enter(app, 'ana'), await enter(app, 'ana')];
    const first = await say(phone, 'hi', { idempotencyKey: 'k1' });
    expect(await say(laptop, 'hi', { idempotencyKey: 'k1' })).toEqual(first);
  });

  it('belongs to its user: nobody can keep another one, or the server, from being heard by taking their key', async () => {
    const app = await begin();
    const [ana, eve] = [await enter(app, 'ana'), await enter(app, 'eve')];
    await drain(ana);
    await say(eve, 'of eve', { idempotencyKey: 'k1' });
    await say(ana, 'of ana', { idempotencyKey: 'k1' });
    await app.get(ChannelService).broadcast('room', 'of the server', { idempotencyKey: 'k1' });
    expect(heard(await drain(ana))).toEqual(['of eve', 'of ana', 'of the server']);
    for (const forged of ['ana\nk2', 'k2\n', '\u0000']) {
      await expect(say(eve, 'x', { idempotencyKey: forged })).rejects.toMatchObject({
        error_type: 'validation_error',
      });
    }
  });

  it('counts for one channel', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana');
    await ana.request('subscribe_channel', { channel: 'other' });
    await say(ana, 'one', { idempotencyKey: 'k' });
    await say(ana, 'two', { idempotencyKey: 'k', channel: 'other' });
    expect(heard(await drain(ana))).toEqual(['one', 'two']);
  });

  it('is forgotten after 5 minutes', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana');
    await say(ana, 'hi', { idempotencyKey: 'k' });
    app.clock?.advance(299_999);
    expect(await say(ana, 'hi', { idempotencyKey: 'k' })).toMatchObject({ offset: 1 });
    app.clock?.advance(1);
    expect(await say(ana, 'hi', { idempotencyKey: 'k' })).toMatchObject({ offset: 2 });
  });

  it('travels as the id of the publication, live and in the history, without what the server adds', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana');
    await say(ana, 'hi', { idempotencyKey: 'k1' });
    await say(ana, 'ho');
    expect(await ana.next('publication')).toMatchObject({ id: 'k1', data: 'hi', user: 'ana' });
    expect(await ana.next('publication')).not.toHaveProperty('id');
    const { publications } = await ana.request<{ publications: object[] }>('history', { channel: 'room' });
    expect(publications[0]).toMatchObject({ id: 'k1' });
    expect(publications[1]).not.toHaveProperty('id');
  });

  it('of a message the application does not accept is not used up', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana', 'checked:1');
    const send = (message: unknown): Promise<Record<string, unknown>> =>
      say(ana, message, { channel: 'checked:1', idempotencyKey: 'k' });
    await expect(send({ text: 7 })).rejects.toMatchObject({ error_type: 'validation_error' });
    expect(await send({ text: 'fine' })).toMatchObject({ offset: 1 });
  });

  it('is text of 1 to 128 characters', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana');
    for (const idempotencyKey of ['', 'x'.repeat(129), 7, {}]) {
      await expect(say(ana, 'x', { idempotencyKey })).rejects.toMatchObject({
        error_type: 'validation_error',
        details: [expect.objectContaining({ path: 'idempotencyKey' })],
      });
    }
    await say(ana, 'x', { idempotencyKey: 'x'.repeat(128) });
  });
});

describe('a volatile message of a client', () => {
  it('reaches who is there, takes no position and is not kept', async () => {
    const app = await begin();
    const [ana, bob] = [await enter(app, 'ana'), await enter(app, 'bob')];
    await drain(ana);
    expect(await say(ana, 'typing', { volatile: true })).toMatchObject({ offset: 0 });
    expect(await say(ana, 'hi')).toMatchObject({ offset: 1 });
    expect(await drain(bob, ana)).toMatchObject([
      { offset: 0, data: 'typing' },
      { offset: 1, data: 'hi' },
    ]);
    const { publications } = await app.get(ChannelService).history('room');
    expect(publications.map(({ data }) => data)).toEqual(['hi']);
  });

  it('is checked like all others', async () => {
    const app = await begin();
    const ana = await enter(app, 'ana');
    await expect(say(ana, 'x', { volatile: 'yes' })).rejects.toMatchObject({
      details: [expect.objectContaining({ path: 'volatile' })],
    });
    await ana.request('unsubscribe_channel', { channel: 'room' });
    await expect(say(ana, 'x', { volatile: true })).rejects.toMatchObject({ error_type: 'not_subscribed' });
  });
});
