import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ChannelService,
  ConnectionService,
  EventService,
  GroupService,
  HauynaConfigurationError,
  HauynaGateway,
  HauynaModule,
  HauynaWsAdapter,
  OnMessage,
  PresenceService,
} from '../../lib/index.js';
import { CollectingLogger } from '../../lib/testing/index.js';
import { transpiledLibrary } from './support/transpiled-library.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('ping')
  ping(): string {
    return 'pong';
  }
}

const start = useApps();

describe('HauynaModule.forRoot()', () => {
  it('needs no argument', async () => {
    @Module({ imports: [HauynaModule.forRoot()], providers: [ChatGateway] })
    class AppModule {}
    const client = await (await start({ module: AppModule })).connect('/chat');
    expect(await client.request('ping')).toBe('pong');
  });

  it('lets every service be injected everywhere: feature modules, controllers, plain providers', async () => {
    @Injectable()
    class Everything {
      constructor(
        readonly connections: ConnectionService,
        readonly groups: GroupService,
        readonly channels: ChannelService,
        readonly presence: PresenceService,
        readonly events: EventService,
      ) {}
    }
    @Controller()
    class CountController {
      constructor(private readonly connections: ConnectionService) {}

      @Get('count')
      count(): Promise<number> {
        return this.connections.count();
      }
    }
    @Module({ providers: [Everything, ChatGateway], controllers: [CountController] })
    class FeatureModule {}
    @Module({ imports: [FeatureModule, HauynaModule.forRoot()] })
    class AppModule {}
    const app = await start({ module: AppModule });
    await app.connect('/chat');
    expect(await (await fetch(`${app.httpUrl}/count`)).text()).toBe('1');
    const everything = app.get(Everything);
    expect(everything.channels).toBe(app.get(ChannelService));
    expect([everything.groups, everything.presence, everything.events].every(Boolean)).toBe(true);
  });

  it('with isGlobal: false is for the modules that import it', async () => {
    @Injectable()
    class Uses {
      constructor(readonly channels: ChannelService) {}
    }
    @Module({ providers: [Uses] })
    class WithoutModule {}
    const root = HauynaModule.forRoot({ isGlobal: false });
    @Module({ imports: [root, WithoutModule] })
    class FailingModule {}
    await expect(start({ module: FailingModule })).rejects.toThrow(/can't resolve dependencies of the Uses/);
    const other = HauynaModule.forRoot({ isGlobal: false });
    @Module({ imports: [other], providers: [Uses] })
    class WithModule {}
    @Module({ imports: [other, WithModule], providers: [ChatGateway] })
    class AppModule {}
    const app = await start({ module: AppModule });
    expect(app.get(Uses).channels).toBe(app.get(ChannelService));
    expect(await (await app.connect('/chat')).request('ping')).toBe('pong');
  });

  it('all that is wrong with the options is in one error', async () => {
    const options = {
      heartbeat: { interval: -5 },
      idleTimeout: 'never',
      channels: { unmatched: 'maybe', autoSubscribe: [7], history: { 'a*b': { size: 0 } } },
      groups: 'persistent',
      limits: { maxPayload: '1MB' },
      origins: ['example.com'],
      identify: 'user_id',
      colour: 'red',
    };
    const error: unknown = await start({ options: options as never }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HauynaConfigurationError);
    const { message } = error as Error;
    for (const part of [
      'HauynaModule options are wrong:',
      'colour is not an option; known are',
      'heartbeat.interval must be a number of at least 1, got -5',
      "idleTimeout must be a number of at least 1, got 'never'",
      "channels.unmatched must be 'open' or 'deny', got 'maybe'",
      'channels.autoSubscribe must be a list of texts, got a list',
      `channels.history['a*b']: Channel pattern "a*b" has a "*" before its end`,
      'groups must be an object',
      "limits.maxPayload must be a number of at least 1, got '1MB'",
      "origins: 'example.com' is not an origin",
      'identify must be a function',
    ]) {
      expect(message).toContain(part);
    }
  });
});

describe('A second root in one application', () => {
  it('fails the boot and says what to do', async () => {
    @Module({ imports: [HauynaModule.forRoot()] })
    class FeatureModule {}
    @Module({ imports: [HauynaModule.forRoot(), FeatureModule] })
    class AppModule {}
    await expect(start({ module: AppModule })).rejects.toThrow(
      'HauynaModule.forRoot() is imported twice. Import it once, in the root module; its services can be injected everywhere.',
    );
  });

  it('the same root imported by two modules is one', async () => {
    const root = HauynaModule.forRoot();
    @Module({ imports: [root], providers: [ChatGateway] })
    class FeatureModule {}
    @Module({ imports: [root, FeatureModule] })
    class AppModule {}
    expect(await (await (await start({ module: AppModule })).connect('/chat')).request('ping')).toBe('pong');
  });
});

describe('An application that forgets to install the adapter', () => {
  const LINE = 'app.useWebSocketAdapter(app.get(HauynaWsAdapter));';

  it('does not boot, and is told the line to add', async () => {
    const testing = await Test.createTestingModule({
      imports: [HauynaModule.forRoot()],
      providers: [ChatGateway],
    })
      .setLogger(new CollectingLogger())
      .compile();
    const app = testing.createNestApplication();
    await expect(app.init()).rejects.toThrow(LINE);
    await app.close();
  });

  it('does not need it while it has no gateway', async () => {
    const testing = await Test.createTestingModule({ imports: [HauynaModule.forRoot()] })
      .setLogger(new CollectingLogger())
      .compile();
    const app = testing.createNestApplication();
    await app.init();
    expect(await app.get(ConnectionService).count()).toBe(0);
    await app.close();
  });

  it('installs it too late: the error is the same', async () => {
    const testing = await Test.createTestingModule({
      imports: [HauynaModule.forRoot()],
      providers: [ChatGateway],
    })
      .setLogger(new CollectingLogger())
      .compile();
    const app = testing.createNestApplication();
    await expect(app.init()).rejects.toThrow(LINE);
    expect(() => app.useWebSocketAdapter(app.get(HauynaWsAdapter))).not.toThrow();
    await app.close();
  });
});

describe('As a program of its own', () => {
  let library: ReturnType<typeof transpiledLibrary>;
  beforeAll(() => {
    library = transpiledLibrary();
  });
  afterAll(() => library.remove());

  const run = (mode: string): Promise<{ code: number | null; out: string }> =>
    new Promise((resolve) => {
      const script = fileURLToPath(new URL('./support/program.mjs', import.meta.url));
      const child = spawn(process.execPath, [script, library.entry, mode], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += String(chunk)));
      child.once('close', (code) => resolve({ code, out }));
    });

  it('without the adapter: listen() rejects with the line to add and the process goes on', async () => {
    const { code, out } = await run('no-adapter');
    expect(out).toContain('REJECTED');
    expect(out).toContain('app.useWebSocketAdapter(app.get(HauynaWsAdapter));');
    expect(out).not.toContain('socket.io');
    expect(out).toContain('STILL RUNNING');
    expect(code).toBe(0);
  }, 30_000);

  it('ends by itself after app.close(), without process.exit()', async () => {
    const { code, out } = await run('close');
    expect(out).toContain('CLOSED 1012');
    expect(code).toBe(0);
  }, 30_000);

  it('ends on SIGTERM with shutdown hooks, its clients told to come back', async () => {
    const { out } = await run('sigterm');
    expect(out).toContain('CLOSED 1012');
  }, 30_000);
});
