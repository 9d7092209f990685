import type { Server } from 'node:http';
import { Injectable, Module, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  Connection,
  HauynaGateway,
  HauynaModule,
  OnDisconnect,
  OnMessage,
  identifyByQuery,
  type DisconnectInfo,
} from '../../lib/index.js';
import { CollectingLogger, ManualClock, connectClient, type TestApp } from '../../lib/testing/index.js';
import { turns, until } from './support/until.js';
import { useApps } from './support/use-apps.js';

const log: string[] = [];

/** Something that finishes when it is told to. */
class Gate {
  private resolve: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.resolve = resolve));
  reached = false;

  open(): void {
    this.resolve();
  }

  async pass(): Promise<void> {
    this.reached = true;
    await this.opened;
  }
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly work = new Gate();
  readonly farewell = new Gate();

  constructor(private readonly channels: ChannelService) {}

  @OnMessage('work')
  async handle(): Promise<string> {
    await this.work.pass();
    await this.channels.broadcast('room', 'from the handler');
    return 'done';
  }

  @OnMessage('later')
  later(): string {
    log.push('later was handled');
    return 'later';
  }

  @OnDisconnect()
  async gone(client: Connection, { code, reason, clean }: DisconnectInfo): Promise<void> {
    if (client.query['slow'] !== undefined) await this.farewell.pass();
    log.push(`gone ${code} ${reason} ${String(clean)}`);
  }
}

@WebSocketGateway({ path: '/nest' })
class PlainGateway {
  readonly work = new Gate();

  @SubscribeMessage('work')
  async handle(@ConnectedSocket() _client: unknown): Promise<object> {
    await this.work.pass();
    return { event: 'done' };
  }

  handleDisconnect(): void {
    log.push('plain gone');
  }
}

@Injectable()
class Database implements OnModuleDestroy, OnApplicationShutdown {
  onModuleDestroy(): void {
    log.push('database: module destroyed');
  }

  onApplicationShutdown(): void {
    log.push('database: shut down');
  }
}

const start = useApps();
async function boot(
  clock = new ManualClock(),
): Promise<{ app: TestApp; clock: ManualClock; gateway: ChatGateway }> {
  log.length = 0;
  const app = await start({
    clock,
    providers: [ChatGateway, PlainGateway, Database],
    options: { identify: identifyByQuery('user_id'), drain: { timeout: 5000 } },
  });
  return { app, clock, gateway: app.get(ChatGateway) };
}

