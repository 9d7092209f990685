import { MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ConnectionService,
  HauynaGateway,
  OnMessage,
  identifyByQuery,
  type LimitOptions,
} from '../../lib/index.js';
import { ManualClock, UpgradeError, type TestApp } from '../../lib/testing/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('echo', { validate: false })
  echo(@MessageBody('value') value: unknown): unknown {
    return value;
  }

  @OnMessage('fail')
  fail(): never {
    throw new Error('secret');
  }
}

const start = useApps();
async function boot(limits: LimitOptions = {}): Promise<{ app: TestApp; clock: ManualClock }> {
  const clock = new ManualClock();
  const options = {
    limits,
    identify: identifyByQuery('user_id'),
    idleTimeout: false as const,
    heartbeat: false as const,
  };
  return { clock, app: await start({ clock, providers: [ChatGateway], options }) };
}

describe('maxPayload', () => {
  it('closes with 1009 on a message that is larger, and lets the largest through', async () => {
    const { app } = await boot({ maxPayload: 1000 });
    const client = await app.connect('/chat');
    const frame = (size: number): string => {
      const empty = '{"type":"echo","id":1,"value":""}';
      return empty.replace('""', `"${'x'.repeat(size - empty.length)}"`);
    };
    client.sendRaw(frame(1000));
    expect(await client.next('ack')).toMatchObject({ id: 1 });
    client.sendRaw(frame(1001));
    expect((await client.closed).code).toBe(1009);
    expect(app.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is 64 KiB when nothing is said, and may be Infinity', async () => {
    const { app } = await boot();
    const client = await app.connect('/chat');
    client.sendRaw('x'.repeat(65_537));
    expect((await client.closed).code).toBe(1009);
    const { app: open } = await boot({ maxPayload: Infinity });
    const other = await open.connect('/chat');
    expect(await other.request('echo', { value: 'x'.repeat(200_000) })).toHaveLength(200_000);
  });

  it('counts bytes, not characters', async () => {
    const { app } = await boot({ maxPayload: 1000 });
    const client = await app.connect('/chat');
    client.send({ type: 'echo', value: 'ñ'.repeat(600) });
    expect((await client.closed).code).toBe(1009);
  });
});

describe('maxDepth and maxKeys', () => {
  const nested = (depth: number): string =>
    `{"type":"echo","id":1,"value":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

  it('refuse what is deeper or wider, before it is parsed, and the connection lives', async () => {
    const { app } = await boot({ maxDepth: 5, maxKeys: 10 });
    const client = await app.connect('/chat');
    client.sendRaw(nested(5));
    expect(await client.next()).toMatchObject({ type: 'ack' });
    client.sendRaw(nested(6));
    expect(await client.next()).toMatchObject({
      error_type: 'limit_exceeded',
      message: expect.stringContaining('5') as unknown,
    });
    const wide = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, n]));
    client.send({ type: 'echo', ...wide });
    expect(await client.next('error')).toMatchObject({ error_type: 'limit_exceeded' });
    expect(await client.request('echo', { value: 1 })).toBe(1);
  });

  it('are 32 and 2000 when nothing is said; brackets and colons in text do not count', async () => {
    const { app } = await boot();
    const client = await app.connect('/chat');
    client.sendRaw(nested(32));
    expect(await client.next()).toMatchObject({ type: 'ack' });
    client.sendRaw(nested(33));
    expect(await client.next()).toMatchObject({ error_type: 'limit_exceeded' });
    const value = `${'[{":'.repeat(3000)}\\"`;
    expect(await client.request('echo', { value })).toBe(value);
  });

  it('hold against a text built to overflow a stack', async () => {
    const { app } = await boot();
    const client = await app.connect('/chat');
    client.sendRaw('['.repeat(60_000));
    expect(await client.next()).toMatchObject({ error_type: 'limit_exceeded' });
    client.sendRaw(`{"type":"echo","value":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`);
    expect(await client.next()).toMatchObject({ error_type: 'limit_exceeded' });
    expect(client.isOpen).toBe(true);
  });
});

