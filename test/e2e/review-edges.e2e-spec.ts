import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  ConnectionService,
  HauynaGateway,
  HauynaWsAdapter,
  OnChannelSubscribe,
  OnMessage,
  PresenceService,
  type Connection,
} from '../../lib/index.js';
import { LifecycleBus, type SubscriptionChange } from '../../lib/events/lifecycle.bus.js';
import { start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('hello')
  hello(): string {
    return 'hello';
  }
}

describe('A subscription that is taken away', () => {
  it('while it is being made delivers nothing more, nor what has waited', async () => {
    const app = await start({ providers: [ChatGateway] });
    const channels = app.get(ChannelService);
    const client = await app.connect('/chat?user_id=ana');
    const off = app
      .get<LifecycleBus<Connection>>(LifecycleBus)
      .on('subscription', async ({ event, connection }: SubscriptionChange<Connection>) => {
        if (event !== 'added') return;
        await channels.broadcast('room', 'secret');
        await channels.unsubscribe('room', connection);
      });
    await client.request('subscribe_channel', { channel: 'room' });
    off();
    await client.fence();
    expect(client.received).not.toContain('secret');
  });

  it('while its client is away does not come back with the client', async () => {
    const app = await start({ providers: [ChatGateway] });
    const channels = app.get(ChannelService);
    const connections = app.get(ConnectionService);
    const client = await app.connect('/chat?user_id=ana', { protocol: 'v1' });
    const { session } = await client.next<{ session: { resume: string } }>('welcome');
    const [connection] = (await connections.list()) as [Connection];
    await channels.subscribe('kept', connection);
    await channels.subscribe('taken', connection);
    await client.terminate();
    await until(async () => (await connections.count()) === 0);
    expect(await channels.unsubscribe('taken', connection)).toBe(true);
    expect(await channels.unsubscribe('taken', connection)).toBe(false);
    const next = await app.connect('/chat?user_id=ana', { protocol: 'v1', resume: session.resume });
    await next.fence();
    const [back] = (await connections.list()) as [Connection];
    expect(await channels.channelsOf(back)).toEqual(['kept']);
  });
});

describe('What @OnChannelSubscribe returns', () => {
  it('is no reason to be subscribed and told that it failed, when it cannot be sent', async () => {
    @HauynaGateway({ path: '/chat' })
    class CircularGateway {
      @OnChannelSubscribe()
      initial(): object {
        const value: Record<string, unknown> = {};
        value['self'] = value;
        return value;
      }
    }
    const app = await start({ providers: [CircularGateway] });
    const client = await app.connect('/chat?user_id=ana');
    const asked = client.request('subscribe_channel', { channel: 'room' });
    await expect(asked).rejects.toMatchObject({ error_type: 'internal_error' });
    expect(await app.get(ChannelService).subscribers('room')).toEqual([]);
  });
});

describe('A message parser of the application', () => {
  it('that makes something unreadable, or a promise, costs the message and nothing else', async () => {
    const odd = {
      get type(): string {
        throw new Error('unreadable');
      },
    };
    const parser = (data: unknown): unknown => {
      const text = String(data);
      if (text === 'unreadable') return odd;
      if (text === 'late') return Promise.reject(new Error('late'));
      return JSON.parse(text) as unknown;
    };
    const escaped: unknown[] = [];
    const note = (error: unknown): void => void escaped.push(error);
    process.on('uncaughtException', note).on('unhandledRejection', note);
    const app = await start({
      providers: [ChatGateway],
      configure: (nest) => nest.get(HauynaWsAdapter).setMessageParser(parser),
    });
    const client = await app.connect('/chat');
    client.sendRaw('unreadable');
    client.sendRaw('late');
    expect(await client.request('hello')).toBe('hello');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', note).off('unhandledRejection', note);
    expect(escaped).toEqual([]);
  });
});

describe('Metadata', () => {
  it('that become no object as JSON are refused, and nothing has changed', async () => {
    const app = await start({ providers: [ChatGateway] });
    const client = await app.connect('/chat?user_id=ana');
    await client.fence();
    const [connection] = (await app.get(ConnectionService).list()) as [Connection];
    for (const odd of [new Date(), { toJSON: () => null }, { toJSON: () => [1] }]) {
      const metadata = odd as unknown as Record<string, never>;
      const refused = { type: 'validation_error' };
      await expect(app.get(ChannelService).subscribe('room', connection, metadata)).rejects.toMatchObject(
        refused,
      );
      await expect(app.get(PresenceService).track('eva', metadata)).rejects.toMatchObject(refused);
    }
    expect(await app.get(ChannelService).channelsOf(connection)).toEqual([]);
    expect(await app.get(PresenceService).isPresent('eva')).toBe(false);
  });
});

describe('A page of a file', () => {
  it('is of no host, whatever the Host header says', async () => {
    const app = await start({ providers: [ChatGateway] });
    const opening = app.connect('/chat', { origin: 'file://', headers: { host: 'localhost' } });
    await expect(opening).rejects.toMatchObject({ status: 403 });
  });
});

describe('A time that no timer can wait for', () => {
  it.each([
    [{ session: { ttl: 2_592_000_000 } }, 'session.ttl'],
    [{ presence: { leaveDelay: 2_592_000_000 } }, 'presence.leaveDelay'],
    [{ limits: { upgradeTimeout: 2_592_000_000 } }, 'limits.upgradeTimeout'],
  ])('%j is refused at boot instead of being over at once', async (options, path) => {
    await expect(start({ providers: [ChatGateway], options })).rejects.toThrow(
      new RegExp(`${path} must be .* to 2147483647, got 2592000000`),
    );
  });
});

describe('A socket on a port of its own that never says anything', () => {
  it('does not hold up the shutdown', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    @HauynaGateway({ path: '/own', port })
    class OwnGateway {}
    const app = await start({ providers: [OwnGateway] });
    const silent = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(silent, 'connect');
    const ended = once(silent, 'close');
    silent.resume();
    await app.close();
    await ended;
  });
});
