import { connect, Socket } from 'node:net';
import { ConnectedSocket } from '@nestjs/websockets';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  ChannelService,
  Connection,
  ConnectionService,
  GroupService,
  HauynaGateway,
  OnConnect,
  OnMessage,
  PathParam,
  PresenceService,
  QueryParam,
} from '../../lib/index.js';
import { ManualClock } from '../../lib/testing/index.js';
import { drain, start, until } from './start.js';

// Faults of the original library that must never come back.

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('whoami')
  whoami(@ConnectedSocket() { userId, state }: Connection): object {
    return { userId, state };
  }
}

@HauynaGateway({ path: '/rooms/:roomId/chat' })
class RoomGateway {
  constructor(private readonly groups: GroupService) {}

  @OnConnect()
  async join(
    @ConnectedSocket() client: Connection,
    @PathParam('roomId') roomId: string,
    @QueryParam('room') room: string | undefined,
  ): Promise<void> {
    await this.groups.add(client.userId ?? '', room ?? roomId);
  }
}

const providers = [ChatGateway, RoomGateway];

afterEach(() => {
  vi.restoreAllMocks();
});

describe('connections', () => {
  // `?user_id=123` was read as a number and refused, `?room=7` made the hook fail.
  it.each(['123', '0', '1e3', 'true', 'null', '{"a":1}', '"quoted"'])(
    'take the user id %s as text',
    async (id) => {
      const app = await start({ providers });
      const client = await app.connect('/chat', { query: { user_id: id } });
      expect(await client.request('whoami')).toMatchObject({ userId: id });
    },
  );

  it('take path and query values that look like numbers as text', async () => {
    const app = await start({ providers });
    const [ana, bob] = [
      await app.connect('/rooms/42/chat?user_id=ana'),
      await app.connect('/rooms/1/chat?user_id=bob&room=7'),
    ];
    await ana.fence();
    await bob.fence();
    expect(await app.get(GroupService).groupsOf('ana')).toEqual(['42']);
    expect(await app.get(GroupService).groupsOf('bob')).toEqual(['7']);
  });

  // Firefox sends `Connection: keep-alive, Upgrade`, which was refused.
  it.each(['keep-alive, Upgrade', 'Upgrade', 'upgrade', 'Keep-Alive,UPGRADE'])(
    'open with the header Connection: %s',
    async (header) => {
      const app = await start({ providers });
      const { port } = new URL(app.httpUrl);
      const socket = connect(Number(port), '127.0.0.1');
      const lines = [
        'GET /chat?user_id=ana HTTP/1.1',
        `Host: 127.0.0.1:${port}`,
        `Connection: ${header}`,
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      const answer = await new Promise<string>((resolve) =>
        socket.once('data', (data) => resolve(data.toString())),
      );
      expect(answer).toMatch(/^HTTP\/1\.1 101 /);
      socket.destroy();
    },
  );

  // The first of two connections became deaf, and when it closed the second never received anything again.
  it('of one user all receive, and one that closes takes neither the others nor the groups along', async () => {
    const app = await start({ providers });
    const [connections, groups] = [app.get(ConnectionService), app.get(GroupService)];
    const [first, second] = [await app.connect('/chat?user_id=ana'), await app.connect('/chat?user_id=ana')];
    await groups.add('ana', 'team');
    expect(await connections.sendToUser('ana', 'both')).toBe(2);
    expect([await first.next(), await second.next()]).toEqual(['both', 'both']);
    await first.close();
    await until(async () => (await connections.count()) === 1);
    expect(await connections.sendToUser('ana', 'private')).toBe(1);
    expect(await groups.send('team', 'group')).toBe(1);
    expect(await connections.broadcast('broadcast')).toBe(1);
    expect(await drain(second)).toEqual(['private', 'group', 'broadcast']);
  });

  // A client that never answered a ping was never closed: only one that had answered once could time out.
  it('that never answer a ping are closed after the timeout', async () => {
    const clock = new ManualClock();
    const app = await start({ providers, clock, options: { heartbeat: { interval: 1000, timeout: 2000 } } });
    const dead = await app.connect('/chat?user_id=dead', { autoPong: false });
    for (let n = 0; n < 3; n++) clock.advance(1000);
    expect(await dead.closed).toEqual({ code: 4203, reason: 'Heartbeat timeout' });
    await until(async () => (await app.get(ConnectionService).count()) === 0);
  });

  // An identification that failed dropped the TCP connection without a word.
  it('whose identification fails are told so', async () => {
    const identify = (): never => {
      throw new Error('no database');
    };
    const app = await start({ providers, options: { identify } });
    await expect(app.connect('/chat')).rejects.toMatchObject({ status: 500, body: { statusCode: 500 } });
  });

  // Answers came in lumps 40 ms apart, because small packets were held back.
  it('send small packets at once', async () => {
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const app = await start({ providers });
    await (await app.connect('/chat')).fence();
    const port = Number(new URL(app.httpUrl).port);
    const calls = setNoDelay.mock.contexts.map((socket, n) => [
      (socket as Socket).localPort,
      setNoDelay.mock.calls[n]?.[0],
    ]);
    expect(calls).toContainEqual([port, true]);
  });

  // Anonymous sockets left their state entries behind for ever.
  it('leave nothing behind when they are gone, anonymous ones included', async () => {
    const app = await start({ providers });
    for (let n = 0; n < 5; n++) {
      const clients = [
        await app.connect('/chat?channel=room'),
        await app.connect('/chat?user_id=ana&channel=room'),
      ];
      for (const client of clients) await client.fence();
      await clients[0]!.terminate();
      await clients[1]!.close();
    }
    await until(async () => (await app.get(ConnectionService).count()) === 0);
    for (const state of ['connected', 'idle', 'disconnected', 'reconnecting', 'error'] as const) {
      expect(await app.get(ConnectionService).countByState(state)).toBe(0);
    }
    expect(await app.get(ChannelService).subscriptionCount('room')).toBe(0);
    expect(await app.get(PresenceService).count()).toBe(0);
  });
});
