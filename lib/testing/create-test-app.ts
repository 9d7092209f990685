import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import { Clock, HauynaModule, HauynaWsAdapter, IdSource } from '../index.js';
import { CollectingLogger } from './collecting.logger.js';
import { hasRoot } from './find-root.js';
import { TestApp } from './test-app.js';
import type { Override, TestAppOptions } from './test-app.options.js';

/**
 * Starts an application for a test, on a free port of 127.0.0.1, with the WebSocket adapter installed.
 * `HauynaModule.forRoot(options)` is imported unless the module under test does so itself.
 *
 * ```ts
 * const app = await createTestApp({
 *   providers: [ChatGateway],
 *   options: { identify: identifyByQuery('user_id') },
 * });
 * const client = await app.connect('/chat?user_id=user1');
 * await client.request('subscribe_channel', { channel: 'room1' });
 * await app.get(ChannelService).broadcast('room1', { text: 'Hola' });
 * expect(await client.next()).toEqual({ text: 'Hola' });
 * await app.close();
 * ```
 *
 * @throws whatever the boot of the application throws
 */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const logger = new CollectingLogger();
  const used = options.logger ?? logger;
  const builder = Test.createTestingModule(await metadata(options)).setLogger(used);
  for (const override of overrides(options)) replace(builder, override);
  const testing = await builder.compile();
  const app = await application(testing, options);
  app.useLogger(used);
  try {
    app.useWebSocketAdapter(app.get(HauynaWsAdapter));
    await options.configure?.(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  return new TestApp(app, logger, options.clock);
}

async function metadata(given: TestAppOptions): Promise<ModuleMetadata> {
  const { module, imports = [], providers = [], controllers = [], options } = given;
  const all = module === undefined ? imports : [...imports, module];
  const rooted = await hasRoot(all);
  if (rooted && options !== undefined) {
    throw new Error(
      'The module under test imports HauynaModule by itself, so `options` would have no effect. Leave one of them out.',
    );
  }
  return { imports: rooted ? all : [HauynaModule.forRoot(options), ...all], providers, controllers };
}

function overrides({ clock, ids, overrides: given = [] }: TestAppOptions): Override[] {
  const own: Override[] = [];
  if (clock !== undefined) own.push({ provide: Clock, useValue: clock });
  if (ids !== undefined) own.push({ provide: IdSource, useValue: ids });
  return [...own, ...given];
}

function replace(builder: TestingModuleBuilder, override: Override): void {
  const target = builder.overrideProvider(override.provide);
  if ('useValue' in override) target.useValue(override.useValue);
  else if ('useClass' in override) target.useClass(override.useClass);
  else target.useFactory({ factory: override.useFactory, inject: override.inject ?? [] });
}

async function application(testing: TestingModule, { platform }: TestAppOptions): Promise<INestApplication> {
  if (platform !== 'fastify') return testing.createNestApplication();
  // Only who asks for it needs to have it installed.
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return testing.createNestApplication(new FastifyAdapter());
}
