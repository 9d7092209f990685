import type { OnGatewayConnection } from '@nestjs/websockets';
import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { Connection, GroupService, HauynaGateway, OnConnect, OnMessage, UserId } from '../../lib/index.js';
import { gate, start } from './start.js';

describe.each(['plain', 'v1'] as const)(
  'messages a %s client sends while its connection opens',
  (protocol) => {
    it('wait until @OnConnect is done, and are all handled then, in order', async () => {
      const { opened, open } = gate();
      const order: unknown[] = [];
      @HauynaGateway({ path: '/chat' })
      class ChatGateway {
        @OnConnect()
        async welcome(): Promise<void> {
          order.push('connecting');
          await opened;
          order.push('connected');
        }

        @OnMessage('note', { validate: false })
        note(@MessageBody('n') n: unknown): void {
          order.push(n);
        }
      }
      const app = await start({ providers: [ChatGateway] });
      const client = await app.connect('/chat?user_id=ana', { protocol });
      for (let n = 0; n < 20; n++) client.send({ type: 'note', n });
      await client.ping();
      expect(order).toEqual(['connecting']);
      open();
      await client.fence();
      expect(order).toEqual(['connecting', 'connected', ...Array.from({ length: 20 }, (_, n) => n)]);
    });

    it('wait for handleConnection and for every gateway of the path', async () => {
      const gates = [gate(), gate(), gate()];
      const done: string[] = [];
      @HauynaGateway({ path: '/chat' })
      class FirstGateway implements OnGatewayConnection {
        async handleConnection(): Promise<void> {
          await gates[0]!.opened;
          done.push('handleConnection');
        }

        @OnConnect()
        async welcome(): Promise<void> {
          await gates[1]!.opened;
          done.push('first');
        }

        @OnMessage('go')
        go(): string[] {
          return done;
        }
      }
      @HauynaGateway({ path: '/chat' })
      class SecondGateway {
        @OnConnect()
        async welcome(): Promise<void> {
          await gates[2]!.opened;
          done.push('second');
        }
      }
      const app = await start({ providers: [FirstGateway, SecondGateway] });
      const client = await app.connect('/chat', { protocol });
      const answer = client.request('go');
      for (const { open } of gates) {
        await client.ping();
        open();
      }
      expect(await answer).toEqual(['handleConnection', 'first', 'second']);
    });
  },
);

describe('a connection that opens', () => {
  it('can already receive while @OnConnect runs: a message to its own group reaches it', async () => {
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      constructor(private readonly groups: GroupService) {}

      @OnConnect()
      async welcome(@ConnectedSocket() client: Connection, @UserId() user: string): Promise<void> {
        client.send({ type: 'welcome', user });
        await this.groups.add(user, 'general');
        await this.groups.send('general', { type: 'user_joined', user });
      }
    }
    const app = await start({ providers: [ChatGateway] });
    // Many at once: nobody may miss their own announcement.
    const users = Array.from({ length: 40 }, (_, n) => `user${n}`);
    const clients = await Promise.all(
      users.map((user) => app.connect('/chat', { query: { user_id: user } })),
    );
    for (const [n, client] of clients.entries()) {
      expect(await client.next('welcome')).toEqual({ type: 'welcome', user: users[n] });
      expect(await client.next({ type: 'user_joined', user: users[n] })).toBeDefined();
    }
  });

  it('whose messages are too many while it opens is not read any further, and loses none', async () => {
    const { opened, open } = gate();
    let handled = 0;
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnConnect()
      async welcome(): Promise<void> {
        await opened;
      }

      @OnMessage('note')
      note(): void {
        handled++;
      }
    }
    const limits = { inFlight: 4, burst: 1000, messagesPerSecond: Infinity };
    const app = await start({ providers: [ChatGateway], options: { limits } });
    const client = await app.connect('/chat');
    for (let n = 0; n < 200; n++) client.send({ type: 'note' });
    open();
    await client.fence();
    expect(handled).toBe(200);
  });

  it('that leaves while it opens has its messages dropped and is cleaned up', async () => {
    const { opened, open } = gate();
    let handled = 0;
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnConnect()
      async welcome(): Promise<void> {
        await opened;
      }

      @OnMessage('note')
      note(): number {
        return ++handled;
      }
    }
    const app = await start({ providers: [ChatGateway] });
    const client = await app.connect('/chat?user_id=ana');
    client.send({ type: 'note' });
    await client.close();
    open();
    const other = await app.connect('/chat');
    expect(await other.request('note')).toBe(1);
  });
});

describe('@OnConnect', () => {
  it('that answers false closes with 4003 and nothing of the client is handled', async () => {
    let handled = 0;
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnConnect()
      welcome(): boolean {
        return false;
      }

      @OnMessage('note')
      note(): void {
        handled++;
      }
    }
    const app = await start({ providers: [ChatGateway] });
    const client = await app.connect('/chat?user_id=ana');
    client.send({ type: 'note' });
    expect(await client.next('error')).toMatchObject({
      error_type: 'forbidden',
      message: 'The connection is not allowed.',
    });
    expect(await client.closed).toEqual({ code: 4003, reason: 'The connection is not allowed.' });
    const v1 = await app.connect('/chat?user_id=ana', { protocol: 'v1' });
    expect(await v1.next('disconnect')).toMatchObject({ code: 4003, reconnect: false });
    expect(handled).toBe(0);
  });
});