describe('messagesPerSecond and burst', () => {
  it('refuse what is too much, with the time to wait, and forgive as time passes', async () => {
    const { app, clock } = await boot({ messagesPerSecond: 10, burst: 3 });
    const client = await app.connect('/chat');
    for (let n = 0; n < 3; n++) expect(await client.request('echo', { value: n })).toBe(n);
    await expect(client.request('echo')).rejects.toMatchObject({
      error_type: 'rate_limited',
      retryable: true,
      details: { retryAfter: 100 },
      message: 'Too many messages. Try again in 100 ms.',
    });
    clock.advance(100);
    expect(await client.request('echo', { value: 'again' })).toBe('again');
    await expect(client.request('echo')).rejects.toMatchObject({ error_type: 'rate_limited' });
    clock.advance(60_000);
    for (let n = 0; n < 3; n++) expect(await client.request('echo', { value: n })).toBe(n);
    await expect(client.request('echo')).rejects.toMatchObject({ error_type: 'rate_limited' });
    expect(client.isOpen).toBe(true);
  });

  it('count every message, heartbeats and faulty ones included', async () => {
    const { app } = await boot({ messagesPerSecond: 1, burst: 2 });
    const client = await app.connect('/chat');
    client.send({ type: 'heartbeat', id: 1 });
    client.sendRaw('nonsense');
    client.send({ type: 'heartbeat', id: 2 });
    expect(await client.next({ id: 1 })).toMatchObject({ type: 'ack' });
    expect(await client.next('error')).toMatchObject({ error_type: 'parse_error' });
    expect(await client.next({ id: 2 })).toMatchObject({ error_type: 'rate_limited' });
  });

  it('are per connection: others are not held responsible', async () => {
    const { app } = await boot({ messagesPerSecond: 1, burst: 1 });
    const [one, other] = await Promise.all([app.connect('/chat'), app.connect('/chat')]);
    await one.request('heartbeat');
    await expect(one.request('heartbeat')).rejects.toMatchObject({ error_type: 'rate_limited' });
    await other.request('heartbeat');
  });
});

describe('errorsPerMinute', () => {
  it('closes with 4009 who sends one more faulty message than that in a minute', async () => {
    const { app } = await boot({ errorsPerMinute: 3 });
    const client = await app.connect('/chat', { protocol: 'v1' });
    client.sendRaw('nonsense');
    client.send({ type: 'nobody' });
    client.send({ nothing: true });
    await client.fence();
    expect(client.isOpen).toBe(true);
    client.sendRaw('nonsense');
    expect(await client.closed).toEqual({ code: 4009, reason: 'too many faulty messages' });
    expect(client.received.at(-1)).toMatchObject({ type: 'disconnect', code: 4009, reconnect: false });
  });

  it('begins anew with the next minute', async () => {
    const { app, clock } = await boot({ errorsPerMinute: 3 });
    const client = await app.connect('/chat');
    for (let minute = 0; minute < 3; minute++) {
      for (let n = 0; n < 3; n++) client.sendRaw('nonsense');
      await client.fence();
      clock.advance(60_000);
      await client.fence();
    }
    expect(client.isOpen).toBe(true);
  });

  it('counts neither what a handler throws nor what a DTO refuses: those are answers', async () => {
    const { app } = await boot({ errorsPerMinute: 1, burst: 1000 });
    const client = await app.connect('/chat');
    for (let n = 0; n < 20; n++) {
      client.send({ type: 'fail' });
      client.send({ type: 'subscribe_channel' });
    }
    await client.fence();
    expect(client.isOpen).toBe(true);
  });
});

it('binary messages close with 1003', async () => {
  const { app } = await boot();
  for (const protocol of ['plain', 'v1'] as const) {
    const client = await app.connect('/chat', { protocol });
    client.sendRaw(Buffer.from('{"type":"echo"}'));
    expect(await client.closed).toEqual({ code: 1003, reason: 'send text' });
  }
});

