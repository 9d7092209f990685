import { MessageBody } from '@nestjs/websockets';
import { IsObject, IsString, MaxLength } from 'class-validator';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  GroupService,
  HauynaError,
  HauynaGateway,
  OnBroadcastMessage,
  OnGroupMessage,
  OnMessage,
  OnPrivateMessage,
  UserId,
} from '../../lib/index.js';
import { drain, start } from './start.js';

@HauynaGateway({ path: '/open' })
class OpenGateway {
  @OnMessage('echo', { validate: false })
  echo(@MessageBody() body: unknown): unknown {
    return body;
  }

  @OnMessage('value', { validate: false })
  value(@MessageBody('value') value: unknown): unknown {
    return value;
  }

  @OnMessage('nothing')
  nothing(): void {}
}

@HauynaGateway({ path: '/fallback' })
class FallbackGateway {
  @OnMessage('known')
  known(): string {
    return 'known';
  }

  @OnMessage()
  other(): string {
    return 'other';
  }
}

class TextDto {
  @IsString()
  @MaxLength(10)
  text: string;
}

class ExtraDto {
  @IsObject()
  extra: object;
}

class BroadcastBody {
  @IsString()
  message: string;
}

@HauynaGateway({ path: '/strict' })
class StrictGateway {
  @OnBroadcastMessage()
  broadcast(@MessageBody() { message }: BroadcastBody, @UserId() user: string): unknown {
    if (message === 'spam') return false;
    if (message === 'null') return null;
    if (message === 'late') return Promise.reject(new HauynaError('conflict', 'Too late.'));
    if (message === 'as is') return undefined;
    if (message === 'yes') return true;
    return { from: user, message };
  }

  @OnPrivateMessage({ validate: false })
  private(@MessageBody('to') to: string, @MessageBody('message') message: unknown): unknown {
    return to === 'boss' ? false : { secret: message };
  }

  @OnGroupMessage({ validate: false })
  group(@MessageBody('room') room: string): unknown {
    return room === 'quiet' ? false : undefined;
  }

  @OnMessage('keep')
  keep(@MessageBody() { extra }: ExtraDto): string {
    return typeof extra === 'object' ? 'kept' : 'lost';
  }

  @OnMessage('say')
  say(@MessageBody() dto: TextDto): string {
    return dto instanceof TextDto ? dto.text : 'no dto';
  }
}

const providers = [OpenGateway, StrictGateway, FallbackGateway];
const VALUES = [
  null,
  0,
  '',
  false,
  true,
  -1.5,
  'hola',
  [],
  [1, [2]],
  {},
  { a: { b: [null] } },
  { type: 'error' },
  '{"a":1}',
];

