import { ConnectedSocket } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  ConnectionService,
  HauynaGateway,
  OnConnectionStateChange,
  OnMessage,
  PathParam,
  QueryParam,
  UserId,
  type StateChange,
} from '../../lib/index.js';
import { UpgradeError } from '../../lib/testing/index.js';
import { start, until } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('whoami')
  whoami(@ConnectedSocket() client: Connection, @UserId() user: string | null): object {
    const { id, userId, path, params, query, state } = client;
    return { id, userId, user, path, params, query, state };
  }
}

@HauynaGateway({ path: '/rooms/:roomId/chat' })
class RoomGateway {
  @OnMessage('where')
  where(@PathParam('roomId') room: string, @QueryParam('n') n: string, @PathParam() all: object): object {
    return { room, n, all };
  }
}

const providers = [ChatGateway, RoomGateway];

describe.each(['express', 'fastify'] as const)('a connection on %s', (platform) => {
  it('is registered while it is open, with a unique id, its user, path and query', async () => {
    const app = await start({ providers, platform });
    const connections = app.get(ConnectionService);
    const client = await app.connect('/chat?user_id=ana&theme=dark');
    const me = await client.request<{ id: string }>('whoami');
    expect(me).toMatchObject({
      userId: 'ana',
      user: 'ana',
      path: '/chat',
      params: {},
      query: { user_id: 'ana', theme: 'dark' },
      state: 'connected',
    });
    expect(await connections.get(me.id)).toMatchObject({ id: me.id, userId: 'ana' });
    expect(await connections.count()).toBe(1);
    await client.close();
    await until(async () => (await connections.count()) === 0, 'the end of the connection');
    expect(await connections.get(me.id)).toBeUndefined();
    expect(await connections.ofUser('ana')).toEqual([]);
  });
});

describe('connections', () => {
  it('path and query values are text, whatever they look like', async () => {
    const app = await start({ providers });
    const client = await app.connect('/rooms/42/chat?n=7&n=8&user_id=true');
    expect(await client.request('where')).toEqual({ room: '42', n: '8', all: { roomId: '42' } });
    const [connection] = await app.get(ConnectionService).list();
    expect(connection?.userId).toBe('true');
  });

  it('a user may have many, each with an id of its own', async () => {
    const app = await start({ providers });
    const connections = app.get(ConnectionService);
    const clients = await Promise.all(Array.from({ length: 5 }, () => app.connect('/chat?user_id=ana')));
    await app.connect('/chat?user_id=bob');
    const all = await connections.ofUser('ana');
    expect(all).toHaveLength(5);
    expect(new Set(all.map(({ id }) => id)).size).toBe(5);
    expect(await connections.list()).toHaveLength(6);
    await clients[0]!.close();
    await until(async () => (await connections.ofUser('ana')).length === 4);
    expect(await connections.sendToUser('ana', 'still here')).toBe(4);
    for (const client of clients.slice(1)) expect(await client.next()).toBe('still here');
  });

  it('one more than connectionsPerUser is refused with 429, or with a code v1 clients can read', async () => {
    const app = await start({ providers, options: { limits: { connectionsPerUser: 2 } } });
    const first = await app.connect('/chat?user_id=ana');
    await app.connect('/chat?user_id=ana');
    const refused: unknown = await app.connect('/chat?user_id=ana').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UpgradeError);
    expect(refused).toMatchObject({
      status: 429,
      body: { statusCode: 429 },
      headers: { 'retry-after': '10' },
    });
    const v1 = await app.connect('/chat?user_id=ana', { protocol: 'v1' });
    expect(await v1.closed).toMatchObject({ code: 4004 });
    // Neither other users nor anonymous connections are concerned, and a place that becomes free can be taken.
    await app.connect('/chat?user_id=bob');
    await Promise.all([app.connect('/chat'), app.connect('/chat'), app.connect('/chat')]);
    await first.close();
    await until(async () => (await app.get(ConnectionService).ofUser('ana')).length === 1);
    await app.connect('/chat?user_id=ana');
  });

  it('connections opened at the same time do not get past connectionsPerUser', async () => {
    const app = await start({ providers, options: { limits: { connectionsPerUser: 3 } } });
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => app.connect('/chat?user_id=ana')),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await app.get(ConnectionService).ofUser('ana')).toHaveLength(3);
  });
});

