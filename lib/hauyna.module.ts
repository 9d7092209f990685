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
import type { HauynaOptions } from './options/hauyna.options.js';
import { HAUYNA_OPTIONS } from './options/options.token.js';

/** A class that makes the options; see `forRootAsync({ useClass })`. */
export interface HauynaOptionsFactory {
  createHauynaOptions(): HauynaOptions | Promise<HauynaOptions>;
}

/** Exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface HauynaAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  useFactory?: (...args: never[]) => HauynaOptions | Promise<HauynaOptions>;
  inject?: (InjectionToken | OptionalFactoryDependency)[];
  useClass?: Type<HauynaOptionsFactory>;
  useExisting?: Type<HauynaOptionsFactory>;
  /** Whether the services can be injected everywhere without importing the module again. @default true */
  isGlobal?: boolean;
}

export interface HauynaModuleOptions extends HauynaOptions {
  /** Whether the services can be injected everywhere without importing the module again. @default true */
  isGlobal?: boolean;
}

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
    const { isGlobal = true, ...rest } = options;
    return root([{ provide: HAUYNA_OPTIONS, useValue: rest }], [], isGlobal);
  }

  /** Like {@link forRoot}, with options from a factory or a class. */
  static forRootAsync(options: HauynaAsyncOptions): DynamicModule {
    return root(asyncProviders(options), options.imports ?? [], options.isGlobal ?? true);
  }

  /** Here and not in the core: Nest ends this module before the ones it imports, and global ones last. */
  async onModuleDestroy(): Promise<void> {
    await this.drainer.drain();
  }
}

function root(
  providers: Provider[],
  imports: NonNullable<ModuleMetadata['imports']>,
  global: boolean,
): DynamicModule {
  const core = HauynaCoreModule.with(providers, imports, global);
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
