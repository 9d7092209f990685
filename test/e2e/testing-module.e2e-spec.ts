import { Injectable, Logger, Module, UnauthorizedException } from '@nestjs/common';
import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ChannelService,
  Connection,
  HauynaError,
  HauynaGateway,
  HauynaModule,
  OnMessage,
  identifyByQuery,
  type HauynaOptions,
} from '../../lib/index.js';
import {
  ManualClock,
  SequentialIdSource,
  UpgradeError,
  connectClient,
  createTestApp,
  type TestApp,
  type TestAppOptions,
} from '../../lib/testing/index.js';

@Injectable()
class Greeter {
  greet(name: string): string {
    return `Hola ${name}`;
  }
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  private readonly logger = new Logger('ChatGateway');

  constructor(private readonly greeter: Greeter) {}

  @OnMessage('greet', { validate: false })
  greet(@MessageBody('name') name: unknown): object {
    return { greeting: this.greeter.greet(String(name)) };
  }

  @OnMessage('slow', { validate: false })
  async slow(@ConnectedSocket() client: Connection): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    client.send({ type: 'slow_done' });
  }

  @OnMessage('fail', { validate: false })
  fail(): void {
    this.logger.warn('about to fail');
    throw new HauynaError('conflict', 'The seat is taken.', { details: { seat: 7 } });
  }
}

const apps: TestApp[] = [];

async function start(more: TestAppOptions = {}): Promise<TestApp> {
  const app = await createTestApp({
    providers: [ChatGateway, Greeter],
    options: { identify: identifyByQuery('user_id') },
    ...more,
  });
  apps.push(app);
  return app;
}

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

describe.each(['express', 'fastify'] as const)('createTestApp on %s', (platform) => {
  it('serves plain clients, who get payloads bare', async () => {
    const app = await start({ platform });
    const client = await app.connect('/chat', { query: { user_id: 'user1' } });
    await client.request('subscribe_channel', { channel: 'room1' });
    await app.get(ChannelService).broadcast('room1', { text: 'Hola canal!' });
    expect(await client.next({ text: 'Hola canal!' })).toEqual({ text: 'Hola canal!' });
  });

  it('serves v1 clients, whose first frame is the welcome', async () => {
    const app = await start({ platform, ids: new SequentialIdSource('connection') });
    const client = await app.connect('/chat?user_id=user1', { protocol: 'v1' });
    expect(client.protocol).toBe('hauyna.v1.json');
    expect(await client.next()).toMatchObject({
      type: 'welcome',
      user: 'user1',
      connectionId: 'connection-1',
    });
  });

  it('answers plain HTTP on the same port', async () => {
    const app = await start({ platform });
    expect((await fetch(`${app.httpUrl}/nothing`)).status).toBe(404);
  });
});

