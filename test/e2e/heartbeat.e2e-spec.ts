import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  ConnectionService,
  HauynaGateway,
  OnPing,
  OnPong,
  type HauynaOptions,
} from '../../lib/index.js';
import { ManualClock, type TestApp, type TestClient } from '../../lib/testing/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly heard: string[] = [];

  @OnPing()
  ping(client: Connection, payload: string): void {
    this.heard.push(`ping ${String(client.userId)} ${payload}`);
  }

  @OnPong()
  pong(client: Connection): void {
    this.heard.push(`pong ${String(client.latency)}`);
  }
}

@HauynaGateway({ path: '/fast', heartbeat: { interval: 1000 } })
class FastGateway {}

@HauynaGateway({ path: '/quiet', heartbeat: false })
class QuietGateway {}

@Injectable()
class Audit {
  pings = 0;

  @OnPing()
  ping(): void {
    this.pings++;
  }
}

const start = useApps();

function startAt(clock: ManualClock, options: HauynaOptions = {}): Promise<TestApp> {
  return start({
    clock,
    providers: [ChatGateway, FastGateway, QuietGateway, Audit],
    options: { idleTimeout: false, ...options },
  });
}

/** Moves the clock on and lets the client answer what came of it. */
async function pass(clock: ManualClock, ms: number, ...clients: TestClient[]): Promise<void> {
  clock.advance(ms);
  await Promise.all(clients.map((client) => client.fence()));
}

describe('The sweep', () => {
  it('is one timer for all connections, and none while nobody is connected', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock);
    expect(clock.pending).toBe(0);
    const clients = await Promise.all(Array.from({ length: 20 }, () => app.connect('/chat')));
    expect(clock.pending).toBe(1);
    await Promise.all(clients.map((client) => client.close()));
    await until(() => clock.pending === 0, 'the timer is gone');
    await app.connect('/quiet');
    expect(clock.pending).toBe(0);
  });

  it('pings every connection once an interval, spread over the interval', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock);
    const clients = await Promise.all(Array.from({ length: 10 }, () => app.connect('/chat')));
    await pass(clock, 14_000, ...clients);
    expect(clients.map(({ pings }) => pings)).toEqual(Array.from({ length: 10 }, () => 0));
    await pass(clock, 8000, ...clients);
    const early = clients.filter(({ pings }) => pings === 1).length;
    expect(early).toBeGreaterThan(1);
    expect(early).toBeLessThan(9);
    await pass(clock, 8000, ...clients);
    expect(clients.every(({ pings }) => pings === 1)).toBe(true);
    await pass(clock, 30_000, ...clients);
    expect(clients.every(({ pings }) => pings === 2)).toBe(true);
  });

  it('keeps a client that answers for ever', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock);
    const client = await app.connect('/chat');
    for (let turn = 0; turn < 20; turn++) await pass(clock, 15_000, client);
    expect(client.isOpen).toBe(true);
    expect(client.pings).toBeGreaterThanOrEqual(9);
  });
});

describe('The settings', () => {
  it('are advertised to v1 clients, each with those of its gateway', async () => {
    const app = await startAt(new ManualClock());
    const welcome = async (path: string): Promise<unknown> => {
      const client = await app.connect(path, { protocol: 'v1' });
      return (await client.next<{ heartbeat: unknown }>('welcome')).heartbeat;
    };
    expect(await welcome('/chat')).toEqual({ interval: 30_000, timeout: 60_000 });
    expect(await welcome('/fast')).toEqual({ interval: 1000, timeout: 2000 });
    expect(await welcome('/quiet')).toBeNull();
  });

  it('of a gateway rule its own connections only', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock);
    const [chat, fast, quiet] = await Promise.all([
      app.connect('/chat'),
      app.connect('/fast'),
      app.connect('/quiet'),
    ]);
    await pass(clock, 1100, chat, fast, quiet);
    expect([chat.pings, fast.pings, quiet.pings]).toEqual([0, 1, 0]);
  });

  it('`false` pings nobody and closes nobody, however silent', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock, { heartbeat: false });
    const client = await app.connect('/chat', { autoPong: false });
    expect(clock.pending).toBe(0);
    await pass(clock, 24 * 3_600_000, client);
    expect(client.pings).toBe(0);
    expect(client.isOpen).toBe(true);
  });

  it('of the application may be off while a gateway has its own', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock, { heartbeat: false });
    const fast = await app.connect('/fast', { autoPong: false });
    clock.advance(2100);
    expect(await fast.closed).toMatchObject({ code: 4203 });
  });

  it('a timeout that is not given is twice the interval', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock, { heartbeat: { interval: 10_000 } });
    const client = await app.connect('/chat', { protocol: 'v1' });
    expect(await client.next('welcome')).toMatchObject({
      heartbeat: { interval: 10_000, timeout: 20_000 },
    });
  });
});

