import {
  BadRequestException,
  ConflictException,
  ForbiddenException,
  HttpException,
  NotFoundException,
  RequestTimeoutException,
  ServiceUnavailableException,
  UnauthorizedException,
  UnprocessableEntityException,
} from '@nestjs/common';
import { ConnectedSocket, MessageBody, WsException } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { Connection, HauynaError, HauynaGateway, OnConnect, OnMessage } from '../../lib/index.js';
import { ManualClock, type RequestError, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { useApps } from './support/use-apps.js';

const FAILURES: Readonly<Record<string, () => unknown>> = {
  error: () => new Error('secret'),
  text: () => 'secret',
  nothing: () => undefined,
  object: () => ({ secret: true, message: 'secret' }),
  aggregate: () => new AggregateError([new Error('secret')], 'secret'),
  hauyna: () =>
    new HauynaError('conflict', 'The seat is taken.', { details: { seat: 7 }, cause: new Error('secret') }),
  own: () => new HauynaError('out_of_stock', 'No more.', { retryable: true }),
  bad: () => new BadRequestException('Bad thing.'),
  many: () => new BadRequestException(['a must be b', 'c must be d']),
  unauthorized: () => new UnauthorizedException('No ticket.'),
  forbidden: () => new ForbiddenException(),
  missing: () => new NotFoundException('No such room.'),
  slow: () => new RequestTimeoutException(),
  conflict: () => new ConflictException('Twice.'),
  wrong: () => new UnprocessableEntityException('Not that.'),
  teapot: () => new HttpException('I am a teapot', 418),
  busy: () => new ServiceUnavailableException('secret host db-1 is down'),
  internal: () => new HttpException('secret', 500),
  ws: () => new WsException('Not now.'),
  wsObject: () => new WsException({ error_type: 'quota', message: 'Enough.', details: { left: 0 } }),
  wsOdd: () => new WsException({ secret: true }),
  huge: () => new Error('x'.repeat(100_000)),
};

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnConnect()
  connected(@ConnectedSocket() client: Connection): void {
    const fail = client.query['fail'];
    if (fail !== undefined) throw FAILURES[fail]?.();
  }

  @OnMessage('now', { validate: false })
  now(@MessageBody('fail') fail: string): void {
    throw FAILURES[fail]?.();
  }

  @OnMessage('later', { validate: false })
  async later(@MessageBody('fail') fail: string): Promise<void> {
    await Promise.resolve();
    throw FAILURES[fail]?.();
  }

  @OnMessage('unsendable', { validate: false })
  unsendable(@MessageBody('what') what: string): unknown {
    if (what === 'bigint') return 1n;
    if (what === 'json')
      return {
        toJSON: () => {
          throw new Error('secret');
        },
      };
    const circle: Record<string, unknown> = {};
    return Object.assign(circle, { circle });
  }

  @OnMessage('echo', { validate: false })
  echo(@MessageBody() body: object): object {
    return body;
  }
}

const start = useApps();

async function open(): Promise<{ app: TestApp; client: TestClient; clock: ManualClock }> {
  const clock = new ManualClock();
  const app = await start({ clock, providers: [ChatGateway], options: { limits: { errorsPerMinute: 100 } } });
  return { app, client: await app.connect('/chat'), clock };
}

const failure = async (client: TestClient, type: string, body: object): Promise<RequestError> =>
  (await client.request(type, body).catch((error: unknown) => error)) as RequestError;

describe('What a handler throws', () => {
  it.each([
    ['hauyna', 'conflict', 'The seat is taken.', false],
    ['own', 'out_of_stock', 'No more.', true],
    ['bad', 'validation_error', 'Bad thing.', false],
    ['many', 'validation_error', 'a must be b; c must be d', false],
    ['unauthorized', 'unauthorized', 'No ticket.', false],
    ['forbidden', 'forbidden', 'Forbidden', false],
    ['missing', 'not_found', 'No such room.', false],
    ['slow', 'timeout', 'Request Timeout', true],
    ['conflict', 'conflict', 'Twice.', false],
    ['wrong', 'validation_error', 'Not that.', false],
    ['teapot', 'exception', 'I am a teapot', false],
    ['ws', 'exception', 'Not now.', false],
    ['wsObject', 'quota', 'Enough.', false],
    ['wsOdd', 'exception', 'The message was refused.', false],
  ])('%s becomes one %s frame with its text, now or later', async (fail, errorType, message, retryable) => {
    const { client, clock } = await open();
    for (const type of ['now', 'later']) {
      const { frame } = await failure(client, type, { fail });
      expect(frame).toMatchObject({
        type: 'error',
        error_type: errorType,
        message,
        retryable,
        timestamp: clock.now(),
      });
      expect(JSON.stringify(frame)).not.toContain('secret');
    }
    await client.expectNone();
  });

  it.each(['error', 'text', 'nothing', 'object', 'aggregate', 'internal', 'huge'])(
    '%s, not meant for clients, becomes internal_error without its text, and the connection lives',
    async (fail) => {
      const { client } = await open();
      for (const type of ['now', 'later']) {
        const { frame } = await failure(client, type, { fail });
        expect(frame).toEqual({
          type: 'error',
          error_type: 'internal_error',
          message: 'The server could not handle the message.',
          timestamp: frame.timestamp,
          id: frame.id,
          retryable: false,
        });
      }
      expect(await client.request('echo', { a: 1 })).toEqual({ a: 1 });
    },
  );

  it('details go along, the cause does not', async () => {
    const { client } = await open();
    const { frame } = await failure(client, 'now', { fail: 'hauyna' });
    expect(frame).toMatchObject({ details: { seat: 7 } });
    expect(Object.keys(frame)).not.toContain('cause');
  });

  it('and was not meant for clients is logged once, with its stack; what was meant for them is not', async () => {
    const { app, client } = await open();
    await failure(client, 'now', { fail: 'error' });
    await failure(client, 'now', { fail: 'hauyna' });
    await failure(client, 'now', { fail: 'missing' });
    const errors = app.logs.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toBe('A message handler failed');
    expect(String(errors[0]?.params[0])).toMatch(/^Error: secret\n +at /);
  });

  it('without an id is told too, without one', async () => {
    const { client } = await open();
    client.send({ type: 'now', fail: 'missing' });
    const frame = await client.next('error');
    expect(frame).not.toHaveProperty('id');
    expect(frame).toMatchObject({ error_type: 'not_found' });
  });

  it('keeps the id as it was: text or number', async () => {
    const { client } = await open();
    for (const id of [0, -1, 1.5, 'a', '7', 'x'.repeat(128)]) {
      client.send({ type: 'now', fail: 'missing', id });
      expect(await client.next('error')).toMatchObject({ id });
    }
  });
});

