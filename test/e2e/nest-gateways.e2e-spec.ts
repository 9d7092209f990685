import type { INestApplication } from '@nestjs/common';
import { UseFilters, UseGuards, UseInterceptors, ValidationPipe, UsePipes } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
} from '@nestjs/websockets';
import { IsString } from 'class-validator';
import { type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import { EMPTY, Observable, concat, from, map, of, throwError } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket, WebSocketServer as Server } from 'ws';
import { HauynaGateway, HauynaWsAdapter, OnMessage } from '../../lib/index.js';
import { CollectingLogger, connectClient, createTestApp, type TestClient } from '../../lib/testing/index.js';
import { until } from './support/until.js';

class SayDto {
  @IsString()
  text: string;
}

/** As written for Nest, without a word of this library. */
@WebSocketGateway({ path: '/nest' })
class PlainGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  @WebSocketServer() server: Server;
  readonly hooks: string[] = [];
  arguments: unknown[] = [];

  afterInit(server: Server): void {
    this.hooks.push(`init ${typeof server.emit} ${server === this.server}`);
  }

  handleConnection(client: WebSocket, request: IncomingMessage): void {
    this.hooks.push(`connected ${String(request.url)} ${client.readyState}`);
  }

  handleDisconnect(client: WebSocket): void {
    this.hooks.push(`gone ${client.readyState}`);
  }

  @SubscribeMessage('event')
  event(@MessageBody() data: unknown): object {
    return { event: 'answer', data };
  }

  @SubscribeMessage('bare')
  bare(_client: WebSocket, data: unknown): unknown {
    return data;
  }

  @SubscribeMessage('async')
  async later(@MessageBody('n') n: number): Promise<object> {
    await Promise.resolve();
    return { event: 'later', data: n + 1 };
  }

  @SubscribeMessage('stream')
  stream(): Observable<object> {
    return from([1, 2, 3]).pipe(map((n) => ({ event: 'n', data: n })));
  }

  @SubscribeMessage('stream_then_fail')
  streamThenFail(): Observable<object> {
    return concat(
      of({ event: 'n', data: 1 }),
      throwError(() => new WsException('enough')),
    );
  }

  @SubscribeMessage('empty')
  empty(): Observable<object> {
    return EMPTY;
  }

  @SubscribeMessage('nothing')
  nothing(): void {}

  @SubscribeMessage('manual')
  manual(@ConnectedSocket() client: WebSocket): void {
    client.send(JSON.stringify({ event: 'manual', data: client.readyState }));
  }

  @SubscribeMessage('broadcast')
  broadcast(@MessageBody() data: unknown): void {
    for (const client of this.server.clients) client.send(JSON.stringify({ event: 'all', data }));
  }

  @SubscribeMessage('ws_exception')
  wsException(): never {
    throw new WsException('not now');
  }

  @SubscribeMessage('ws_object')
  wsObject(): never {
    throw new WsException({ code: 7 });
  }

  @SubscribeMessage('error')
  error(): never {
    throw new Error('secret');
  }

  @UseGuards({ canActivate: () => false })
  @SubscribeMessage('guarded')
  guarded(): string {
    return 'in';
  }

  @UseInterceptors({
    intercept: (_context, next) => next.handle().pipe(map((data: unknown) => ({ event: 'wrapped', data }))),
  })
  @SubscribeMessage('intercepted')
  intercepted(): number {
    return 7;
  }

  @UsePipes(new ValidationPipe({ exceptionFactory: () => new WsException('invalid') }))
  @SubscribeMessage('validated')
  validated(@MessageBody() dto: SayDto): object {
    return { event: 'valid', data: dto.text };
  }

  @UseFilters({
    catch: (error: Error, host) => {
      host
        .switchToWs()
        .getClient<WebSocket>()
        .send(JSON.stringify({ event: 'filtered', data: error.message }));
    },
  })
  @SubscribeMessage('filtered')
  filtered(): never {
    throw new Error('for the filter');
  }
}

type Script = (client: TestClient, other: TestClient) => Promise<unknown>;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function connect(url: string): Promise<TestClient> {
  const client = await connectClient(url);
  closers.push(() => client.terminate());
  return client;
}

async function onStock(): Promise<{ app: INestApplication; url: string }> {
  const testing = await Test.createTestingModule({ providers: [PlainGateway] })
    .setLogger(new CollectingLogger())
    .compile();
  const app = testing.createNestApplication();
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  closers.push(() => app.close());
  return { app, url: `ws://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}/nest` };
}

async function onOurs(): Promise<{ app: INestApplication; url: string }> {
  const { app, url } = await createTestApp({ providers: [PlainGateway] });
  closers.push(() => app.close());
  return { app, url: `${url}/nest` };
}

async function run(url: string, script: Script): Promise<unknown> {
  return script(await connect(url), await connect(url));
}

