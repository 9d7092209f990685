import type { INestApplication, InjectionToken, LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import type { HauynaModuleOptions, IdSource } from '../index.js';
import type { ManualClock } from './manual.clock.js';

/** Something to use instead of a provider of the application. */
export type Override =
  | { provide: InjectionToken; useValue: unknown }
  | { provide: InjectionToken; useClass: Type }
  | { provide: InjectionToken; useFactory: (...args: never[]) => unknown; inject?: InjectionToken[] };

export interface TestAppOptions extends Pick<ModuleMetadata, 'imports' | 'providers' | 'controllers'> {
  /** The module under test; its `imports`, `providers` and `controllers` may be given here instead, or as well. */
  module?: NonNullable<ModuleMetadata['imports']>[number];
  /** For `HauynaModule.forRoot()`; not allowed when the module under test imports it by itself. */
  options?: HauynaModuleOptions;
  /** Which HTTP server is under the application. @default 'express' */
  platform?: 'express' | 'fastify';
  /** Replaces providers, ports of the library included: `{ provide: Broker, useValue: broker }`. */
  overrides?: readonly Override[];
  /** Replaces the clock of the library. @default the real one */
  clock?: ManualClock;
  /** Replaces where connection ids and epochs come from. @default random ids */
  ids?: IdSource;
  /** Where the application logs to. @default `TestApp.logs`, and nothing is printed */
  logger?: LoggerService;
  /** Called before the application listens: global pipes, filters, prefixes. */
  configure?: (app: INestApplication) => void | Promise<void>;
}
