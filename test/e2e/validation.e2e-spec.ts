import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  HauynaGateway,
  OnBroadcastMessage,
  OnChannelMessage,
  OnConnect,
  OnMessage,
  UserId,
} from '../../lib/index.js';
import { type RequestError, type TestClient } from '../../lib/testing/index.js';
import { useApps } from './support/use-apps.js';

class ItemDto {
  @IsString()
  @Length(1, 10)
  name: string;

  @IsInt()
  @Min(0)
  price: number;
}

class OrderDto {
  @IsString()
  title: string;

  @ValidateNested({ each: true })
  @IsArray()
  @ArrayMaxSize(2)
  @Type(() => ItemDto)
  items: ItemDto[];

  @IsOptional()
  @IsInt()
  @Max(5)
  stars?: number;

  describe(): string {
    return `${this.title}: ${this.items.map((item) => `${item.name} ${item instanceof ItemDto}`).join(', ')}`;
  }
}

class SayDto {
  @IsString()
  @Length(1, 5)
  text: string;
}

class ConnectDto {
  @IsString()
  @Length(1, 5)
  name: string;
}

class BroadcastBody {
  @ValidateNested()
  @Type(() => SayDto)
  message: SayDto;
}

@HauynaGateway({ path: '/shop' })
class ShopGateway {
  @OnMessage('order')
  order(@MessageBody() dto: OrderDto): object {
    return { instance: dto instanceof OrderDto, text: dto.describe(), admin: 'admin' in dto };
  }

  /** As in Nest, parameters may come without decorators: the client, then the body. */
  @OnMessage('undecorated')
  undecorated(_client: Connection, dto: SayDto): object {
    return { instance: dto instanceof SayDto };
  }

  @OnMessage('with_user')
  withUser(
    @ConnectedSocket() client: Connection,
    @UserId() user: string | null,
    @MessageBody() dto: SayDto,
  ): object {
    return { user, text: dto.text, open: client.isOpen };
  }

  @OnMessage('field')
  field(@MessageBody('text') text: string, @MessageBody('n') n: number): object {
    return { text, n };
  }

  @OnMessage('loose', { validate: false })
  loose(@MessageBody() body: { any: unknown }): unknown {
    return body;
  }

  @OnChannelMessage('room:{id}')
  say(@MessageBody() _dto: SayDto): void {}

  @OnBroadcastMessage()
  broadcast(@MessageBody() _dto: BroadcastBody): void {}
}

@HauynaGateway({ path: '/strict' })
class StrictGateway {
  @OnConnect()
  connect(@MessageBody() query: ConnectDto): void {
    if (!(query instanceof ConnectDto)) throw new Error('no instance');
  }
}

const start = useApps();

async function client(path = '/shop'): Promise<TestClient> {
  return (await start({ providers: [ShopGateway, StrictGateway] })).connect(path);
}

/** The issues a request is answered with, as `path → messages`. */
async function issues(c: TestClient, type: string, body: object): Promise<Record<string, string[]>> {
  const error = (await c.request(type, body).catch((reason: unknown) => reason)) as RequestError;
  expect(error).toMatchObject({ error_type: 'validation_error', retryable: false });
  const details = error.details as { path: string; messages: string[] }[];
  return Object.fromEntries(details.map(({ path, messages }) => [path, messages]));
}

