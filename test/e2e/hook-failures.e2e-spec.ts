import { Injectable } from '@nestjs/common';
import type { OnGatewayConnection, OnGatewayDisconnect } from '@nestjs/websockets';
import { WebSocketGateway } from '@nestjs/websockets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConnectionService,
  EventService,
  HauynaGateway,
  OnConnect,
  OnConnectionStateChange,
  OnDisconnect,
  OnHauynaEvent,
  OnMessage,
  OnPing,
  OnPong,
  OnPresenceChange,
  OnSubscription,
  OnUpgrade,
} from '../../lib/index.js';
import { ManualClock, type TestClient } from '../../lib/testing/index.js';
import { start, until } from './start.js';

/** How a hook of an application can fail. */
const FAILURES: Record<string, () => unknown> = {
  'throws at once': () => {
    throw new Error('broken');
  },
  'throws something that is no error': () => {
    throw null;
  },
  'returns a promise that is rejected': () => Promise.reject(new Error('broken')),
  'fails later': async () => {
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('broken');
  },
};

const escaped: unknown[] = [];
const note = (error: unknown): void => void escaped.push(error);

beforeEach(() => {
  escaped.length = 0;
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  process.off('uncaughtException', note);
  process.off('unhandledRejection', note);
  expect(escaped).toEqual([]);
});

@HauynaGateway({ path: '/alive' })
class AliveGateway {
  @OnMessage('alive')
  alive(): string {
    return 'yes';
  }
}

describe.each(Object.entries(FAILURES))('a hook that %s', (_name, fail) => {
  it.each(['handleConnection', '@OnConnect'])(
    'as %s closes this connection and harms no other',
    async (hook) => {
      @HauynaGateway({ path: '/chat' })
      class ChatGateway implements OnGatewayConnection {
        handleConnection(): unknown {
          return hook === 'handleConnection' ? fail() : undefined;
        }

        @OnConnect()
        connect(): unknown {
          return hook === '@OnConnect' ? fail() : undefined;
        }
      }
      const app = await start({ providers: [ChatGateway, AliveGateway] });
      const client = await app.connect('/chat?user_id=ana');
      expect(await client.closed).toMatchObject({ code: 4104 });
      expect(JSON.stringify(client.received)).not.toContain('broken');
      const other = await app.connect('/alive');
      expect(await other.request('alive')).toBe('yes');
      expect(await app.get(ConnectionService).count()).toBe(1);
    },
  );

  it('as handleDisconnect or @OnDisconnect stops neither the other hooks nor the clean-up', async () => {
    const told: string[] = [];
    @HauynaGateway({ path: '/chat' })
    class ChatGateway implements OnGatewayDisconnect {
      handleDisconnect(): unknown {
        told.push('handleDisconnect');
        return fail();
      }

      @OnDisconnect()
      first(): unknown {
        told.push('first');
        return fail();
      }

      @OnDisconnect()
      second(): void {
        told.push('second');
      }
    }
    const app = await start({ providers: [ChatGateway, AliveGateway] });
    const client = await app.connect('/chat?user_id=ana');
    await client.request('subscribe_channel', { channel: 'room' });
    await client.close();
    const other = await app.connect('/alive');
    expect(await other.request('alive')).toBe('yes');
    await until(() => told.length === 3);
    expect(told.toSorted()).toEqual(['first', 'handleDisconnect', 'second']);
    expect(await app.get(ConnectionService).ofUser('ana')).toEqual([]);
  });

  it('as a notification of any kind stops neither the others nor what it is about', async () => {
    const told: string[] = [];
    @Injectable()
    class BrokenListener {
      @OnPing()
      ping(): unknown {
        return fail();
      }

      @OnPong()
      pong(): unknown {
        return fail();
      }

      @OnConnectionStateChange()
      state(): unknown {
        return fail();
      }

      @OnPresenceChange()
      presence(): unknown {
        return fail();
      }

      @OnSubscription()
      subscription(): unknown {
        return fail();
      }

      @OnHauynaEvent('party')
      party(): unknown {
        return fail();
      }
    }
    @Injectable()
    class Listener {
      @OnPing()
      ping(): void {
        told.push('ping');
      }

      @OnPong()
      pong(): void {
        told.push('pong');
      }

      @OnConnectionStateChange({ from: 'connected', to: 'idle' })
      state(): void {
        told.push('state');
      }

      @OnPresenceChange({ channel: 'room', event: 'join' })
      presence(): void {
        told.push('presence');
      }

      @OnSubscription({ event: 'added' })
      subscription(): void {
        told.push('subscription');
      }

      @OnHauynaEvent('party')
      party(): void {
        told.push('party');
      }
    }
    const clock = new ManualClock();
    const app = await start({
      providers: [BrokenListener, Listener, AliveGateway],
      clock,
      options: { heartbeat: { interval: 1000, timeout: 5000 } },
    });
    const events = app.get(EventService);
    events.on('party', () => fail() as never);
    events.on('party', () => void told.push('on'));
    const client = await app.connect('/alive?user_id=ana');
    await client.request('subscribe_channel', { channel: 'room' });
    await client.ping('hello');
    await pingedByServer(client, clock);
    const [connection] = await app.get(ConnectionService).list();
    expect(await app.get(ConnectionService).setState(connection!, 'idle')).toBe(true);
    expect(events.trigger('party', connection!, { cake: true })).toBe(2);
    expect(await client.request('alive')).toBe('yes');
    await until(() => told.length >= 7);
    expect(told.toSorted()).toEqual(['on', 'party', 'ping', 'pong', 'presence', 'state', 'subscription']);
  });

  it('as a message handler answers with an error, and the connection goes on', async () => {
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnMessage('fail')
      fail(): unknown {
        return fail();
      }

      @OnMessage('alive')
      alive(): string {
        return 'yes';
      }
    }
    const app = await start({ providers: [ChatGateway] });
    const client = await app.connect('/chat?user_id=ana');
    await expect(client.request('fail')).rejects.toMatchObject({ error_type: 'internal_error' });
    client.send({ type: 'fail' });
    expect(await client.next('error')).toMatchObject({ error_type: 'internal_error' });
    expect(await client.request('alive')).toBe('yes');
    expect(JSON.stringify(client.received)).not.toContain('broken');
    expect((await app.get(ConnectionService).list())[0]?.state).toBe('connected');
  });

  it('as @OnUpgrade refuses this connection and harms no other', async () => {
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnUpgrade()
      upgrade(): unknown {
        return fail();
      }
    }
    const app = await start({ providers: [ChatGateway, AliveGateway] });
    await expect(app.connect('/chat')).rejects.toMatchObject({ status: 500 });
    expect(await (await app.connect('/alive')).request('alive')).toBe('yes');
  });

  it('as a hook of a plain Nest gateway is contained as well', async () => {
    @WebSocketGateway({ path: '/plain' })
    class PlainGateway implements OnGatewayConnection, OnGatewayDisconnect {
      handleConnection(): unknown {
        return fail();
      }

      handleDisconnect(): unknown {
        return fail();
      }
    }
    const app = await start({ providers: [PlainGateway, AliveGateway] });
    const client = await app.connect('/plain');
    expect(await client.closed).toMatchObject({ code: 4104 });
    expect(await (await app.connect('/alive')).request('alive')).toBe('yes');
  });
});

