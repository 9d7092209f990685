import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { EMPTY, NEVER, Observable, Subject, concat, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Connection, HauynaError, HauynaGateway, OnMessage } from '../../lib/index.js';
import { type TestApp, type TestClient } from '../../lib/testing/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly ticks = new Subject<number>();
  open = 0;
  returned = 0;

  @OnMessage('count', { validate: false, stream: true })
  count(@MessageBody('to') to: number): Observable<number> {
    return of(...Array.from({ length: to }, (_, n) => n + 1));
  }

  @OnMessage('generate', { stream: true })
  async *generate(): AsyncIterable<object> {
    try {
      for (let n = 1; n <= 3; n++) {
        await Promise.resolve();
        yield { n };
      }
    } finally {
      this.returned++;
    }
  }

  @OnMessage('ticks', { stream: true })
  watch(): Observable<number> {
    return new Observable((out) => {
      this.open++;
      const inner = this.ticks.subscribe(out);
      return () => {
        this.open--;
        inner.unsubscribe();
      };
    });
  }

  @OnMessage('endless_generator', { stream: true })
  async *endless(): AsyncIterable<number> {
    try {
      for (let n = 1; ; n++) {
        yield n;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.returned++;
    }
  }

  @OnMessage('breaks', { stream: true })
  breaks(): Observable<number> {
    return concat(
      of(1),
      throwError(() => new HauynaError('conflict', 'No more.')),
    );
  }

  @OnMessage('breaks_generator', { stream: true })
  async *breaksGenerator(): AsyncIterable<number> {
    yield 1;
    await Promise.resolve();
    throw new Error('secret');
  }

  @OnMessage('refuses', { stream: true })
  refuses(): Observable<number> {
    throw new HauynaError('forbidden', 'Not for you.');
  }

  @OnMessage('single', { stream: true })
  single(): string {
    return 'only one';
  }

  @OnMessage('empty', { stream: true })
  empty(): Observable<never> {
    return EMPTY;
  }

  @OnMessage('never', { stream: true })
  never(): Observable<never> {
    return NEVER;
  }

  @OnMessage('bad_item', { stream: true })
  badItem(): Observable<unknown> {
    return of(1n, 2);
  }

  @OnMessage('hang')
  hang(@ConnectedSocket() _client: Connection): Observable<never> {
    return NEVER;
  }

  @OnMessage('echo')
  echo(): string {
    return 'echo';
  }
}

const start = useApps();
async function open(inFlight = 32): Promise<{ app: TestApp; client: TestClient; gateway: ChatGateway }> {
  const app = await start({ providers: [ChatGateway], options: { limits: { inFlight } } });
  return { app, client: await app.connect('/chat'), gateway: app.get(ChatGateway) };
}

const item = (id: unknown, data: unknown): object => ({ type: 'item', id, data });

describe('A method with { stream: true }', () => {
  it('sends every item as it comes, and an ack at the end', async () => {
    const { client } = await open();
    client.send({ type: 'count', to: 3, id: 1 });
    await client.next('ack').then((ack) => expect(ack).toEqual({ type: 'ack', id: 1 }));
    expect(client.frames).toEqual([item(1, 1), item(1, 2), item(1, 3)]);
  });

  it('sends the items bare when the message had no id', async () => {
    const { client } = await open();
    client.send({ type: 'count', to: 2 });
    await client.fence();
    expect(client.frames).toEqual([1, 2]);
  });

  it('may be an async generator', async () => {
    const { client, gateway } = await open();
    client.send({ type: 'generate', id: 'g' });
    await client.next('ack');
    expect(client.frames).toEqual([item('g', { n: 1 }), item('g', { n: 2 }), item('g', { n: 3 })]);
    expect(gateway.returned).toBe(1);
  });

  it('with one value or none is a stream of one item or none', async () => {
    const { client } = await open();
    client.send({ type: 'single', id: 1 });
    await client.next('ack');
    expect(client.frames).toEqual([item(1, 'only one')]);
    await client.next('item');
    client.send({ type: 'empty', id: 2 });
    expect(await client.next()).toEqual({ type: 'ack', id: 2 });
  });

  it.each(['breaks', 'breaks_generator'])('that %s ends with one error after its items', async (type) => {
    const { client } = await open();
    client.send({ type, id: 1 });
    const error = await client.next('error');
    expect(error).toMatchObject({ id: 1 });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(client.frames).toEqual([item(1, 1)]);
    await client.expectNone('ack');
  });

  it('that refuses is one error and no item', async () => {
    const { client } = await open();
    await expect(client.request('refuses')).rejects.toMatchObject({ error_type: 'forbidden' });
    await client.expectNone();
  });

  it('does not hold up the messages behind it', async () => {
    const { client, gateway } = await open();
    client.send({ type: 'ticks', id: 't' });
    expect(await client.request('echo')).toBe('echo');
    gateway.ticks.next(1);
    expect(await client.next('item')).toEqual(item('t', 1));
    gateway.ticks.complete();
    expect(await client.next('ack')).toEqual({ type: 'ack', id: 't' });
  });

  it('ends with the connection: Observables are unsubscribed, generators returned', async () => {
    const { client, gateway } = await open();
    client.send({ type: 'ticks', id: 1 });
    client.send({ type: 'endless_generator', id: 2 });
    await client.next(item(2, 3));
    expect(gateway.open).toBe(1);
    await client.close();
    await until(() => gateway.open === 0);
    await until(() => gateway.returned === 1, 'the generator was returned');
  });

  it('with an item that has no JSON form says so for that request', async () => {
    const { client } = await open();
    client.send({ type: 'bad_item', id: 1 });
    await client.fence();
    expect(client.frames.filter((frame) => (frame as { type: string }).type === 'error')).toHaveLength(1);
    expect(
      client.frames.filter((frame) => ['ack', 'error'].includes((frame as { type: string }).type)),
    ).toHaveLength(1);
  });

  it('may be under way only so often at a time', async () => {
    const { client } = await open(3);
    for (let n = 0; n < 3; n++) client.send({ type: 'never', id: n });
    await expect(client.request('never')).rejects.toMatchObject({
      error_type: 'limit_exceeded',
      message: expect.stringContaining('streams are open') as string,
    });
    expect(await client.request('echo')).toBe('echo');
  });
});

it('a method that never ends is let go with its connection', async () => {
  const { app, client } = await open();
  client.send({ type: 'hang', id: 1 });
  await client.ping();
  await client.terminate();
  await app.close();
});