describe('A DTO', () => {
  it('arrives as an instance, nested ones too', async () => {
    const c = await client();
    const items = [{ name: 'pan', price: 2 }];
    expect(await c.request('order', { title: 'hoy', items })).toEqual({
      instance: true,
      text: 'hoy: pan true',
      admin: false,
    });
  });

  it('that is wrong names every field with its path, in one error', async () => {
    const c = await client();
    const items = [
      { name: '', price: -1 },
      { name: 'pan', price: 'dos' },
    ];
    expect(await issues(c, 'order', { title: 7, items, stars: 9 })).toEqual({
      title: ['title must be a string'],
      'items.0.name': ['name must be longer than or equal to 1 characters'],
      'items.0.price': ['price must not be less than 0'],
      'items.1.price': ['price must not be less than 0', 'price must be an integer number'],
      stars: ['stars must not be greater than 5'],
    });
  });

  it('with an unknown key is wrong, at any depth', async () => {
    const c = await client();
    expect(await issues(c, 'order', { title: 'x', items: [], admin: true })).toEqual({
      admin: ['property admin should not exist'],
    });
    const items = [{ name: 'pan', price: 2, free: true }];
    expect(await issues(c, 'order', { title: 'x', items })).toEqual({
      'items.0.free': ['property free should not exist'],
    });
  });

  it('does not turn one type into another', async () => {
    const c = await client();
    expect(Object.keys(await issues(c, 'order', { title: 'x', items: [], stars: '3' }))).toEqual(['stars']);
  });

  it('an array that is too long, or none at all', async () => {
    const c = await client();
    const pan = { name: 'pan', price: 1 };
    expect(await issues(c, 'order', { title: 'x', items: [pan, pan, pan] })).toEqual({
      items: ['items must contain no more than 2 elements'],
    });
    expect(Object.keys(await issues(c, 'order', { title: 'x', items: { length: 0 } }))).toContain('items');
  });

  it('loses the keys that belong to objects, and changes nobody', async () => {
    const c = await client();
    for (const key of ['__proto__', 'constructor']) {
      c.sendRaw(
        `{"type":"order","id":"p","title":"x","items":[],"${key}":{"admin":1,"prototype":{"admin":1}}}`,
      );
      expect(await c.next({ id: 'p' })).toMatchObject({
        type: 'ack',
        data: { instance: true, admin: false },
      });
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    }
  });

  it('works without parameter decorators, and beside other parameters', async () => {
    const c = await client();
    expect(await c.request('undecorated', { text: 'hola' })).toEqual({ instance: true });
    expect(Object.keys(await issues(c, 'undecorated', { text: 'too long' }))).toEqual(['text']);
    expect(await c.request('with_user', { text: 'hola' })).toEqual({ user: null, text: 'hola', open: true });
  });

  it('is the message of a channel message', async () => {
    const c = await client();
    await c.request('subscribe_channel', { channel: 'room:1' });
    await c.request('channel_message', { channel: 'room:1', message: { text: 'hola' } });
    expect(await c.next({ text: 'hola' })).toEqual({ text: 'hola' });
    expect(await issues(c, 'channel_message', { channel: 'room:1', message: { text: 7 } })).toHaveProperty(
      'text',
    );
    expect(await issues(c, 'channel_message', { channel: 'room:1', message: 'hola' })).toEqual({
      '': ['must be an object'],
    });
    await c.expectNone({ text: 7 });
  });

  it('is the body of a broadcast, and of the query of a new connection', async () => {
    const c = await client();
    expect(await issues(c, 'broadcast', { message: { text: 'much too long' } })).toHaveProperty([
      'message.text',
    ]);
    await c.expectNone({ text: 'much too long' });
    const strict = await client('/strict?name=ana');
    await strict.fence();
    const refused = await client('/strict?name=anastasia');
    expect(await refused.next('error')).toMatchObject({
      error_type: 'validation_error',
      details: [{ path: 'name' }],
    });
    expect(await refused.closed).toMatchObject({ code: 4000 });
  });

  it('in an {event, data} frame answers in the shape of Nest', async () => {
    const c = await client();
    c.send({ event: 'order', data: { title: 'x', items: [] } });
    expect(await c.next()).toMatchObject({ instance: true });
    c.send({ event: 'order', data: { title: 1, items: [] } });
    expect(await c.next('exception')).toMatchObject({
      event: 'exception',
      data: { status: 'error', error_type: 'validation_error', details: [{ path: 'title' }] },
    });
    c.send({ event: 'order', data: null });
    expect(await c.next('exception')).toMatchObject({
      data: { details: [{ path: '', messages: ['must be an object'] }] },
    });
  });
});

describe('A field of the body', () => {
  it('that is declared as text, number or boolean is checked for it', async () => {
    const c = await client();
    expect(await c.request('field', { text: 'a', n: 1 })).toEqual({ text: 'a', n: 1 });
    expect(await issues(c, 'field', { text: 'a', n: '1' })).toEqual({ n: ['must be a number'] });
    expect(await issues(c, 'field', { n: 1 })).toEqual({ text: ['must be a string'] });
  });
});

it('`validate: false` hands over whatever came', async () => {
  const c = await client();
  expect(await c.request('loose', { any: { thing: [1, null, 'x'] } })).toEqual({
    any: { thing: [1, null, 'x'] },
  });
});