describe('the life of a connection', () => {
  it('is told to hooks with what they need to know', async () => {
    const told: unknown[] = [];
    const who = ({ userId }: { userId: string | null }): string | null => userId;
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnPing()
      ping(client: { userId: string | null }, payload: string): void {
        told.push(['ping', who(client), payload]);
      }

      @OnPong()
      pong(client: { userId: string | null; latency: number | null }): void {
        told.push(['pong', who(client), typeof client.latency]);
      }

      @OnDisconnect()
      gone(client: { userId: string | null }, info: object): void {
        told.push(['gone', who(client), info]);
      }
    }
    const clock = new ManualClock();
    const app = await start({
      providers: [ChatGateway, AliveGateway],
      clock,
      options: { heartbeat: { interval: 1000 } },
    });
    const elsewhere = await app.connect('/alive?user_id=bob');
    await elsewhere.ping('not for the chat');
    const client = await app.connect('/chat?user_id=ana');
    await client.ping('hello');
    await pingedByServer(client, clock);
    await client.close(4900, 'bye');
    await until(() => told.length === 3);
    const lost = await app.connect('/chat');
    await lost.terminate();
    await until(() => told.length === 4);
    expect(told).toEqual([
      ['ping', 'ana', 'hello'],
      ['pong', 'ana', 'number'],
      ['gone', 'ana', { code: 4900, reason: 'bye', clean: true }],
      ['gone', null, { code: 1006, reason: '', clean: false }],
    ]);
  });
});

async function pingedByServer(client: TestClient, clock: ManualClock): Promise<void> {
  const pinged = client.nextPing();
  clock.advance(1100);
  await pinged;
  await client.fence();
}