describe('An answer that has no JSON form', () => {
  it.each(['bigint', 'json', 'circle'])('%s is an error instead, and the connection lives', async (what) => {
    const { app, client } = await open();
    const { frame } = await failure(client, 'unsendable', { what });
    expect(['internal_error', 'validation_error']).toContain(frame.error_type);
    expect(JSON.stringify(frame)).not.toContain('secret');
    client.send({ type: 'unsendable', what });
    expect(await client.next('error')).toMatchObject({ type: 'error' });
    expect(await client.request('echo')).toEqual({});
    expect(app.logs.some(({ level }) => level === 'fatal')).toBe(false);
  });
});

describe('A text that is no frame', () => {
  it.each<[string, string, string]>([
    ['not json', 'parse_error', ''],
    ['', 'parse_error', ''],
    ['{"type":"echo"', 'parse_error', ''],
    ['\ufeff{"type":"echo"}', 'parse_error', ''],
    ['NaN', 'parse_error', ''],
    ['null', 'validation_error', ''],
    ['7', 'validation_error', ''],
    ['"text"', 'validation_error', ''],
    ['[]', 'validation_error', ''],
    ['[{"type":"echo"}]', 'validation_error', ''],
    ['{}', 'validation_error', 'type'],
    ['{"type":7}', 'validation_error', 'type'],
    ['{"type":null}', 'validation_error', 'type'],
    ['{"type":""}', 'validation_error', 'type'],
    ['{"type":{"a":1}}', 'validation_error', 'type'],
    [`{"type":"${'x'.repeat(129)}"}`, 'validation_error', 'type'],
    ['{"event":7}', 'validation_error', 'event'],
    ['{"type":"echo","id":null}', 'validation_error', 'id'],
    ['{"type":"echo","id":{}}', 'validation_error', 'id'],
    ['{"type":"echo","id":""}', 'validation_error', 'id'],
    ['{"type":"echo","id":true}', 'validation_error', 'id'],
    [`{"type":"echo","id":"${'x'.repeat(129)}"}`, 'validation_error', 'id'],
    ['{"type":"echo","id":1e999}', 'validation_error', 'id'],
  ])('%s is a %s', async (text, errorType, path) => {
    const { client } = await open();
    client.sendRaw(text);
    const frame = await client.next('error');
    expect(frame).toMatchObject({ error_type: errorType, retryable: false });
    if (errorType === 'validation_error') expect(frame).toMatchObject({ details: [{ path }] });
    expect(frame).not.toHaveProperty('id');
    expect(await client.request('echo')).toEqual({});
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '*', 'valueOf'])(
    'a type named %s is only a name nobody handles',
    async (type) => {
      const { client } = await open();
      await expect(client.request(type)).rejects.toMatchObject({
        error_type: 'unknown_type',
        frame: { id: 'request-1' },
      });
    },
  );

  it('with an id that could be read is answered with it', async () => {
    const { client } = await open();
    client.send({ id: 5, type: 7 });
    expect(await client.next('error')).toMatchObject({ id: 5, error_type: 'validation_error' });
  });

  it('whose type is its own twice counts as JSON says: the last one', async () => {
    const { client } = await open();
    client.sendRaw('{"type":"nobody","id":1,"type":"echo","a":1}');
    expect(await client.next()).toEqual({ type: 'ack', id: 1, data: { a: 1 } });
  });
});

describe('A failure in @OnConnect', () => {
  it.each([
    ['unauthorized', 'unauthorized', 4001],
    ['forbidden', 'forbidden', 4003],
    ['bad', 'validation_error', 4000],
    ['error', 'internal_error', 4104],
    ['busy', 'unavailable', 4100],
    ['own', 'out_of_stock', 4003],
  ])('%s is told as %s, then closes with %i', async (fail, errorType, code) => {
    const { app } = await open();
    for (const protocol of ['plain', 'v1'] as const) {
      const client = await app.connect(`/chat?fail=${fail}`, { protocol });
      expect(await client.next('error')).toMatchObject({ error_type: errorType });
      expect(await client.closed).toMatchObject({ code });
      expect(JSON.stringify(client.received)).not.toMatch(/secret (?!host)/);
    }
  });
});
