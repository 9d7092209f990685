import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { Connection, HauynaGateway, OnConnect, OnMessage, type LimitOptions } from '../../lib/index.js';
import { type TestApp, type TestClient } from '../../lib/testing/index.js';
import { SessionRegistry } from '../../lib/adapter/session.registry.js';
import { turns, until } from './support/until.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  readonly log: string[] = [];
  private readonly gates = new Map<string, () => void>();
  started = 0;

  @OnConnect()
  async connected(@ConnectedSocket() client: Connection): Promise<void> {
    if (client.query['wait'] !== undefined) await this.gate('connect');
    this.log.push('connected');
  }

  @OnMessage('turns', { validate: false })
  async turns(@MessageBody() { name, count }: { name: string; count: number }): Promise<string> {
    this.log.push(`${name} begins`);
    await turns(count);
    this.log.push(`${name} ends`);
    return name;
  }

  @OnMessage('wait', { validate: false })
  async wait(@MessageBody('name') name: string): Promise<string> {
    this.started++;
    await this.gate(name);
    return name;
  }

  @OnMessage('now')
  now(): string {
    return 'now';
  }

  gate(name: string): Promise<void> {
    return new Promise((resolve) => this.gates.set(name, resolve));
  }

  has(name: string): boolean {
    return this.gates.has(name);
  }

  async open(name: string): Promise<void> {
    await until(() => this.has(name), `${name} is waiting`);
    this.gates.get(name)?.();
    this.gates.delete(name);
  }
}

const start = useApps();
async function boot(limits: LimitOptions = {}): Promise<{ app: TestApp; gateway: ChatGateway }> {
  const app = await start({ providers: [ChatGateway], options: { limits } });
  return { app, gateway: app.get(ChatGateway) };
}

describe('The messages of one connection', () => {
  it('are handled one after the other, in the order in which they came, however long each takes', async () => {
    const { app, gateway } = await boot();
    const client = await app.connect('/chat');
    const counts = [9, 1, 5, 0, 3];
    for (const [n, count] of counts.entries()) client.send({ type: 'turns', id: n, name: `m${n}`, count });
    await client.fence();
    const expected = counts.flatMap((_, n) => [`m${n} begins`, `m${n} ends`]);
    expect(gateway.log).toEqual(['connected', ...expected]);
    expect(client.frames.map((frame) => (frame as { id: number }).id)).toEqual([0, 1, 2, 3, 4]);
  });

  it('keep their order when one of them fails', async () => {
    const { app } = await boot();
    const client = await app.connect('/chat');
    client.send({ type: 'turns', id: 1, name: 'a', count: 5 });
    client.send({ type: 'nobody', id: 2 });
    client.send({ type: 'now', id: 3 });
    await client.fence();
    expect(client.frames.map((frame) => (frame as { id: number }).id)).toEqual([1, 2, 3]);
  });

  it('wait until @OnConnect has finished, and none is lost', async () => {
    const { app, gateway } = await boot();
    const client = await app.connect('/chat?wait=1');
    for (let n = 0; n < 3; n++) client.send({ type: 'turns', id: n, name: `m${n}`, count: 1 });
    await client.ping();
    expect(gateway.log).toEqual([]);
    await gateway.open('connect');
    await client.next({ id: 2 });
    expect(gateway.log[0]).toBe('connected');
    expect(gateway.log).toHaveLength(7);
  });

  it('do not wait for those of other connections', async () => {
    const { app, gateway } = await boot();
    const [slow, quick] = await Promise.all([app.connect('/chat'), app.connect('/chat')]);
    slow.send({ type: 'wait', id: 1, name: 'gate' });
    await until(() => gateway.has('gate'));
    expect(await quick.request('now')).toBe('now');
    await gateway.open('gate');
    expect(await slow.next({ id: 1 })).toMatchObject({ data: 'gate' });
  });

  it('a heartbeat is answered at once: it says that the connection lives, not that the work is done', async () => {
    const { app, gateway } = await boot();
    const client = await app.connect('/chat');
    client.send({ type: 'wait', id: 1, name: 'gate' });
    await client.request('heartbeat');
    await gateway.open('gate');
    await client.next({ id: 1 });
  });
});

describe('A client that sends faster than it is served', () => {
  it('is not read any more when `inFlight` messages wait, and loses none of them', async () => {
    const limits = { inFlight: 4, burst: 5000, messagesPerSecond: Infinity };
    const { app, gateway } = await boot(limits);
    const client = await app.connect('/chat');
    client.send({ type: 'wait', id: 'gate', name: 'gate' });
    await until(() => gateway.has('gate'));
    // Far more than fits into the buffers that `ws` has read already.
    const filler = 'x'.repeat(4000);
    for (let n = 0; n < 500; n++) client.send({ type: 'now', id: n, filler });
    const [session] = app.get(SessionRegistry).all();
    await until(() => session?.webSocket.isPaused === true, 'the socket is paused');
    await gateway.open('gate');
    for (let n = 0; n < 500; n++) await client.next({ id: n }, 5000);
    await client.ping();
    expect(client.isOpen).toBe(true);
  });

  it('and leaves while it is paused is cleaned up like any other', async () => {
    const { app, gateway } = await boot({ inFlight: 2 });
    const client: TestClient = await app.connect('/chat');
    client.send({ type: 'wait', name: 'gate' });
    await until(() => gateway.has('gate'));
    for (let n = 0; n < 10; n++) client.send({ type: 'wait', name: `late${n}` });
    await client.terminate();
    await gateway.open('gate');
    await app.close();
    expect(gateway.started).toBeLessThan(11);
  });
});
