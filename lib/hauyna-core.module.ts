import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { HauynaWsAdapter } from './adapter/hauyna-ws.adapter.js';
import { MISSING_ADAPTER, MissingAdapter } from './adapter/missing.adapter.js';
import { adapterSlot, hasGlobalInterceptors } from './adapter/nest-internals.js';
import { Broker } from './broker/broker.js';
import { HauynaConfigurationError } from './errors/hauyna.error.js';
import { GatewayExplorer } from './gateway/gateway.explorer.js';
import { IDENTIFY_BY_QUERY } from './options/identify-by-query.js';
import { ResolvedOptions } from './options/resolved-options.js';
import { exported, internal } from './hauyna.providers.js';

/** Whether the broker ends with the application. */
const OWNS_BROKER = Symbol('hauyna:owns-broker');

/** Which applications have a core already; by their module container, so that two in one process do not meet. */
const cores = new WeakMap<ModulesContainer, HauynaCoreModule>();

/** Everything the library is made of. Made by `HauynaModule.forRoot()`. */
@Module({})
export class HauynaCoreModule implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Hauyna');

  constructor(
    modules: ModulesContainer,
    private readonly moduleRef: ModuleRef,
    private readonly explorer: GatewayExplorer,
    private readonly adapter: HauynaWsAdapter,
    private readonly host: HttpAdapterHost,
    private readonly options: ResolvedOptions,
    private readonly broker: Broker,
    @Inject(OWNS_BROKER) private readonly ownsBroker: boolean,
  ) {
    if (cores.has(modules)) {
      throw new HauynaConfigurationError(
        'HauynaModule.forRoot() is imported twice. Import it once, in the root module; its services can be injected everywhere.',
      );
    }
    cores.set(modules, this);
    explorer.guardOutcomes();
    // Nest looks for the adapter before any hook of a module runs, and would end the process without naming ours.
    const slot = adapterSlot(moduleRef);
    if (slot !== undefined && slot.getIoAdapter() == null && explorer.hasGateways()) {
      slot.setIoAdapter(new MissingAdapter());
    }
  }

  static with(
    providers: Provider[],
    imports: NonNullable<ModuleMetadata['imports']>,
    global: boolean,
    broker?: Broker | Type<Broker>,
  ): DynamicModule {
    return {
      module: HauynaCoreModule,
      global,
      imports: [DiscoveryModule, ...imports],
      // Of two providers for one token the last one counts.
      providers: [...providers, ...internal, ...exported, ...brokerProviders(broker)],
      exports: exported,
    };
  }

  onModuleInit(): void {
    this.explorer.globalInterceptors = hasGlobalInterceptors(this.moduleRef);
  }

  onApplicationBootstrap(): void {
    const gateways = this.explorer.gateways;
    const serves = this.host.httpAdapter !== undefined && this.host.httpAdapter !== null;
    if (serves && gateways.length > 0 && !this.adapter.isInUse) {
      throw new HauynaConfigurationError(MISSING_ADAPTER);
    }
    const { identify } = this.options;
    if (process.env['NODE_ENV'] === 'production' && identify !== null && IDENTIFY_BY_QUERY in identify) {
      this.logger.warn(
        'identifyByQuery() believes whatever user id a client claims. Use @OnUpgrade() or another identify in production.',
      );
    }
  }

  async onModuleDestroy(): Promise<void> {
    if (this.ownsBroker) await this.broker.close();
  }
}

function brokerProviders(broker: Broker | Type<Broker> | undefined): Provider[] {
  const owns: Provider = {
    provide: OWNS_BROKER,
    useValue: broker === undefined || typeof broker === 'function',
  };
  if (broker === undefined) return [owns];
  if (typeof broker === 'function') return [owns, { provide: Broker, useClass: broker }];
  if (broker instanceof Broker) return [owns, { provide: Broker, useValue: broker }];
  throw new HauynaConfigurationError(
    'HauynaModule: broker must be a Broker, or a class that extends Broker.',
  );
}