describe('A sign of life', () => {
  const silent = async (sign: (client: TestClient) => Promise<void>): Promise<TestClient> => {
    const clock = new ManualClock();
    const app = await startAt(clock);
    const client = await app.connect('/chat', { autoPong: false });
    for (let turn = 0; turn < 4; turn++) {
      clock.advance(40_000);
      await sign(client);
    }
    return client;
  };

  it('is a heartbeat message', async () => {
    const client = await silent(async (c) => void (await c.request('heartbeat')));
    expect(client.isOpen).toBe(true);
  });

  it('is any other message, a faulty one included', async () => {
    const client = await silent(async (c) => {
      c.sendRaw('not json');
      await c.next('error');
    });
    expect(client.isOpen).toBe(true);
  });

  it('is a protocol ping of the client', async () => {
    const client = await silent((c) => c.ping());
    expect(client.isOpen).toBe(true);
  });
});

describe('A heartbeat message', () => {
  it('is not answered to a plain client without an id', async () => {
    const app = await startAt(new ManualClock());
    const client = await app.connect('/chat');
    client.send({ type: 'heartbeat' });
    await client.expectNone();
  });

  it('is answered with an ack when it has an id, and with a heartbeat in v1', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock);
    const plain = await app.connect('/chat');
    plain.send({ type: 'heartbeat', id: 7 });
    expect(await plain.next()).toEqual({ type: 'ack', id: 7 });
    const v1 = await app.connect('/chat', { protocol: 'v1' });
    v1.send({ type: 'heartbeat' });
    expect(await v1.next('heartbeat')).toEqual({ type: 'heartbeat', timestamp: clock.now() });
  });
});

describe('The hooks', () => {
  it('latency is the time between ping and pong, and @OnPong finds it up to date', async () => {
    const clock = new ManualClock();
    const app = await startAt(clock, { heartbeat: { interval: 1000, timeout: 5000 } });
    const client = await app.connect('/chat');
    const [connection] = await app.get(ConnectionService).list();
    expect(connection?.latency).toBeNull();
    const pinged = client.nextPing();
    clock.advance(1000);
    const before = client.pings;
    clock.advance(40);
    await pinged;
    await client.fence();
    expect(before).toBe(0);
    expect(connection?.latency).toBeGreaterThanOrEqual(40);
    expect(connection?.latency).toBeLessThanOrEqual(540);
    expect(app.get(ChatGateway).heard).toEqual([`pong ${String(connection?.latency)}`]);
  });

  it('@OnPing gets the connection and the payload, on a gateway for its own path and on any provider for all', async () => {
    const app = await startAt(new ManualClock(), { identify: ({ query }) => query['user_id'] });
    const [chat, fast] = await Promise.all([app.connect('/chat?user_id=ana'), app.connect('/fast')]);
    await chat.ping('hola');
    await fast.ping('hi');
    expect(app.get(ChatGateway).heard).toEqual(['ping ana hola']);
    expect(app.get(Audit).pings).toBe(2);
  });
});

it('a heartbeat that cannot work is refused at boot, on the module and on a gateway', async () => {
  await expect(start({ options: { heartbeat: { interval: 100, timeout: 50 } } })).rejects.toThrow(
    /heartbeat\.timeout \(50\) must not be shorter than heartbeat\.interval/,
  );
  @HauynaGateway({ path: '/x', heartbeat: { interval: 0 } })
  class WrongGateway {}
  await expect(start({ providers: [WrongGateway] })).rejects.toThrow(
    /WrongGateway: heartbeat\.interval must be/,
  );
});
