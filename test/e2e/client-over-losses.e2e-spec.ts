import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient, type HauynaClient } from '../../lib/client/index.js';
import {
  ChannelService,
  ConnectionService,
  HauynaGateway,
  identifyByQuery,
  OnChannelSubscribe,
  OnMessage,
} from '../../lib/index.js';
import { createTestApp, type TestApp } from '../../lib/testing/index.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  static calls = 0;
  @OnMessage('count')
  async count() {
    return { calls: ++ChatGateway.calls };
  }
  @OnChannelSubscribe('topic:{id}')
  greet() {
    return { rules: ['be kind'] };
  }
  @OnChannelSubscribe('private:{id}')
  refuse() {
    return false;
  }
}

let app: TestApp | undefined;
const clients: HauynaClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await app?.close();
});

async function start(): Promise<(user: string) => HauynaClient> {
  app = await createTestApp({
    providers: [ChatGateway],
    options: {
      identify: identifyByQuery('user_id'),
      channels: { history: { 'room:{id}': { size: 1000, ttl: 60_000 } } },
    },
  });
  const url = `${app.url}/chat`;
  return (user) => {
    const client = createClient(url, { WebSocket, params: { user_id: user }, reconnect: { baseDelay: 10 } });
    clients.push(client);
    return client;
  };
}

const kick = (user: string): Promise<unknown> =>
  app!.get(ConnectionService).disconnect({ userId: user }, { code: 4201, reason: 'rebalance' });

describe('the client on a real server', () => {
  it('hands on what the server has answered a subscribe with', async () => {
    const connect = await start();
    const topic = connect('ana').channel('topic:1');
    expect(topic.initial).toBeUndefined();
    await topic.subscribe();
    expect(topic.initial).toEqual({ rules: ['be kind'] });
  });

  it('shows the same people after a loss, and itself as it said last', async () => {
    const connect = await start();
    const [ana, luis] = [connect('ana').channel('room:1'), connect('luis').channel('room:1')];
    await Promise.all([ana.subscribe({ metadata: { n: 1 } }), luis.subscribe()]);
    await ana.presence.update({ m: 2 });
    await expect.poll(() => luis.presence.members.get('ana')?.metadata).toEqual({ n: 1, m: 2 });
    await kick('ana');
    await expect.poll(() => ana.state).toBe('subscribing');
    await expect.poll(() => ana.state).toBe('subscribed');
    await expect.poll(() => [...ana.presence.members.keys()].toSorted()).toEqual(['ana', 'luis']);
    await expect.poll(() => luis.presence.members.get('ana')?.metadata).toEqual({ n: 1, m: 2 });
    await ana.presence.leave();
    await expect.poll(() => [...luis.presence.members.keys()]).toEqual(['luis']);
    await ana.unsubscribe();
    expect(await app!.get(ChannelService).subscribers('room:1')).toEqual(['luis']);
  });

  it('has requests carried out once over losses', async () => {
    const connect = await start();
    const client = connect('ana');
    await client.connect();
    ChatGateway.calls = 0;
    const answers: Promise<{ calls: number }>[] = [];
    for (let i = 0; i < 30; i++) {
      answers.push(client.request('count', {}) as unknown as Promise<{ calls: number }>);
      if (i % 10 === 5) await kick('ana');
    }
    const all = (await Promise.all(answers)).map(({ calls }) => calls);
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(ChatGateway.calls).toBe(30);
  });

  it('stores own publications once, whatever happens on the way', async () => {
    const connect = await start();
    const room = connect('ana').channel('room:2');
    const heard: unknown[] = [];
    room.on('message', (data) => heard.push(data));
    await room.subscribe();
    const published: Promise<{ offset: number }>[] = [];
    for (let i = 0; i < 30; i++) {
      published.push(room.publish(i));
      if (i % 10 === 5) await kick('ana');
    }
    const offsets = (await Promise.all(published)).map(({ offset }) => offset);
    expect(new Set(offsets).size).toBe(30);
    await expect.poll(() => heard.length).toBe(30);
    const { publications } = await room.history({ limit: 100 });
    expect(publications).toHaveLength(30);
  });

  it('is told when it may not have a channel, and keeps the others', async () => {
    const connect = await start();
    const client = connect('ana');
    const secret = client.channel('private:1');
    await expect(secret.subscribe()).rejects.toMatchObject({ code: 'forbidden', retryable: false });
    expect(secret.state).toBe('closed');
    await client.channel('room:3').subscribe();
    expect(await client.ping()).toBeGreaterThanOrEqual(0);
  });

  it('answers questions of the server', async () => {
    const connect = await start();
    const client = connect('ana');
    client.handle('sum', (data) => (data as number[]).reduce((a, b) => a + b));
    await client.connect();
    const service = app!.get(ConnectionService);
    expect(await service.request(client.connectionId as string, 'sum', [1, 2, 3])).toBe(6);
  });
});
