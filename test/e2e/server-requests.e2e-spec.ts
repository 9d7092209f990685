import { Injectable } from '@nestjs/common';
import { ConnectedSocket } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient, HauynaClientError } from '../../lib/client/index.js';
import {
  ConnectionService,
  HauynaGateway,
  OnMessage,
  type Connection,
  type HauynaModuleOptions,
} from '../../lib/index.js';
import { ManualClock, type TestApp } from '../../lib/testing/index.js';
import { start, until } from './start.js';
import { arrive } from './support/arrive.js';

@Injectable()
class Log {
  readonly entries: string[] = [];
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  constructor(
    private readonly connections: ConnectionService,
    private readonly log: Log,
  ) {}

  /** Its turn ends only when the client has answered. */
  @OnMessage('pay')
  async pay(@ConnectedSocket() client: Connection): Promise<unknown> {
    return { confirmed: await this.connections.request(client.id, 'confirm', { amount: 5 }) };
  }

  @OnMessage('note', { validate: false })
  note(): string {
    this.log.entries.push('note');
    return 'noted';
  }
}

function begin(options: HauynaModuleOptions = {}): Promise<TestApp> {
  return start({
    providers: [Log, ChatGateway],
    clock: new ManualClock(),
    options: { heartbeat: false, ...options },
  });
}

interface Question {
  type: 'request';
  id: string;
  event: string;
  data: unknown;
}

const asking = (app: TestApp): ConnectionService => app.get(ConnectionService);
/** The error a promise ends with, so that nothing is left unhandled meanwhile. */
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );

describe('a question of the server', () => {
  it('is answered by the client with data', async () => {
    const app = await begin();
    const { client, welcome } = await arrive(app, '/chat');
    const answer = asking(app).request(welcome.connectionId, 'status', { full: true });
    const question = await client.next<Question>('request');
    expect(question).toEqual({
      type: 'request',
      id: expect.any(String),
      event: 'status',
      data: { full: true },
    });
    client.send({ type: 'response', id: question.id, data: { battery: 7 } });
    expect(await answer).toEqual({ battery: 7 });
  });

  it('is answered with an error: its type and text reach whoever asked, and nothing more', async () => {
    const app = await begin();
    const { client, welcome } = await arrive(app, '/chat');
    const ask = async (error: unknown): Promise<unknown> => {
      const failed = failure(asking(app).request(welcome.connectionId, 'status'));
      const { id } = await client.next<Question>('request');
      client.send({ type: 'response', id, error });
      return failed;
    };
    expect(await ask({ error_type: 'busy', message: 'Not now.', stack: 'x' })).toMatchObject({
      type: 'busy',
      message: 'Not now.',
      retryable: false,
    });
    expect(await ask({ error_type: 7 })).toMatchObject({
      type: 'internal_error',
      message: 'The client refused.',
    });
    const long = (await ask({ error_type: 'busy', message: 'x'.repeat(5000) })) as Error;
    expect(long.message).toHaveLength(1000);
  });

  it('that nobody answers ends with timeout, after 10 s or the time given; a late answer is dropped', async () => {
    const app = await begin();
    const { client, welcome } = await arrive(app, '/chat');
    const failed = failure(asking(app).request(welcome.connectionId, 'status'));
    const { id } = await client.next<Question>('request');
    app.clock?.advance(9999);
    client.send({ type: 'response', id: 'something else', data: 1 });
    await client.fence();
    app.clock?.advance(1);
    expect(await failed).toMatchObject({ type: 'timeout' });
    client.send({ type: 'response', id, data: 1 });
    const short = failure(asking(app).request(welcome.connectionId, 'status', {}, { timeout: 50 }));
    app.clock?.advance(50);
    expect(await short).toMatchObject({ type: 'timeout' });
    await client.expectNone('error');
  });

  it('ends with unavailable when the connection ends', async () => {
    const app = await begin();
    const { client, welcome } = await arrive(app, '/chat');
    const failed = failure(asking(app).request(welcome.connectionId, 'status'));
    await client.next('request');
    await client.terminate();
    expect(await failed).toMatchObject({ type: 'unavailable' });
    expect(await failure(asking(app).request(welcome.connectionId, 'status'))).toMatchObject({
      type: 'unavailable',
    });
    expect(await failure(asking(app).request('nobody', 'status'))).toMatchObject({ type: 'unavailable' });
  });

  it('cannot be put to a plain client: unavailable, and it is sent nothing', async () => {
    const app = await begin();
    const plain = await app.connect('/chat');
    const [connection] = await asking(app).list();
    expect(await failure(asking(app).request(connection?.id ?? '', 'status'))).toMatchObject({
      type: 'unavailable',
    });
    await plain.expectNone();
  });

  it('has to be one: name, data and timeout are checked', async () => {
    const app = await begin();
    const { client, welcome } = await arrive(app, '/chat');
    const ask = (event: string, data?: unknown, timeout?: number): Promise<unknown> =>
      failure(
        asking(app).request(welcome.connectionId, event, data, timeout === undefined ? {} : { timeout }),
      );
    const wrong = [ask(''), ask('x', 1n), ask('x', 1, 0), ask('x', 1, Infinity), ask('x', 1, Number.NaN)];
    for (const error of await Promise.all(wrong)) expect(error).toMatchObject({ type: 'validation_error' });
    await client.expectNone('request');
  });

  it('is one of at most 1000 that one client may owe an answer to', async () => {
    const app = await begin({ limits: { outboxMessages: 5000 } });
    const { client, welcome } = await arrive(app, '/chat');
    const all = Array.from({ length: 1000 }, () =>
      failure(asking(app).request(welcome.connectionId, 'status')),
    );
    expect(await failure(asking(app).request(welcome.connectionId, 'status'))).toMatchObject({
      type: 'limit_exceeded',
    });
    await client.terminate();
    for (const error of await Promise.all(all)) expect(error).toMatchObject({ type: 'unavailable' });
    await app.close();
    expect((app.clock as ManualClock).pending).toBe(0);
  });

  it('can only be answered by who was asked', async () => {
    const app = await begin();
    const { client: ana, welcome } = await arrive(app, '/chat?user_id=ana');
    const { client: eve } = await arrive(app, '/chat?user_id=eve');
    const answer = asking(app).request(welcome.connectionId, 'status');
    const { id } = await ana.next<Question>('request');
    eve.send({ type: 'response', id, data: 'forged' });
    await eve.fence();
    ana.send({ type: 'response', id, data: 'true' });
    expect(await answer).toBe('true');
  });
});