it('text that is not UTF-8 closes with 1007', async () => {
  const { app } = await boot();
  const client = await app.connect('/chat');
  // A text frame with a broken sequence, past the library's own sender.
  const { socket } = client as unknown as { socket: { send(data: Buffer, options: object): void } };
  socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
  expect((await client.closed).code).toBe(1007);
});

describe('connectionsPerUser', () => {
  it('refuses one more with 429, tells v1 clients by a close code, and counts no anonymous ones', async () => {
    const { app } = await boot({ connectionsPerUser: 2 });
    const [first] = await Promise.all([app.connect('/chat?user_id=ana'), app.connect('/chat?user_id=ana')]);
    const refused: unknown = await app.connect('/chat?user_id=ana').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UpgradeError);
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '10' } });
    const v1 = await app.connect('/chat?user_id=ana', { protocol: 'v1' });
    expect(await v1.next('disconnect')).toMatchObject({ code: 4004, reconnect: false });
    expect((await v1.closed).code).toBe(4004);
    for (let n = 0; n < 3; n++) await app.connect('/chat');
    await app.connect('/chat?user_id=bob');
    await first?.close();
    await until(async () => (await app.get(ConnectionService).ofUser('ana')).length === 1);
    expect((await app.connect('/chat?user_id=ana')).isOpen).toBe(true);
  });
});

describe('pendingUpgrades and upgradeTimeout', () => {
  async function hanging(
    limits: LimitOptions,
  ): Promise<{ app: TestApp; clock: ManualClock; release: () => void }> {
    const clock = new ManualClock();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const identify = ({ query }: { query: Record<string, string> }): Promise<null> | null =>
      query['slow'] === undefined ? null : gate.then(() => null);
    const app = await start({ clock, providers: [ChatGateway], options: { limits, identify } });
    return { app, clock, release: () => release() };
  }

  it('answer 503 when too many are being decided', async () => {
    const { app, clock, release } = await hanging({ pendingUpgrades: 2 });
    const slow = [app.connect('/chat?slow=1'), app.connect('/chat?slow=2')];
    await until(() => clock.pending === 2);
    await expect(app.connect('/chat')).rejects.toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
    release();
    for (const client of await Promise.all(slow)) expect(client.isOpen).toBe(true);
    expect((await app.connect('/chat')).isOpen).toBe(true);
  });

  it('answer 504 when the decision takes too long, and what comes of it later is nothing', async () => {
    const { app, clock, release } = await hanging({ upgradeTimeout: 5000 });
    const slow = app.connect('/chat?slow=1').catch((error: unknown) => error);
    const v1 = app.connect('/chat?slow=1', { protocol: 'v1' });
    await until(() => clock.pending === 2);
    clock.advance(5000);
    expect(await slow).toMatchObject({ status: 504 });
    expect((await (await v1).closed).code).toBe(4104);
    release();
    expect(await app.get(ConnectionService).count()).toBe(0);
  });
});

it('every limit is checked at boot; Infinity turns one off', async () => {
  await expect(
    boot({ maxPayload: 0, burst: Number.NaN, upgradeTimeout: Infinity, outboxBytes: -1 }),
  ).rejects.toThrow(/limits\.maxPayload[^]*limits\.burst[^]*limits\.upgradeTimeout[^]*limits\.outboxBytes/);
  const { app } = await boot({
    maxPayload: Infinity,
    maxDepth: Infinity,
    maxKeys: Infinity,
    messagesPerSecond: Infinity,
    burst: Infinity,
    inFlight: Infinity,
    errorsPerMinute: Infinity,
    outboxBytes: Infinity,
    outboxMessages: Infinity,
    connectionsPerUser: Infinity,
    pendingUpgrades: Infinity,
  });
  const client = await app.connect('/chat');
  for (let n = 0; n < 300; n++) client.sendRaw('nonsense');
  expect(await client.request('echo', { value: 'x'.repeat(100_000) })).toHaveLength(100_000);
});