const ask =
  (event: string, data?: unknown, frames = 1): Script =>
  async (client) => {
    client.send({ event, data });
    const answers: unknown[] = [];
    for (let n = 0; n < frames; n++) answers.push(await client.next());
    // Whatever else came would come before this.
    client.send({ event: 'event', data: 'last' });
    answers.push(await client.next());
    return answers;
  };

describe('A plain @WebSocketGateway does on our adapter what it does on WsAdapter', () => {
  it.each<[string, Script]>([
    ['{event, data} returned is sent', ask('event', { a: [1, null, 'x'] })],
    ['data of any kind arrives', ask('event', 'text')],
    ['no data arrives as nothing', ask('event')],
    ['a bare value is sent as it is', ask('bare', { any: 'thing' })],
    ['0 and "" and false are sent too', ask('bare', 0)],
    ['null is not sent', ask('bare', null, 0)],
    ['a promise is awaited', ask('async', { n: 1 })],
    ['an Observable is a stream of frames', ask('stream', undefined, 3)],
    ['an Observable that fails says so after its values', ask('stream_then_fail', undefined, 2)],
    ['an empty Observable sends nothing', ask('empty', 1, 0)],
    ['nothing returned sends nothing', ask('nothing', 1, 0)],
    ['the client is a ws WebSocket and can be written to', ask('manual')],
    ['WsException is an exception event with its cause', ask('ws_exception', { q: 1 })],
    ['WsException with an object is sent as that object', ask('ws_object')],
    ['an unknown error is "Internal server error"', ask('error', 'd')],
    ['a guard refuses', ask('guarded')],
    ['an interceptor changes the answer', ask('intercepted')],
    ['a pipe lets pass', ask('validated', { text: 'a' })],
    ['a pipe refuses', ask('validated', { text: 7 })],
    ['a filter speaks', ask('filtered')],
    ['a message nobody handles is dropped in silence', ask('unknown', 1, 0)],
    [
      'server.clients reaches everybody',
      async (client, other) => {
        client.send({ event: 'broadcast', data: 'hola' });
        return [await client.next(), await other.next()];
      },
    ],
  ])('%s', async (_, script) => {
    const [stock, ours] = [await onStock(), await onOurs()];
    const expected = await run(stock.url, script);
    expect(await run(ours.url, script)).toEqual(expected);
    expect(expected).toBeDefined();
  });

  it('its hooks are called in the same order with the same arguments', async () => {
    const hooks: string[][] = [];
    for (const { app, url } of [await onStock(), await onOurs()]) {
      const client = await connect(`${url}?a=1`);
      const gateway = app.get(PlainGateway);
      await until(() => gateway.hooks.length === 2);
      await client.close();
      await until(() => gateway.hooks.length === 3);
      hooks.push(gateway.hooks);
    }
    expect(hooks[1]).toEqual(hooks[0]);
    expect(hooks[1]).toEqual(['init function true', 'connected /nest?a=1 1', 'gone 3']);
  });

  it('a message parser decides what a message is, binary ones included; nothing drops it', async () => {
    const parser = (data: { toString(): string }): { event: string; data: unknown } | undefined => {
      const [event = '', text] = data.toString().split(' ');
      return event === 'drop' ? undefined : { event, data: text };
    };
    const results: unknown[] = [];
    for (const { app, url } of [await onStock(), await onOurs()]) {
      const adapter =
        app instanceof Object && 'config' in app
          ? (app as unknown as { config: { getIoAdapter(): WsAdapter } }).config.getIoAdapter()
          : null;
      adapter?.setMessageParser(parser as never);
      const client = await connect(url);
      client.sendRaw('drop this');
      client.sendRaw('event hola');
      results.push(await client.next());
      client.sendRaw(Buffer.from('event binary'));
      results.push(await client.next());
    }
    expect(results.slice(2)).toEqual(results.slice(0, 2));
    expect(results.slice(2)).toEqual([
      { event: 'answer', data: 'hola' },
      { event: 'answer', data: 'binary' },
    ]);
  });
});