describe('The frames the library understands', () => {
  const name255 = 'x'.repeat(255);

  it.each<[string, object, string]>([
    ['subscribe_channel', {}, 'channel'],
    ['subscribe_channel', { channel: '' }, 'channel'],
    ['subscribe_channel', { channel: 7 }, 'channel'],
    ['subscribe_channel', { channel: null }, 'channel'],
    ['subscribe_channel', { channel: ['a'] }, 'channel'],
    ['subscribe_channel', { channel: `${name255}x` }, 'channel'],
    ['subscribe_channel', { channel: 'ñ'.repeat(128) }, 'channel'],
    ['subscribe_channel', { channel: 'a\u0000b' }, 'channel'],
    ['subscribe_channel', { channel: '\ud800' }, 'channel'],
    ['subscribe_channel', { channel: 'a', metadata: 'text' }, 'metadata'],
    ['subscribe_channel', { channel: 'a', metadata: [] }, 'metadata'],
    ['subscribe_channel', { channel: 'a', metadata: { channel: 'b' } }, 'metadata'],
    ['subscribe_channel', { channel: 'a', metadata: { group: 'b' } }, 'metadata'],
    ['subscribe_channel', { channel: 'a', since: 5 }, 'since'],
    ['subscribe_channel', { channel: 'a', since: { last: 0 } }, 'since'],
    ['subscribe_channel', { channel: 'a', since: { last: 1.5 } }, 'since'],
    ['subscribe_channel', { channel: 'a', since: { offset: -1, epoch: 'e' } }, 'since'],
    ['subscribe_channel', { channel: 'a', since: { offset: 1 } }, 'since'],
    ['unsubscribe_channel', {}, 'channel'],
    ['unsubscribe_channel', { channel: {} }, 'channel'],
    ['channel_message', { message: 1 }, 'channel'],
    ['channel_message', { channel: 'a' }, 'message'],
    ['channel_message', { channel: 'a', message: 1, event: 7 }, 'event'],
    ['channel_message', { channel: 'a', message: 1, event: '' }, 'event'],
    ['channel_message', { channel: 'a', message: 1, event: 'x'.repeat(129) }, 'event'],
    ['broadcast', {}, 'message'],
    ['private', { message: 1 }, 'to'],
    ['private', { to: 7, message: 1 }, 'to'],
    ['private', { recipient: '', message: 1 }, 'recipient'],
    ['private', { to: 'ana' }, 'message'],
    ['group', { message: 1 }, 'room'],
    ['group', { group: 7, message: 1 }, 'group'],
    ['group', { room: 'a' }, 'message'],
    ['presence_update', {}, 'metadata'],
    ['presence_update', { metadata: null }, 'metadata'],
    ['presence_update', { metadata: { channel: 'x' } }, 'metadata'],
    ['history', {}, 'channel'],
    ['history', { channel: 'a', limit: 0 }, 'limit'],
    ['history', { channel: 'a', limit: 301 }, 'limit'],
    ['history', { channel: 'a', limit: '5' }, 'limit'],
    ['history', { channel: 'a', since: { last: 1 } }, 'since'],
    ['history', { channel: 'a', reverse: 'yes' }, 'reverse'],
  ])('%s %j names the field', async (type, body, field) => {
    expect(Object.keys(await issues(await client(), type, body))).toEqual([field]);
  });

  it('take fields they do not know: a newer client may send more', async () => {
    const c = await client();
    expect(await c.request('subscribe_channel', { channel: 'a', colour: 'red' })).toMatchObject({
      channel: 'a',
    });
  });

  it('take null, false, 0 and "" as a message: they are values', async () => {
    @HauynaGateway({ path: '/plain' })
    class PlainGateway {}
    const c = await (await start({ providers: [PlainGateway] })).connect('/plain');
    for (const message of [null, false, 0, '']) {
      await c.request('broadcast', { message });
      expect(await c.next((frame) => (frame as unknown) === message)).toBe(message);
    }
  });

  it('names up to 255 bytes are fine, those that begin with $ are the server’s', async () => {
    const c = await client();
    expect(await c.request('subscribe_channel', { channel: name255 })).toMatchObject({ channel: name255 });
    for (const [type, body] of [
      ['subscribe_channel', { channel: '$all' }],
      ['private', { to: '$system', message: 1 }],
      ['group', { room: '$admins', message: 1 }],
    ] as const) {
      await expect(c.request(type, body)).rejects.toMatchObject({ error_type: 'forbidden' });
    }
  });
});
