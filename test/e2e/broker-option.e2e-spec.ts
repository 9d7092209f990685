import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Broker,
  ChannelService,
  HauynaConfigurationError,
  HauynaGateway,
  HauynaModule,
  MemoryBroker,
  RandomIdSource,
  SystemClock,
  type HauynaModuleOptions,
} from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

@Module({})
class AppModule {
  static with(options: HauynaModuleOptions): DynamicModule {
    const history = { '*': { size: 10, ttl: 60_000 } };
    return {
      module: AppModule,
      imports: [HauynaModule.forRoot({ channels: { history }, ...options })],
      providers: [ChatGateway],
    };
  }
}

const start = useApps();
const broker = new MemoryBroker(new SystemClock(), new RandomIdSource());

afterEach(() => broker.close());

describe('a broker of the application', () => {
  it('keeps history and positions while the application is closed and another one takes its place', async () => {
    const first = await start({ module: AppModule.with({ broker }) });
    const before = await (
      await first.connect('/chat', { protocol: 'v1' })
    ).request('subscribe_channel', { channel: 'room' });
    await first.get(ChannelService).broadcast('room', 'before the restart');
    await first.close();

    const second = await start({ module: AppModule.with({ broker }) });
    const client = await second.connect('/chat', { protocol: 'v1' });
    const { offset, epoch } = before as { offset: number; epoch: string };
    const after = await client.request('subscribe_channel', { channel: 'room', since: { offset, epoch } });
    expect(after).toMatchObject({ recovered: true, publications: [{ data: 'before the restart' }] });
    await second.get(ChannelService).broadcast('room', 'live');
    expect(await client.next({ type: 'publication' })).toMatchObject({ data: 'live', offset: 2, epoch });
  });

  it('carries publications between applications that share it', async () => {
    const [one, two] = [
      await start({ module: AppModule.with({ broker }) }),
      await start({ module: AppModule.with({ broker }) }),
    ];
    const client = await two.connect('/chat', { protocol: 'v1' });
    await client.request('subscribe_channel', { channel: 'room' });
    await one.get(ChannelService).broadcast('room', 'from the other one');
    expect(await client.next({ type: 'publication' })).toMatchObject({ data: 'from the other one' });
  });

  it('is made by Nest when it is a class, and closed with the application', async () => {
    const closed: Broker[] = [];
    @Injectable()
    class CountingBroker extends MemoryBroker {
      override async close(): Promise<void> {
        closed.push(this);
        await super.close();
      }
    }
    const app = await start({ module: AppModule.with({ broker: CountingBroker }) });
    await app.get(ChannelService).broadcast('room', 1);
    await app.close();
    expect(closed).toHaveLength(1);
  });

  it('is refused at once when it is neither', () => {
    expect(() => AppModule.with({ broker: {} as Broker })).toThrow(HauynaConfigurationError);
  });
});