describe('broadcast, private and group messages', () => {
  it.each(VALUES)('deliver %j exactly as it was sent', async (message) => {
    const app = await start({ providers });
    const ana = await app.connect('/open?user_id=ana');
    const bob = await app.connect('/open?user_id=bob', { protocol: 'v1' });
    await bob.next('welcome');
    await app.get(GroupService).add('bob', 'team');
    ana.send({ type: 'broadcast', message });
    ana.send({ type: 'private', to: 'bob', message });
    ana.send({ type: 'group', room: 'team', message });
    expect(await drain(ana)).toEqual([message]);
    expect(await drain(bob, ana)).toEqual([
      { type: 'message', via: 'broadcast', user: 'ana', data: message },
      { type: 'message', via: 'private', user: 'ana', data: message },
      { type: 'message', via: 'group', group: 'team', user: 'ana', data: message },
    ]);
  });

  it('a broadcast reaches every connection of every path, the sender included', async () => {
    const app = await start({ providers });
    const clients = [
      await app.connect('/open?user_id=ana'),
      await app.connect('/open?user_id=ana'),
      await app.connect('/open'),
      await app.connect('/strict?user_id=bob'),
    ];
    clients[0]!.send({ type: 'broadcast', message: 'Hola a todos!' });
    for (const client of clients) expect(await client.next()).toBe('Hola a todos!');
  });

  it('a private message reaches all connections of one user and is not echoed', async () => {
    const app = await start({ providers });
    const [ana, ana2, bob, bob2] = [
      await app.connect('/open?user_id=ana'),
      await app.connect('/open?user_id=ana'),
      await app.connect('/open?user_id=bob'),
      await app.connect('/open?user_id=bob'),
    ];
    await ana.request('private', { to: 'bob', message: 'psst' });
    await ana.request('private', { recipient: 'bob', message: 'alias' });
    await ana.request('private', { to: 'ana', message: 'note to self' });
    await ana.request('private', { to: 'unknown', message: 1 });
    await ana.request('private', { to: '__proto__', message: 1 });
    expect(await drain(bob)).toEqual(['psst', 'alias']);
    expect(await drain(bob2)).toEqual(['psst', 'alias']);
    expect(await drain(ana)).toEqual(['note to self']);
    expect(await drain(ana2)).toEqual(['note to self']);
  });

  it.each([
    ['broadcast', {}],
    ['private', { message: 1 }],
    ['private', { to: 'bob' }],
    ['private', { to: 5, message: 1 }],
    ['private', { to: '', message: 1 }],
    ['private', { to: 'a'.repeat(256), message: 1 }],
    ['private', { to: 'a\nb', message: 1 }],
  ])('%s %j is refused, naming the field, and nobody gets anything', async (type, body) => {
    const app = await start({ providers });
    const [ana, bob] = [await app.connect('/open?user_id=ana'), await app.connect('/open?user_id=bob')];
    await expect(ana.request(type, body)).rejects.toMatchObject({
      error_type: 'validation_error',
      details: [{ path: expect.stringMatching(/message|to/) as string }],
    });
    await bob.expectNone();
  });

  it('names of the server are not for clients', async () => {
    const app = await start({ providers });
    const ana = await app.connect('/open?user_id=ana');
    await expect(ana.request('private', { to: '$system', message: 1 })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
  });

  it('arrive in the order in which they were sent, however they are addressed', async () => {
    const app = await start({ providers, options: { limits: { burst: 500 } } });
    const [ana, bob] = [await app.connect('/open?user_id=ana'), await app.connect('/open?user_id=bob')];
    await app.get(GroupService).add('bob', 'team');
    const sent = Array.from({ length: 150 }, (_, n) => n);
    for (const n of sent) {
      const frame = [{ type: 'broadcast' }, { type: 'private', to: 'bob' }, { type: 'group', room: 'team' }][
        n % 3
      ];
      ana.send({ ...frame, message: n });
    }
    expect(await drain(bob, ana)).toEqual(sent);
  });
});

describe('handlers for messages between clients', () => {
  it('allow, deny or replace a broadcast', async () => {
    const app = await start({ providers });
    const [ana, bob] = [await app.connect('/strict?user_id=ana'), await app.connect('/open?user_id=bob')];
    await ana.request('broadcast', { message: 'hola' });
    await ana.request('broadcast', { message: 'as is' });
    await ana.request('broadcast', { message: 'yes' });
    await ana.request('broadcast', { message: 'null' });
    await expect(ana.request('broadcast', { message: 'spam' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await expect(ana.request('broadcast', { message: 'late' })).rejects.toMatchObject({
      error_type: 'conflict',
      message: 'Too late.',
    });
    await expect(ana.request('broadcast', { message: 5 })).rejects.toMatchObject({
      error_type: 'validation_error',
    });
    ana.send({ type: 'broadcast', message: 'spam' });
    expect(await ana.next('error')).toMatchObject({ error_type: 'forbidden' });
    expect(await drain(bob, ana)).toEqual([{ from: 'ana', message: 'hola' }, 'as is', 'yes', null]);
  });

  it('allow, deny or replace private and group messages', async () => {
    const app = await start({ providers });
    const [ana, bob, boss] = [
      await app.connect('/strict?user_id=ana'),
      await app.connect('/open?user_id=bob'),
      await app.connect('/open?user_id=boss'),
    ];
    for (const room of ['loud', 'quiet']) await app.get(GroupService).add('bob', room);
    await ana.request('private', { to: 'bob', message: [1] });
    await ana.request('private', { recipient: 'bob', message: 2 });
    await expect(ana.request('private', { to: 'boss', message: 1 })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await ana.request('group', { room: 'loud', message: 3 });
    await ana.request('group', { group: 'loud', message: 4 });
    await expect(ana.request('group', { group: 'quiet', message: 5 })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    expect(await drain(bob)).toEqual([{ secret: [1] }, { secret: 2 }, 3, 4]);
    expect(await drain(boss)).toEqual([]);
  });

  it("are a must with clientMessages: 'handlers'", async () => {
    const app = await start({ providers, options: { clientMessages: 'handlers' } });
    const [ana, bob] = [await app.connect('/open?user_id=ana'), await app.connect('/strict?user_id=bob')];
    for (const [type, body] of [
      ['broadcast', {}],
      ['private', { to: 'bob' }],
      ['group', { room: 'team' }],
    ] as const) {
      await expect(ana.request(type, { ...body, message: 'x' })).rejects.toMatchObject({
        error_type: 'forbidden',
      });
    }
    await bob.request('broadcast', { message: 'hola' });
    expect(await drain(ana)).toEqual([{ from: 'bob', message: 'hola' }]);
  });
});

describe.each(['plain', 'v1'] as const)('@OnMessage for a %s client', (protocol) => {
  it.each(VALUES)('answers %j in the ack', async (value) => {
    const app = await start({ providers });
    const client = await app.connect('/open', { protocol });
    expect(await client.request('value', { value })).toEqual(value);
  });

  it('answers bare (plain) or in a message (v1) what was sent without an id, and nothing with nothing', async () => {
    const app = await start({ providers });
    const client = await app.connect('/open', { protocol });
    await drain(client);
    client.send({ type: 'echo', a: 1 });
    client.send({ type: 'nothing' });
    client.send({ type: 'value', value: null });
    const bare = protocol === 'plain';
    const wrap = (data: unknown): unknown => (bare ? data : { type: 'message', via: 'connection', data });
    expect(await drain(client)).toEqual([wrap({ a: 1 }), wrap(null)]);
    expect(await client.request('nothing')).toBeUndefined();
  });

  it('gets a validated instance, or is not called', async () => {
    const app = await start({ providers });
    const client = await app.connect('/strict?user_id=ana', { protocol });
    expect(await client.request('say', { text: 'hola' })).toBe('hola');
    await expect(client.request('say', { text: 'x'.repeat(11) })).rejects.toMatchObject({
      error_type: 'validation_error',
      details: [{ path: 'text' }],
    });
    await expect(client.request('say', { text: 'hola', admin: true })).rejects.toMatchObject({
      details: [{ path: 'admin' }],
    });
    await expect(client.request('say')).rejects.toMatchObject({ details: [{ path: 'text' }] });
  });

  it.each([
    ['{"__proto__":{"text":"x"}}', { type: 'ack', data: 'kept' }],
    ['{"then":1,"toJSON":{},"toString":null}', { type: 'ack', data: 'kept' }],
    ['{"constructor":1}', { type: 'error', error_type: 'validation_error' }],
    ['{"a":[{"constructor":"x"}]}', { type: 'error', error_type: 'validation_error' }],
  ])('keys like %s in a validated body are no fault of the server', async (inner, answer) => {
    const app = await start({ providers });
    const client = await app.connect('/strict?user_id=ana', { protocol });
    client.sendRaw(`{"type":"keep","id":1,"extra":${inner}}`);
    expect(await client.next({ id: 1 })).toMatchObject(answer);
  });

  it('without a type takes what nobody else takes; without it the type is unknown', async () => {
    const app = await start({ providers });
    const client = await app.connect('/fallback', { protocol });
    expect(await client.request('known')).toBe('known');
    expect(await client.request('__proto__')).toBe('other');
    const strict = await app.connect('/strict', { protocol });
    for (const type of ['unheard_of', '__proto__', 'constructor', 'toString']) {
      await expect(strict.request(type)).rejects.toMatchObject({ error_type: 'unknown_type' });
    }
  });
});

it('every receiver gets the payload the sender gave, though it is changed afterwards', async () => {
  @HauynaGateway({ path: '/shared' })
  class SharedGateway {
    @OnMessage('start')
    start(): void {}
  }
  const app = await start({ providers: [SharedGateway] });
  const { ConnectionService } = await import('../../lib/index.js');
  const connections = app.get(ConnectionService);
  const clients = [await app.connect('/shared?user_id=ana'), await app.connect('/shared?user_id=bob')];
  const data = { list: [1] };
  const sent = connections.broadcast(data);
  data.list.push(2);
  const [connection] = (await connections.list()) as [Connection];
  connection.send(data);
  data.list.push(3);
  expect(await sent).toBe(2);
  expect(await drain(clients[0]!)).toEqual([{ list: [1] }, { list: [1, 2] }]);
  expect(await drain(clients[1]!)).toEqual([{ list: [1] }]);
});