describe('What a plain gateway gains', () => {
  it('a request with an id gets exactly one answer, success or not', async () => {
    const { url } = await onOurs();
    const client = await connect(url);
    client.send({ event: 'event', data: 1, id: 'a' });
    expect(await client.next({ id: 'a' })).toEqual({
      type: 'ack',
      id: 'a',
      data: { event: 'answer', data: 1 },
    });
    client.send({ event: 'nothing', id: 'b' });
    expect(await client.next({ id: 'b' })).toEqual({ type: 'ack', id: 'b' });
    client.send({ event: 'empty', id: 'e' });
    expect(await client.next({ id: 'e' })).toEqual({ type: 'ack', id: 'e' });
    client.send({ event: 'unknown', id: 'c' });
    expect(await client.next((frame) => JSON.stringify(frame).includes('"c"'))).toMatchObject({
      event: 'exception',
      data: { id: 'c', error_type: 'unknown_type' },
    });
    client.send({ event: 'error', id: 'd' });
    expect(await client.next((frame) => JSON.stringify(frame).includes('"d"'))).toMatchObject({
      event: 'exception',
      data: { id: 'd', error_type: 'internal_error' },
    });
  });

  it('a stream that goes on is not taken for failed because another message failed', async () => {
    let finish: () => void = () => undefined;
    @WebSocketGateway({ path: '/nest' })
    class StreamGateway {
      @SubscribeMessage('slow')
      slow(): Observable<object> {
        return new Observable((out) => {
          finish = () => {
            out.next({ event: 'n', data: 1 });
            out.complete();
          };
        });
      }

      @SubscribeMessage('fail')
      fail(): never {
        throw new WsException('no');
      }
    }
    const { app, url } = await createTestApp({ providers: [StreamGateway] });
    closers.push(() => app.close());
    const client = await connect(`${url}/nest`);
    client.send({ event: 'slow', id: 'slow' });
    client.send({ event: 'fail' });
    expect(await client.next('exception')).toMatchObject({ data: { message: 'no' } });
    finish();
    expect(await client.next({ id: 'slow' })).toEqual({
      type: 'ack',
      id: 'slow',
      data: { event: 'n', data: 1 },
    });
  });

  it('handleConnection that fails ends the connection, not the process; handleDisconnect too', async () => {
    @WebSocketGateway({ path: '/nest' })
    class FailingGateway implements OnGatewayConnection, OnGatewayDisconnect {
      handleConnection(_client: WebSocket, request: IncomingMessage): void | Promise<void> {
        if (request.url?.includes('sync') === true) throw new Error('sync');
        if (request.url?.includes('async') === true) return Promise.reject(new Error('async'));
      }

      async handleDisconnect(): Promise<void> {
        await Promise.reject(new Error('gone'));
      }
    }
    const testApp = await createTestApp({ providers: [FailingGateway] });
    closers.push(() => testApp.close());
    for (const how of ['sync', 'async']) {
      const client = await testApp.connect(`/nest?${how}`);
      expect(await client.closed).toMatchObject({ code: 4104 });
    }
    const fine = await testApp.connect('/nest');
    await fine.close();
    await until(
      () =>
        testApp.logs.filter(({ message }) => String(message).endsWith('handleDisconnect failed')).length ===
        3,
    );
    expect(
      testApp.logs.filter(({ message }) => message === 'FailingGateway.handleConnection failed'),
    ).toHaveLength(2);
  });

  it('an async handleConnection is finished before the first message is handled', async () => {
    let ready: () => void = () => undefined;
    const order: string[] = [];
    @WebSocketGateway({ path: '/nest' })
    class SlowGateway implements OnGatewayConnection {
      async handleConnection(): Promise<void> {
        await new Promise<void>((resolve) => (ready = resolve));
        order.push('ready');
      }

      @SubscribeMessage('say')
      say(): object {
        order.push('say');
        return { event: 'said' };
      }
    }
    const { app, url } = await createTestApp({ providers: [SlowGateway] });
    closers.push(() => app.close());
    const client = await connect(`${url}/nest`);
    client.send({ event: 'say' });
    await client.ping();
    expect(order).toEqual([]);
    ready();
    await client.next('said');
    expect(order).toEqual(['ready', 'say']);
  });

  it('shares its path with a @HauynaGateway: one connection, both sets of messages', async () => {
    @HauynaGateway({ path: '/nest' })
    class OurGateway {
      @OnMessage('ours')
      ours(): string {
        return 'ours';
      }
    }
    const testApp = await createTestApp({ providers: [PlainGateway, OurGateway] });
    closers.push(() => testApp.close());
    const client = await testApp.connect('/nest');
    expect(await client.request('ours')).toBe('ours');
    client.send({ event: 'event', data: 1 });
    expect(await client.next('answer')).toEqual({ event: 'answer', data: 1 });
    expect(await client.request('subscribe_channel', { channel: 'a' })).toMatchObject({ channel: 'a' });
  });
});

it('the adapter is a WsAdapter, as packages that look for one expect', async () => {
  const testApp = await createTestApp({ providers: [PlainGateway] });
  closers.push(() => testApp.close());
  expect(testApp.get(HauynaWsAdapter)).toBeInstanceOf(WsAdapter);
});

it('a namespace, which plain WebSockets do not have, fails the boot and says what to use', async () => {
  @WebSocketGateway({ namespace: 'chat' })
  class NamespaceGateway {}
  await expect(createTestApp({ providers: [NamespaceGateway] })).rejects.toThrow(
    /Plain WebSockets have no namespaces\. Give the gateway a path instead of the namespace '\/?chat'/,
  );
});
