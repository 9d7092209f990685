import { ConnectedSocket, WebSocketServer } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  HauynaConfigurationError,
  HauynaGateway,
  OnChannelMessage,
  OnChannelSubscribe,
  OnConnect,
  OnDisconnect,
  OnMessage,
} from '../../lib/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

const calls: string[] = [];

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @WebSocketServer() server: { clients: ReadonlySet<Connection> };

  @OnConnect()
  connected(@ConnectedSocket() client: Connection): void {
    calls.push(`chat ${client.path}`);
  }

  @OnDisconnect()
  gone(): void {
    calls.push('chat gone');
  }

  @OnMessage('who')
  who(): string {
    return `chat of ${this.server.clients.size}`;
  }
}

@HauynaGateway({ path: '/chat' })
class GameGateway {
  @WebSocketServer() server: { clients: ReadonlySet<Connection> };

  @OnConnect()
  connected(): void {
    calls.push('game');
  }

  @OnMessage('move')
  move(): string {
    return `game of ${this.server.clients.size}`;
  }

  @OnChannelSubscribe('board:{id}')
  board(): object {
    return { by: 'game' };
  }
}

@HauynaGateway({ path: '/admin' })
class AdminGateway {
  @WebSocketServer() server: { clients: ReadonlySet<Connection> };

  @OnConnect()
  connected(): void {
    calls.push('admin');
  }

  @OnDisconnect()
  gone(): void {
    calls.push('admin gone');
  }

  @OnMessage('who')
  who(): string {
    return `admin of ${this.server.clients.size}`;
  }
}

const start = useApps();
const boot = () => {
  calls.length = 0;
  return start({ providers: [ChatGateway, GameGateway, AdminGateway] });
};

describe('Two gateways on one path', () => {
  it('share its connections: each answers its own messages', async () => {
    const client = await (await boot()).connect('/chat');
    expect(await client.request('who')).toBe('chat of 1');
    expect(await client.request('move')).toBe('game of 1');
    const { initial } = await client.request<{ initial: unknown }>('subscribe_channel', {
      channel: 'board:1',
    });
    expect(initial).toEqual({ by: 'game' });
  });

  it('are both told of a new connection, in the order in which they are listed', async () => {
    const client = await (await boot()).connect('/chat');
    await client.fence();
    expect(calls).toEqual(['chat /chat', 'game']);
  });
});

describe('Gateways on different paths', () => {
  it('have nothing to do with each other', async () => {
    const app = await boot();
    const [chat, admin] = await Promise.all([app.connect('/chat'), app.connect('/admin')]);
    await app.connect('/chat');
    expect(await chat.request('who')).toBe('chat of 2');
    expect(await admin.request('who')).toBe('admin of 1');
    await expect(admin.request('move')).rejects.toMatchObject({ error_type: 'unknown_type' });
    await expect(chat.request('nobody')).rejects.toMatchObject({
      error_type: 'unknown_type',
      message: 'No handler is registered for "nobody".',
    });
    await admin.close();
    await until(() => calls.includes('admin gone'));
    expect(calls).not.toContain('chat gone');
  });

  it('share the channels: a channel belongs to the application', async () => {
    const app = await boot();
    const [chat, admin] = await Promise.all([app.connect('/chat'), app.connect('/admin')]);
    for (const client of [chat, admin]) await client.request('subscribe_channel', { channel: 'news' });
    await admin.request('channel_message', { channel: 'news', message: 'hola' });
    expect(await chat.next((frame) => frame === ('hola' as unknown))).toBe('hola');
  });
});

describe('What can only be a mistake fails the boot', () => {
  it('two methods for the same message of one path, each named', async () => {
    @HauynaGateway({ path: '/chat' })
    class OtherGateway {
      @OnMessage('who')
      alsoWho(): void {}
    }
    await expect(start({ providers: [ChatGateway, OtherGateway] })).rejects.toThrow(
      'OtherGateway.alsoWho: @OnMessage(who) on /chat is handled by ChatGateway.who already',
    );
  });

  it('two methods for the same channel pattern; the same message on another path is fine', async () => {
    @HauynaGateway({ path: '/chat' })
    class TwiceGateway {
      @OnChannelMessage('room:{id}', { validate: false })
      one(): void {}

      @OnChannelMessage('room:{id}', { validate: false })
      two(): void {}

      @OnChannelMessage('room:{id}', { validate: false, event: 'typing' })
      three(): void {}
    }
    const error: unknown = await start({ providers: [TwiceGateway, AdminGateway] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HauynaConfigurationError);
    expect((error as Error).message).toContain(
      'TwiceGateway.two: @OnChannelMessage(room:{id}) on /chat is handled by TwiceGateway.one already',
    );
    expect((error as Error).message).not.toContain('three');
  });

  it('a route on a class that is no gateway', async () => {
    class NoGateway {
      @OnMessage('who')
      who(): void {}
    }
    await expect(start({ providers: [NoGateway] })).rejects.toThrow(
      'NoGateway.who: @OnMessage(who) needs a class with @HauynaGateway({ path })',
    );
  });

  it('everything that is wrong is in one error', async () => {
    class NoGateway {
      @OnMessage('a')
      a(): void {}
    }
    @HauynaGateway({ path: 'x', port: 99_999 })
    class WrongGateway {}
    await expect(start({ providers: [NoGateway, WrongGateway] })).rejects.toThrow(
      /NoGateway\.a[^]*WrongGateway: path 'x'[^]*WrongGateway: port must be a whole number from 0 to 65535/,
    );
  });
});

it('a gateway that extends another one has its handlers too', async () => {
  class Base {
    @OnMessage('base')
    base(): string {
      return 'from the base';
    }
  }
  @HauynaGateway({ path: '/sub' })
  class SubGateway extends Base {
    @OnMessage('own')
    own(): string {
      return 'from the class';
    }
  }
  const client = await (await start({ providers: [SubGateway] })).connect('/sub');
  expect(await client.request('base')).toBe('from the base');
  expect(await client.request('own')).toBe('from the class');
});