describe('app.close()', () => {
  it('tells every client to come back: a disconnect frame in v1, then 1012', async () => {
    const { app } = await boot();
    const [plain, v1] = await Promise.all([app.connect('/chat'), app.connect('/chat', { protocol: 'v1' })]);
    await app.app.close();
    expect(await plain.closed).toEqual({ code: 1012, reason: 'service restart' });
    expect(await v1.closed).toEqual({ code: 1012, reason: 'service restart' });
    expect(v1.received.at(-1)).toEqual({
      type: 'disconnect',
      code: 1012,
      reason: 'service restart',
      reconnect: true,
      retryAfter: expect.any(Number) as unknown,
    });
    expect(plain.received).toEqual([]);
    expect(log.filter((line) => line.startsWith('gone'))).toEqual([
      'gone 1012 service restart true',
      'gone 1012 service restart true',
    ]);
  });

  it('lets what is being handled finish, and its answer arrives before the goodbye', async () => {
    const { app, gateway } = await boot();
    const client = await app.connect('/chat');
    await client.request('subscribe_channel', { channel: 'room' });
    client.send({ type: 'work', id: 1 });
    await until(() => gateway.work.reached);
    const closed = app.app.close();
    await turns();
    expect(client.isOpen).toBe(true);
    gateway.work.open();
    await closed;
    expect((await client.closed).code).toBe(1012);
    expect(client.received).toContain('from the handler');
    expect(client.received).toContainEqual({ type: 'ack', id: 1, data: 'done' });
  });

  it('does so for plain Nest gateways too', async () => {
    const { app } = await boot();
    const client = await app.connect('/nest');
    client.send({ event: 'work' });
    const gateway = app.get(PlainGateway);
    await until(() => gateway.work.reached);
    const closed = app.app.close();
    await turns();
    gateway.work.open();
    await closed;
    expect(client.received).toEqual([{ event: 'done' }]);
    expect((await client.closed).code).toBe(1012);
    expect(log).toContain('plain gone');
  });

  it('refuses new upgrades with 503 while it goes on, those that are being identified too', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<null>((resolve) => (release = () => resolve(null)));
    const clock = new ManualClock();
    const app = await start({
      clock,
      providers: [ChatGateway],
      options: { identify: ({ query }) => (query['pending'] === undefined ? null : gate) },
    });
    const gateway = app.get(ChatGateway);
    const client = await app.connect('/chat');
    client.send({ type: 'work', id: 1 });
    await until(() => gateway.work.reached);
    const before = clock.pending;
    const pending = app.connect('/chat?pending=1').catch((error: unknown) => error);
    await until(() => clock.pending === before + 1);
    const closed = app.app.close();
    expect(await pending).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await app.connect('/chat').catch((error: unknown) => error)).toMatchObject({ status: 503 });
    const v1 = await connectClient(`${app.url}/chat`, { protocol: 'v1' });
    expect((await v1.closed).code).toBe(4100);
    release();
    gateway.work.open();
    await closed;
    expect(clock.pending).toBe(0);
  });

  it('reads nothing more: a message that comes meanwhile is not handled', async () => {
    const { app, gateway } = await boot();
    const [busy, late] = await Promise.all([app.connect('/chat'), app.connect('/chat')]);
    busy.send({ type: 'work', id: 1 });
    await until(() => gateway.work.reached);
    const closed = app.app.close();
    await turns();
    late.send({ type: 'later', id: 1 });
    await turns(20);
    gateway.work.open();
    await closed;
    expect(log).not.toContain('later was handled');
  });

  it('waits for an async @OnDisconnect', async () => {
    const { app, gateway } = await boot();
    await app.connect('/chat?slow=1');
    let ended = false;
    const closed = app.app.close().then(() => (ended = true));
    await until(() => gateway.farewell.reached);
    await turns(20);
    expect(ended).toBe(false);
    gateway.farewell.open();
    await closed;
    expect(log).toContain('gone 1012 service restart true');
  });

  it('is not held up for ever by a handler that never ends, nor by a client that never answers', async () => {
    const { app, clock, gateway } = await boot();
    const [busy, hung] = await Promise.all([
      app.connect('/chat?user_id=busy'),
      app.connect('/chat?user_id=hung'),
    ]);
    busy.send({ type: 'work', id: 1 });
    await until(() => gateway.work.reached);
    hung.pause();
    const closed = app.app.close();
    await turns(20);
    clock.advance(5000);
    await closed;
    hung.resume();
    await hung.closed;
    expect(log.filter((line) => line.startsWith('gone'))).toHaveLength(2);
    expect(app.logs.some(({ message }) => /of 2 connections had to be cut off/.test(String(message)))).toBe(
      true,
    );
    expect(clock.pending).toBe(0);
  });

  it('twice, at the same time or later, is harmless', async () => {
    const { app } = await boot();
    await app.connect('/chat');
    await Promise.all([app.app.close(), app.app.close()]);
    await app.app.close();
    expect(log.filter((line) => line.startsWith('gone'))).toHaveLength(1);
  });

  it('before listen() is harmless as well', async () => {
    const testing = await Test.createTestingModule({
      imports: [HauynaModule.forRoot()],
      providers: [ChatGateway],
    })
      .setLogger(new CollectingLogger())
      .compile();
    await testing.close();
  });

  it('takes our upgrade listener off the server', async () => {
    const { app } = await boot();
    const server = app.app.getHttpServer() as Server;
    expect(server.listenerCount('upgrade')).toBe(1);
    await app.app.close();
    expect(server.listenerCount('upgrade')).toBe(0);
  });
});

describe('The order of the end', () => {
  it('clients are gone before deeper modules are destroyed, so a handler still has its database', async () => {
    log.length = 0;
    @Module({ providers: [Database], exports: [Database] })
    class DatabaseModule {}
    @Module({ imports: [DatabaseModule], providers: [ChatGateway] })
    class ChatModule {}
    @Module({ imports: [ChatModule, HauynaModule.forRoot()] })
    class AppModule {}
    const app = await start({ module: AppModule });
    await app.connect('/chat');
    await app.app.close();
    expect(log).toEqual([
      'gone 1012 service restart true',
      'database: module destroyed',
      'database: shut down',
    ]);
  });

  it('onApplicationShutdown comes last whatever the modules look like', async () => {
    const { app } = await boot();
    await app.connect('/chat');
    await app.app.close();
    expect(log.at(-1)).toBe('database: shut down');
    expect(log.indexOf('gone 1012 service restart true')).toBeLessThan(log.indexOf('database: shut down'));
  });
});

it('many connections all get their goodbye', async () => {
  const { app } = await boot();
  const clients = await Promise.all(Array.from({ length: 600 }, () => app.connect('/chat')));
  await app.app.close();
  const codes = await Promise.all(clients.map(async (client) => (await client.closed).code));
  expect(new Set(codes)).toEqual(new Set([1012]));
}, 30_000);
