import { Injectable } from '@nestjs/common';
import { MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  ConnectionService,
  HauynaGateway,
  OnConnectionStateChange,
  OnMessage,
  identifyByQuery,
  type ConnectionState,
  type StateChange,
} from '../../lib/index.js';
import { type TestApp, type TestClient } from '../../lib/testing/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly changes: string[] = [];

  @OnConnectionStateChange()
  changed({ from, to }: StateChange<Connection>): void {
    this.changes.push(`${String(from)} → ${to}`);
  }

  @OnMessage('echo', { validate: false })
  echo(@MessageBody() body: object): object {
    return body;
  }

  @OnMessage('fail', { validate: false })
  fail(): void {
    throw new Error('secret');
  }
}

@Injectable()
class Alarm {
  readonly errors: string[] = [];

  @OnConnectionStateChange({ to: 'error' })
  failed({ connection }: StateChange<Connection>): void {
    this.errors.push(connection.userId ?? 'nobody');
  }
}

const start = useApps();

async function startOne(): Promise<{
  app: TestApp;
  client: TestClient;
  connection: Connection;
  connections: ConnectionService;
}> {
  const app = await start({
    providers: [ChatGateway, Alarm],
    options: { identify: identifyByQuery('user_id') },
  });
  const client = await app.connect('/chat?user_id=ana');
  const connections = app.get(ConnectionService);
  const [connection] = await connections.list();
  return { app, client, connection: connection as Connection, connections };
}

const STATES: readonly ConnectionState[] = ['connected', 'idle', 'disconnected', 'reconnecting', 'error'];
const ALLOWED: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  connected: ['idle', 'disconnected', 'error'],
  idle: ['connected', 'disconnected', 'error'],
  disconnected: ['reconnecting', 'error'],
  reconnecting: ['connected', 'error'],
  error: ['reconnecting'],
};
/** How to reach a state from `connected`. */
const WAY: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  connected: [],
  idle: ['idle'],
  error: ['error'],
  reconnecting: ['error', 'reconnecting'],
  disconnected: ['disconnected'],
};

function isState(frame: unknown): frame is { state: ConnectionState } {
  return (frame as { type?: unknown }).type === 'connection_state';
}

describe('The transition table', () => {
  for (const from of STATES.filter((state) => state !== 'disconnected')) {
    for (const to of STATES.filter((state) => state !== from)) {
      const allowed = ALLOWED[from].includes(to);
      it(`${allowed ? 'allows' : 'refuses'} ${from} → ${to}`, async () => {
        const { client, connection, connections } = await startOne();
        for (const step of WAY[from]) expect(await connections.setState(connection, step)).toBe(true);
        expect(await connections.setState(connection, to)).toBe(allowed);
        expect(connection.state).toBe(allowed ? to : from);
        if (connection.state === 'disconnected') return;
        await client.fence();
        const told = client.received.filter(isState).map(({ state }) => state);
        // The fence is a message, and a message wakes an idle connection up.
        const woken =
          connection.state === 'connected' && (allowed ? to : from) === 'idle' ? ['connected'] : [];
        expect(told).toEqual([...WAY[from], ...(allowed ? [to] : []), ...woken]);
      });
    }
  }

  it('a connection set to disconnected is told, gets nothing, and is as before when it is connected again', async () => {
    const { client, connection, connections } = await startOne();
    await connections.setState(connection, 'disconnected');
    expect(await client.next('connection_state')).toMatchObject({ state: 'disconnected' });
    expect(await connections.broadcast('not now')).toBe(0);
    await connections.setState(connection, 'reconnecting');
    await connections.setState(connection, 'connected');
    expect(await connections.broadcast('again')).toBe(1);
    await client.fence();
    expect(client.received).toContain('again');
    expect(client.received).not.toContain('not now');
  });

  it('a state may follow itself: nothing is sent and nobody is told', async () => {
    const { app, client, connection, connections } = await startOne();
    expect(await connections.setState(connection, 'connected')).toBe(true);
    await client.expectNone('connection_state');
    expect(app.get(ChatGateway).changes).toEqual(['null → connected']);
  });

  it('a state that does not exist is an error', async () => {
    const { connection, connections } = await startOne();
    await expect(connections.setState(connection, 'sleeping' as ConnectionState)).rejects.toThrow(
      'state must be one of connected, idle, disconnected, reconnecting, error, got sleeping.',
    );
    expect(() => connections.addTransition('connected', 'asleep' as ConnectionState)).toThrow(
      'to must be one of',
    );
    await expect(connections.countByState('x' as ConnectionState)).rejects.toThrow('state must be one of');
  });

  it('a connection that is not open has no state to change', async () => {
    const { client, connection, connections } = await startOne();
    await client.close();
    await until(async () => (await connections.count()) === 0);
    expect(await connections.setState(connection, 'idle')).toBe(false);
    expect(await connections.setState('nobody', 'idle')).toBe(false);
    expect(connection.state).toBe('disconnected');
  });
});