describe('TestClient', () => {
  it('a request resolves with the data of its answer', async () => {
    const client = await (await start()).connect('/chat');
    expect(await client.request('greet', { name: 'Ana' })).toEqual({ greeting: 'Hola Ana' });
    expect(client.frames).toEqual([]);
    expect(client.received).toHaveLength(1);
  });

  it('a request that fails rejects with the fields of the error frame', async () => {
    const client = await (await start()).connect('/chat');
    await expect(client.request('fail')).rejects.toMatchObject({
      error_type: 'conflict',
      message: 'The seat is taken.',
      details: { seat: 7 },
      retryable: false,
      frame: { type: 'error' },
    });
  });

  it('a refused upgrade rejects with status, body and headers', async () => {
    const options: HauynaOptions = {
      identify: () => {
        throw new UnauthorizedException('No ticket.');
      },
    };
    const app = await start({ options });
    const error: unknown = await app.connect('/chat').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UpgradeError);
    expect(error).toMatchObject({
      status: 401,
      body: { message: 'No ticket.' },
      headers: { 'content-type': expect.stringContaining('application/json') as unknown },
    });
  });

  it('a fence waits for handlers that take their time', async () => {
    const client = await (await start()).connect('/chat');
    client.send({ type: 'slow' });
    client.send({ type: 'slow' });
    await client.fence();
    expect(client.frames).toEqual([{ type: 'slow_done' }, { type: 'slow_done' }]);
  });

  it('any number of fences does no harm', async () => {
    const client = await (await start()).connect('/chat');
    for (let n = 0; n < 30; n++) await client.fence();
    expect(client.isOpen).toBe(true);
    expect(client.frames).toEqual([]);
  });

  it('expectNone fails when the frame came, whatever came with it', async () => {
    const app = await start();
    const [alice, bob] = await Promise.all([
      app.connect('/chat?user_id=alice'),
      app.connect('/chat?user_id=bob'),
    ]);
    alice.send({ type: 'broadcast', message: { type: 'news' } });
    await bob.expectNone('weather', { after: alice });
    await expect(bob.expectNone('news')).rejects.toThrow(/not to receive a "news" frame[^]*"type":"news"/);
    expect(await bob.next('news')).toEqual({ type: 'news' });
    await bob.expectNone();
  });

  it('a wait says what came instead', async () => {
    const client = await (await start()).connect('/chat');
    client.send({ type: 'nobody_knows_this' });
    await client.next('error').then((frame) => expect(frame).toMatchObject({ error_type: 'unknown_type' }));
    client.sendRaw('not json');
    await client.fence();
    await expect(client.next('ack', 5)).rejects.toThrow('parse_error');
  });

  it('knows how the connection ended, and ends every wait with it', async () => {
    const client = await (await start()).connect('/chat');
    const waiting = client.next('never', 60_000);
    client.sendRaw(Buffer.from([1, 2, 3]));
    await expect(waiting).rejects.toThrow('closed with 1003');
    expect(await client.closed).toEqual({ code: 1003, reason: 'send text' });
  });

  it('pings, and can leave without a word', async () => {
    const client = await (await start()).connect('/chat');
    await client.ping('hello');
    expect(await client.terminate()).toMatchObject({ code: 1006 });
  });

  it('can play dead: without pongs the server gives it up when the clock says so', async () => {
    const clock = new ManualClock();
    const app = await start({ clock, options: { heartbeat: { interval: 1000, timeout: 3000 } } });
    const [dead, alive] = await Promise.all([
      app.connect('/chat', { autoPong: false }),
      app.connect('/chat'),
    ]);
    for (let second = 0; second < 4; second++) {
      const pinged = alive.nextPing();
      clock.advance(1000);
      await pinged;
      await alive.fence();
    }
    expect(await dead.closed).toEqual({ code: 4203, reason: 'Heartbeat timeout' });
    expect(dead.pings).toBeGreaterThan(0);
    expect(alive.isOpen).toBe(true);
  });

  it('connects to any server by its URL', async () => {
    const app = await start();
    const client = await connectClient(`${app.url}/chat`, { headers: { 'x-test': '1' } });
    expect(await client.close(1000, 'bye')).toEqual({ code: 1000, reason: 'bye' });
  });
});

describe('TestApp', () => {
  it('imports the module under test as it is when that has its own HauynaModule', async () => {
    @Module({
      imports: [HauynaModule.forRoot({ identify: identifyByQuery('user_id') })],
      providers: [ChatGateway, Greeter],
    })
    class AppModule {}
    const app = await createTestApp({ module: AppModule });
    apps.push(app);
    const client = await app.connect('/chat?user_id=user1', { protocol: 'v1' });
    expect(await client.next('welcome')).toMatchObject({ user: 'user1' });
    await expect(createTestApp({ module: AppModule, options: {} })).rejects.toThrow('would have no effect');
  });

  it('replaces providers', async () => {
    const app = await start({ overrides: [{ provide: Greeter, useValue: { greet: () => 'Adiós' } }] });
    const client = await app.connect('/chat');
    expect(await client.request('greet', { name: 'Ana' })).toEqual({ greeting: 'Adiós' });
  });

  it('is quiet, and remembers what was logged', async () => {
    const app = await start();
    const client = await app.connect('/chat');
    await expect(client.request('fail')).rejects.toThrow('The seat is taken.');
    expect(app.logs).toContainEqual({ level: 'warn', message: 'about to fail', params: ['ChatGateway'] });
  });

  it('closes its clients, leaves no timer behind, and may be closed twice', async () => {
    const clock = new ManualClock();
    const app = await start({ clock });
    const [client, paused] = await Promise.all([app.connect('/chat'), app.connect('/chat')]);
    paused.pause();
    await app.close();
    await app.close();
    expect(await client.closed).toMatchObject({ code: 1000 });
    expect(await paused.closed).toMatchObject({ code: 1000 });
    await expect(fetch(app.httpUrl)).rejects.toThrow();
    expect(clock.pending).toBe(0);
  });

  it('an application that cannot boot says why', async () => {
    const options = { heartbeat: { interval: -1 } };
    await expect(createTestApp({ providers: [ChatGateway, Greeter], options })).rejects.toThrow('heartbeat');
  });
});
