import { Injectable, Module } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  HauynaGateway,
  HauynaModule,
  identifyByQuery,
  type HauynaAsyncOptions,
  type HauynaOptions,
  type HauynaOptionsFactory,
} from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

@Injectable()
class Config {
  readonly parameter = 'who';
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

@Injectable()
class OptionsFactory implements HauynaOptionsFactory {
  constructor(private readonly config: Config) {}

  async createHauynaOptions(): Promise<HauynaOptions> {
    await Promise.resolve();
    return { identify: identifyByQuery(this.config.parameter) };
  }
}

@Module({ imports: [ConfigModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class FactoryModule {}

const start = useApps();

async function userOf(
  options: HauynaAsyncOptions,
  providers: (new (...args: never[]) => object)[] = [],
): Promise<unknown> {
  @Module({ imports: [HauynaModule.forRootAsync(options)], providers: [ChatGateway, ...providers] })
  class AppModule {}
  const app = await start({ module: AppModule });
  const client = await app.connect('/chat?who=ana', { protocol: 'v1' });
  return (await client.next<{ user: unknown }>('welcome')).user;
}

describe('forRootAsync', () => {
  it('useFactory with what it injects', async () => {
    const options = {
      imports: [ConfigModule],
      inject: [Config],
      useFactory: (config: Config) => ({ identify: identifyByQuery(config.parameter) }),
    };
    expect(await userOf(options as HauynaAsyncOptions)).toBe('ana');
  });

  it('useFactory that takes its time, without dependencies', async () => {
    expect(
      await userOf({ useFactory: async () => Promise.resolve({ identify: identifyByQuery('who') }) }),
    ).toBe('ana');
  });

  it('an optional dependency that is missing is undefined', async () => {
    const options = {
      inject: [{ token: 'NOT_THERE', optional: true }],
      useFactory: (missing?: string) => ({ identify: identifyByQuery(missing ?? 'who') }),
    };
    expect(await userOf(options as HauynaAsyncOptions)).toBe('ana');
  });

  it('useClass makes one of its own, useExisting takes the one that is there', async () => {
    expect(await userOf({ imports: [ConfigModule], useClass: OptionsFactory })).toBe('ana');
    expect(await userOf({ imports: [FactoryModule], useExisting: OptionsFactory })).toBe('ana');
  });

  it('isGlobal: false is for the modules that import it', async () => {
    @Injectable()
    class Uses {
      constructor(readonly channels: ChannelService) {}
    }
    @Module({ providers: [Uses] })
    class WithoutModule {}
    @Module({
      imports: [HauynaModule.forRootAsync({ useFactory: () => ({}), isGlobal: false }), WithoutModule],
    })
    class AppModule {}
    await expect(start({ module: AppModule })).rejects.toThrow(/can't resolve dependencies of the Uses/);
    expect(
      await userOf({ useFactory: () => ({ identify: identifyByQuery('who') }), isGlobal: false }, [Uses]),
    ).toBe('ana');
  });

  it('wrong options fail the boot like those of forRoot', async () => {
    await expect(userOf({ useFactory: () => ({ idleTimeout: -1 }) })).rejects.toThrow(
      'idleTimeout must be a number',
    );
    await expect(userOf({ useFactory: () => null as never })).rejects.toThrow('options must be an object');
  });

  it('a factory that fails says so itself', async () => {
    const useFactory = () => Promise.reject(new Error('no configuration server'));
    await expect(userOf({ useFactory })).rejects.toThrow('no configuration server');
  });

  it('none, or more than one way to make the options, is an error where it is written', () => {
    expect(() => HauynaModule.forRootAsync({})).toThrow(
      'exactly one of useFactory, useClass and useExisting',
    );
    expect(() => HauynaModule.forRootAsync({ useFactory: () => ({}), useClass: OptionsFactory })).toThrow(
      'exactly one of',
    );
  });
});