describe('a handler that asks its own client', () => {
  it('gets the answer although other messages of the client wait for their turn', async () => {
    const app = await begin();
    const { client } = await arrive(app, '/chat');
    client.send({ type: 'pay', id: 1 });
    client.send({ type: 'note', id: 2 });
    const { id } = await client.next<Question>('request');
    await client.ping();
    expect(app.get(Log).entries).toEqual([]);
    client.send({ type: 'response', id, data: true });
    expect(await client.next({ type: 'ack', id: 1 })).toMatchObject({ data: { confirmed: true } });
    expect(await client.next({ type: 'ack', id: 2 })).toMatchObject({ data: 'noted' });
  });

  it('gets the answer although so many wait that no more would be read; those too many are told', async () => {
    const app = await begin({ limits: { inFlight: 4 } });
    const { client } = await arrive(app, '/chat');
    client.send({ type: 'pay', id: 'pay' });
    for (let id = 0; id < 10; id++) client.send({ type: 'note', id });
    const { id } = await client.next<Question>('request');
    client.send({ type: 'response', id, data: true });
    expect(await client.next({ id: 'pay' })).toMatchObject({ data: { confirmed: true } });
    const answers = [];
    for (let note = 0; note < 10; note++) answers.push((await client.next({ id: note }))['type']);
    expect(answers.filter((type) => type === 'ack').length).toBeGreaterThanOrEqual(4);
    expect(answers).toHaveLength(10);
  });

  it('gets the answer when the socket had been paused before the question', async () => {
    const app = await begin({ limits: { inFlight: 4 } });
    const { client, welcome } = await arrive(app, '/chat');
    // A first question keeps the handler busy; the second one is asked from outside while everything is full.
    client.send({ type: 'pay', id: 'pay' });
    const first = await client.next<Question>('request');
    for (let id = 0; id < 6; id++) client.send({ type: 'note', id });
    await client.ping();
    const outside = asking(app).request(welcome.connectionId, 'status');
    const second = await client.next<Question>('request');
    client.send({ type: 'response', id: second.id, data: 'fine' });
    expect(await outside).toBe('fine');
    client.send({ type: 'response', id: first.id, data: true });
    expect(await client.next({ id: 'pay' })).toMatchObject({ type: 'ack' });
  });

  it('gets the answer while the application is being closed', async () => {
    const app = await begin();
    const { client } = await arrive(app, '/chat');
    client.send({ type: 'pay', id: 1 });
    const { id } = await client.next<Question>('request');
    const closed = app.app.close();
    client.send({ type: 'note', id: 2 });
    client.send({ type: 'response', id, data: true });
    expect(await client.next({ id: 1 })).toMatchObject({ type: 'ack', data: { confirmed: true } });
    expect(await client.closed).toMatchObject({ code: 1012 });
    await closed;
    expect(app.get(Log).entries).toEqual([]);
  });
});

describe('createClient', () => {
  it('answers with handle(): data, its own errors, and unknown_type where nobody is at home', async () => {
    const app = await begin();
    const client = createClient(`${app.url}/chat`, { WebSocket: WebSocket as never });
    client.handle('add', (data) => (data as number[]).reduce((sum, value) => sum + value, 0));
    client.handle('fail', () => {
      throw new HauynaClientError('busy', 'Not now.');
    });
    await client.connect();
    await until(() => client.connectionId !== undefined);
    const ask = (event: string, data?: unknown): Promise<unknown> =>
      failure(asking(app).request(client.connectionId ?? '', event, data));
    expect(await ask('add', [1, 2, 3])).toEqual({ value: 6 });
    expect(await ask('fail')).toMatchObject({ type: 'busy', message: 'Not now.' });
    expect(await ask('nothing')).toMatchObject({ type: 'unknown_type' });
    client.close();
  });
});