describe('ConnectionService', () => {
  const setup = async () => {
    const app = await start({ providers });
    const connections = app.get(ConnectionService);
    const ana = await app.connect('/chat?user_id=ana');
    const anaV1 = await app.connect('/chat?user_id=ana', { protocol: 'v1' });
    const bob = await app.connect('/chat?user_id=bob');
    const nobody = await app.connect('/chat');
    await anaV1.next('welcome');
    const [anaId, anaV1Id, bobId, nobodyId] = (await connections.list()).map(({ id }) => id) as [
      string,
      string,
      string,
      string,
    ];
    return { app, connections, ana, anaV1, bob, nobody, anaId, anaV1Id, bobId, nobodyId };
  };

  it('says who is behind a connection', async () => {
    const { connections, anaId, nobodyId } = await setup();
    expect(await connections.userIdOf(anaId)).toBe('ana');
    expect(await connections.userIdOf((await connections.get(anaId))!)).toBe('ana');
    expect(await connections.userIdOf(nobodyId)).toBeNull();
    expect(await connections.userIdOf('unknown')).toBeNull();
    expect(await connections.get('__proto__')).toBeUndefined();
  });

  it('broadcasts to everybody, anonymous ones included, and says how many that are', async () => {
    const { connections, ana, anaV1, bob, nobody } = await setup();
    expect(await connections.broadcast({ text: 'hola' })).toBe(4);
    for (const client of [ana, bob, nobody]) expect(await client.next()).toEqual({ text: 'hola' });
    expect(await anaV1.next()).toEqual({ type: 'message', via: 'broadcast', data: { text: 'hola' } });
  });

  it('leaves out users, connection ids and connections', async () => {
    const { connections, ana, anaV1, bob, nobody, nobodyId, anaId } = await setup();
    expect(await connections.broadcast(1, { except: 'ana' })).toBe(2);
    expect(await connections.broadcast(2, { except: [nobodyId, 'bob', 'unknown'] })).toBe(2);
    expect(await connections.broadcast(3, { except: (await connections.get(anaId))! })).toBe(3);
    expect(await connections.broadcast(4, { except: [] })).toBe(4);
    for (const client of [ana, anaV1, bob, nobody]) await client.fence();
    expect(ana.frames).toEqual([2, 4]);
    expect(bob.frames).toEqual([1, 3, 4]);
    expect(nobody.frames).toEqual([1, 3, 4]);
    expect(anaV1.frames).toMatchObject([{ data: 2 }, { data: 3 }, { data: 4 }]);
  });

  it('sends to one connection, one user, several users', async () => {
    const { connections, ana, anaV1, bob, nobody, bobId } = await setup();
    expect(await connections.sendTo(bobId, 'one')).toBe(1);
    expect(await connections.sendTo('unknown', 'one')).toBe(0);
    expect(await connections.sendToUser('ana', 'user')).toBe(2);
    expect(await connections.sendToUser('unknown', 'user')).toBe(0);
    expect(await connections.sendToUsers(['ana', 'bob', 'ana', 'unknown'], 'users')).toBe(3);
    expect(await connections.sendToUsers([], 'users')).toBe(0);
    await Promise.all([ana, anaV1, bob, nobody].map((client) => client.fence()));
    expect(ana.frames).toEqual(['user', 'users']);
    expect(anaV1.frames).toMatchObject([
      { via: 'private', data: 'user' },
      { via: 'private', data: 'users' },
    ]);
    expect(bob.frames).toEqual(['one', 'users']);
    expect(nobody.frames).toEqual([]);
  });

  it('refuses data without JSON form before anybody gets any of it', async () => {
    const { connections, ana, bobId } = await setup();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const data of [undefined, () => 1, Symbol('s'), 1n, circular]) {
      await expect(connections.broadcast(data)).rejects.toMatchObject({ type: 'validation_error' });
      await expect(connections.sendTo(bobId, data)).rejects.toMatchObject({ type: 'validation_error' });
      await expect(connections.sendToUser('ana', data)).rejects.toMatchObject({ type: 'validation_error' });
    }
    await ana.expectNone();
  });

  it('disconnects one connection or all of a user, with code, reason and whether to come back', async () => {
    const { connections, ana, anaV1, bob, nobody, nobodyId } = await setup();
    expect(await connections.disconnect('unknown')).toBe(0);
    expect(await connections.disconnect({ userId: 'unknown' })).toBe(0);
    expect(await connections.disconnect(nobodyId)).toBe(1);
    expect(await nobody.closed).toEqual({ code: 4005, reason: 'disconnected by the server' });
    expect(
      await connections.disconnect({ userId: 'ana' }, { code: 4500, reason: 'adiós', reconnect: true }),
    ).toBe(2);
    expect(await ana.closed).toEqual({ code: 4500, reason: 'adiós' });
    expect(await anaV1.next('disconnect')).toEqual({
      type: 'disconnect',
      code: 4500,
      reason: 'adiós',
      reconnect: true,
    });
    expect(await anaV1.closed).toEqual({ code: 4500, reason: 'adiós' });
    await expect(connections.disconnect({ userId: 'bob' }, { code: 1006 })).rejects.toMatchObject({
      type: 'validation_error',
    });
    await bob.fence();
    expect(bob.isOpen).toBe(true);
  });

  it('what was sent before a disconnect still arrives', async () => {
    const { connections, ana } = await setup();
    for (let n = 0; n < 50; n++) await connections.sendToUser('ana', n);
    await connections.disconnect({ userId: 'ana' });
    await ana.closed;
    expect(ana.frames).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it('moves connections from state to state and tells their clients, as far as the table allows', async () => {
    const { connections, bob, bobId, anaId } = await setup();
    expect(await connections.countByState('connected')).toBe(4);
    expect(await connections.setState(bobId, 'idle')).toBe(true);
    expect(await bob.next('connection_state')).toEqual({
      type: 'connection_state',
      user: 'bob',
      state: 'idle',
      timestamp: expect.any(Number) as number,
    });
    expect(await connections.countByState('idle')).toBe(1);
    expect(await connections.setState(bobId, 'reconnecting')).toBe(false);
    expect(await connections.setState(bobId, 'idle')).toBe(true);
    expect(await connections.setState('unknown', 'idle')).toBe(false);
    await bob.fence();
    await expect(connections.setState(bobId, 'happy' as never)).rejects.toMatchObject({
      type: 'validation_error',
    });
    await expect(connections.countByState('happy' as never)).rejects.toMatchObject({
      type: 'validation_error',
    });
    connections.addTransition('connected', 'reconnecting');
    expect(await connections.setState(anaId, 'reconnecting')).toBe(true);
    expect(() => connections.addTransition('happy' as never, 'idle')).toThrow(/happy/);
    expect(await connections.countByState('error')).toBe(0);
  });

  it('an added transition concerns one application only', async () => {
    const [one, two] = await Promise.all([setup(), setup()]);
    one.connections.addTransition('connected', 'reconnecting');
    expect(await two.connections.setState(two.bobId, 'reconnecting')).toBe(false);
    expect(await one.connections.setState(one.bobId, 'reconnecting')).toBe(true);
  });

  it('a message makes an idle connection connected again', async () => {
    const { connections, bob, bobId } = await setup();
    await connections.setState(bobId, 'idle');
    await bob.next('connection_state');
    await bob.fence();
    expect(await bob.next('connection_state')).toMatchObject({ state: 'connected' });
  });

  it('tells of every change of state until the listener is taken off', async () => {
    const { app, connections, bob, bobId } = await setup();
    const changes: unknown[] = [];
    const off = connections.onStateChange(({ connection, from, to }) => {
      changes.push([connection.userId, from, to]);
      throw new Error('a listener may fail');
    });
    await connections.setState(bobId, 'error');
    await connections.setState(bobId, 'error');
    await app.connect('/chat?user_id=eva');
    await bob.close();
    await until(() => changes.length >= 3);
    off();
    await app.connect('/chat?user_id=zoe');
    expect(changes).toEqual([
      ['bob', 'connected', 'error'],
      ['eva', null, 'connected'],
      ['bob', 'error', 'disconnected'],
    ]);
  });

  it('tells v1 clients of a new retry policy, and newcomers with their welcome', async () => {
    const { app, connections, anaV1, ana, anaV1Id } = await setup();
    await connections.setRetryPolicy({ maxAttempts: 9 });
    expect(await anaV1.next('retry_policy')).toMatchObject({ retry: { maxAttempts: 9, baseDelay: 1000 } });
    await connections.setRetryPolicy({ baseDelay: 50 }, anaV1Id);
    expect(await anaV1.next('retry_policy')).toMatchObject({ retry: { maxAttempts: 9, baseDelay: 50 } });
    const eva = await app.connect('/chat?user_id=eva', { protocol: 'v1' });
    expect(await eva.next('welcome')).toMatchObject({
      user: 'eva',
      retry: { maxAttempts: 9, baseDelay: 1000 },
    });
    await expect(connections.setRetryPolicy({ jitter: 2, baseDelay: -1 })).rejects.toThrow(
      /baseDelay.*jitter/,
    );
    await expect(connections.setRetryPolicy({ maxTries: 1 } as never)).rejects.toThrow(/maxTries/);
    await ana.expectNone('retry_policy');
  });
});

describe('@OnConnectionStateChange', () => {
  it('is told what its filter asks for, for the connections of its path', async () => {
    const told: unknown[] = [];
    @HauynaGateway({ path: '/watched' })
    class WatchedGateway {
      @OnConnectionStateChange({ to: 'idle' })
      idle({ connection, from }: StateChange<Connection>): void {
        told.push(['idle', connection.userId, from]);
      }

      @OnConnectionStateChange({ from: 'connected', to: 'disconnected' })
      gone({ connection }: StateChange<Connection>): void {
        told.push(['gone', connection.userId]);
      }
    }
    const app = await start({ providers: [WatchedGateway, ChatGateway] });
    const connections = app.get(ConnectionService);
    const ana = await app.connect('/watched?user_id=ana');
    await app.connect('/chat?user_id=bob');
    for (const { id } of await connections.list()) await connections.setState(id, 'idle');
    await ana.fence();
    await ana.close();
    await until(() => told.length >= 2);
    expect(told).toEqual([
      ['idle', 'ana', 'connected'],
      ['gone', 'ana'],
    ]);
  });
});