describe('The client', () => {
  it('is told of a change with user, state and time as a number', async () => {
    const { client, connection, connections } = await startOne();
    await connections.setState(connection.id, 'error');
    const frame = await client.next<{ timestamp: number }>('connection_state');
    expect(frame).toEqual({
      type: 'connection_state',
      user: 'ana',
      state: 'error',
      timestamp: frame.timestamp,
    });
    expect(typeof frame.timestamp).toBe('number');
  });

  it('is not told on every message', async () => {
    const { client } = await startOne();
    for (let n = 0; n < 5; n++) expect(await client.request('echo', { n })).toEqual({ n });
    await client.expectNone('connection_state');
  });

  it('stays connected when one of its messages fails', async () => {
    const { app, client, connection } = await startOne();
    await expect(client.request('fail')).rejects.toMatchObject({ error_type: 'internal_error' });
    expect(connection.state).toBe('connected');
    expect(await client.request('echo', { still: 'here' })).toEqual({ still: 'here' });
    expect(app.get(Alarm).errors).toEqual([]);
  });
});

describe('The application', () => {
  it('hears every change, first and last included, and filters by from and to', async () => {
    const { app, client, connection, connections } = await startOne();
    await connections.setState(connection, 'error');
    await connections.setState(connection, 'reconnecting');
    await connections.setState(connection, 'connected');
    await client.close();
    const { changes } = app.get(ChatGateway);
    await until(() => changes.length === 5);
    expect(changes).toEqual([
      'null → connected',
      'connected → error',
      'error → reconnecting',
      'reconnecting → connected',
      'connected → disconnected',
    ]);
    expect(app.get(Alarm).errors).toEqual(['ana']);
  });

  it('onStateChange can be stopped, and a listener that fails stops nobody', async () => {
    const { connection, connections, app } = await startOne();
    const seen: string[] = [];
    connections.onStateChange(() => {
      throw new Error('listener');
    });
    connections.onStateChange(async () => {
      await Promise.reject(new Error('async listener'));
    });
    const off = connections.onStateChange(({ to, at }) => void seen.push(`${to} ${typeof at}`));
    await connections.setState(connection, 'idle');
    off();
    await connections.setState(connection, 'connected');
    expect(seen).toEqual(['idle number']);
    expect(app.get(ChatGateway).changes).toHaveLength(3);
  });

  it('may allow more transitions, for itself only', async () => {
    const [one, other] = await Promise.all([startOne(), startOne()]);
    one.connections.addTransition('error', 'connected');
    for (const { connection, connections } of [one, other]) await connections.setState(connection, 'error');
    expect(await one.connections.setState(one.connection, 'connected')).toBe(true);
    expect(await other.connections.setState(other.connection, 'connected')).toBe(false);
    expect(await one.client.next({ type: 'connection_state', state: 'connected' })).toBeDefined();
    await other.client.expectNone({ type: 'connection_state', state: 'connected' });
  });

  it('counts by state', async () => {
    const { app, connection, connections } = await startOne();
    await app.connect('/chat');
    await connections.setState(connection, 'error');
    expect(await connections.countByState('error')).toBe(1);
    expect(await connections.countByState('connected')).toBe(1);
    expect(await connections.countByState('idle')).toBe(0);
  });
});
