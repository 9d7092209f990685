import {
  Module,
  type DynamicModule,
  type InjectionToken,
  type ModuleMetadata,
  type OnModuleDestroy,
  type OptionalFactoryDependency,
  type Provider,
  type Type,
} from '@nestjs/common';
import { HauynaCoreModule } from './hauyna-core.module.js';
import { DrainService } from './adapter/drain.service.js';
import type { Broker } from './broker/broker.js';
import type { HauynaOptions } from './options/hauyna.options.js';
import { HAUYNA_OPTIONS } from './options/options.token.js';

/** A class that makes the options; see `forRootAsync({ useClass })`. */
export interface HauynaOptionsFactory {
  createHauynaOptions(): HauynaOptions | Promise<HauynaOptions>;
}

/** What the module is made of, beside the options of what it does. */
export interface HauynaModuleParts {
  /** Whether the services can be injected everywhere without importing the module again. @default true */
  isGlobal?: boolean;
  /**
   * What carries publications and keeps history. A class is made by Nest, closed with the application, and may inject what
   * `imports` of the asynchronous form bring along. An object is the caller's: it may be shared by several applications or
   * outlive one, and is never closed here. @default MemoryBroker
   */
  broker?: Broker | Type<Broker>;
}

/** Exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface HauynaAsyncOptions extends HauynaModuleParts, Pick<ModuleMetadata, 'imports'> {
  useFactory?: (...args: never[]) => HauynaOptions | Promise<HauynaOptions>;
  inject?: (InjectionToken | OptionalFactoryDependency)[];
  useClass?: Type<HauynaOptionsFactory>;
  useExisting?: Type<HauynaOptionsFactory>;
}

export interface HauynaModuleOptions extends HauynaOptions, HauynaModuleParts {}

/**
 * Realtime for a Nest application. Import it once, in the root module:
 *
 * ```ts
 * @Module({ imports: [HauynaModule.forRoot({ identify: identifyByQuery('user_id') })] })
 * export class AppModule {}
 * ```
 *
 * and install the adapter in `main.ts`: `app.useWebSocketAdapter(app.get(HauynaWsAdapter))`.
 */
@Module({})
export class HauynaModule implements OnModuleDestroy {
  constructor(private readonly drainer: DrainService) {}

  /**
   * @param options all optional; see `HauynaOptions`
   * @throws HauynaConfigurationError at boot that lists every wrong option, or when there is a second root
   */
  static forRoot(options: HauynaModuleOptions = {}): DynamicModule {
    const { isGlobal: _isGlobal, broker: _broker, ...rest } = options;
    return root([{ provide: HAUYNA_OPTIONS, useValue: rest }], [], options);
  }

  /** Like {@link forRoot}, with options from a factory or a class. */
  static forRootAsync(options: HauynaAsyncOptions): DynamicModule {
    return root(asyncProviders(options), options.imports ?? [], options);
  }

  /** Here and not in the core: Nest ends this module before the ones it imports, and global ones last. */
  async onModuleDestroy(): Promise<void> {
    await this.drainer.drain();
  }
}

function root(
  providers: Provider[],
  imports: NonNullable<ModuleMetadata['imports']>,
  { isGlobal = true, broker }: HauynaModuleParts,
): DynamicModule {
  const core = HauynaCoreModule.with(providers, imports, isGlobal, broker);
  return { module: HauynaModule, imports: [core], exports: [HauynaCoreModule] };
}

function asyncProviders(options: HauynaAsyncOptions): Provider[] {
  const { useFactory, useClass, useExisting, inject = [] } = options;
  const given = [useFactory, useClass, useExisting].filter((way) => way !== undefined).length;
  if (given !== 1) {
    throw new Error('HauynaModule.forRootAsync needs exactly one of useFactory, useClass and useExisting.');
  }
  if (useFactory !== undefined) return [{ provide: HAUYNA_OPTIONS, useFactory, inject }];
  const factory = (useClass ?? useExisting) as Type<HauynaOptionsFactory>;
  const made: Provider = {
    provide: HAUYNA_OPTIONS,
    useFactory: (source: HauynaOptionsFactory) => source.createHauynaOptions(),
    inject: [factory],
  };
  return useClass === undefined ? [made] : [{ provide: factory, useClass: factory }, made];
}
