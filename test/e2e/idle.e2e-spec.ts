import { describe, expect, it } from 'vitest';
import {
  Connection,
  ConnectionService,
  HauynaGateway,
  OnConnectionStateChange,
  type HauynaOptions,
  type StateChange,
} from '../../lib/index.js';
import { ManualClock, type TestApp } from '../../lib/testing/index.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly idle: string[] = [];
  readonly back: string[] = [];

  @OnConnectionStateChange({ from: 'connected', to: 'idle' })
  gone({ connection }: StateChange<Connection>): void {
    this.idle.push(connection.id);
  }

  @OnConnectionStateChange({ from: 'idle', to: 'connected' })
  returned({ connection }: StateChange<Connection>): void {
    this.back.push(connection.id);
  }
}

const start = useApps();
const IDLE = { type: 'connection_state', state: 'idle' };

function startAt(clock: ManualClock, options: HauynaOptions = {}): Promise<TestApp> {
  return start({ clock, providers: [ChatGateway], options: { heartbeat: false, ...options } });
}

describe.each(['plain', 'v1'] as const)('A %s connection', (protocol) => {
  it('without a message for idleTimeout is idle, and comes back with its next message', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock, { idleTimeout: 10_000 });
    const client = await app.connect('/chat', { protocol });
    const [connection] = await app.get(ConnectionService).list();
    clock.advance(9000);
    expect(connection?.state).toBe('connected');
    clock.advance(2000);
    expect(await client.next('connection_state')).toMatchObject(IDLE);
    expect(connection?.state).toBe('idle');
    expect(await app.get(ConnectionService).countByState('idle')).toBe(1);
    await client.fence();
    expect(await client.next('connection_state')).toMatchObject({ state: 'connected', user: null });
    expect(app.get(ChatGateway).idle).toEqual([connection?.id]);
    expect(app.get(ChatGateway).back).toEqual([connection?.id]);
  });
});

it('heartbeats and pongs keep a connection alive, not busy', async () => {
  const clock = new ManualClock();
  const app = await startAt(clock, { idleTimeout: 10_000, heartbeat: { interval: 4000, timeout: 60_000 } });
  const client = await app.connect('/chat');
  for (let turn = 0; turn < 3; turn++) {
    clock.advance(4000);
    await client.request('heartbeat');
  }
  expect(await client.next('connection_state')).toMatchObject(IDLE);
  await client.request('heartbeat');
  expect(await app.get(ConnectionService).countByState('idle')).toBe(1);
});

it('an idle connection still receives', async () => {
  const clock = new ManualClock();
  const app = await startAt(clock, { idleTimeout: 1000 });
  const client = await app.connect('/chat');
  clock.advance(2000);
  await client.next(IDLE);
  expect(await app.get(ConnectionService).broadcast({ news: 1 })).toBe(1);
  expect(await client.next()).toEqual({ news: 1 });
});

it('is 5 minutes when nothing is said, and can be turned off', async () => {
  const clock = new ManualClock();
  const [usual, never] = await Promise.all([startAt(clock), startAt(clock, { idleTimeout: false })]);
  const [a, b] = await Promise.all([usual.connect('/chat'), never.connect('/chat')]);
  clock.advance(299_000);
  await a.expectNone('connection_state');
  clock.advance(301_000);
  await a.next(IDLE);
  await b.expectNone('connection_state');
});
