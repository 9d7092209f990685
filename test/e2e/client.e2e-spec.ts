import { IsString } from 'class-validator';
import { MessageBody } from '@nestjs/websockets';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  ChannelService,
  ConnectionService,
  HauynaGateway,
  identifyByQuery,
  OnMessage,
  UserId,
} from '../../lib/index.js';
import { createClient, type HauynaClient } from '../../lib/client/index.js';
import { createTestApp, type TestApp } from '../../lib/testing/index.js';

class AddDto {
  @IsString() text: string;
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  static calls = 0;
  @OnMessage('add')
  add(@MessageBody() dto: AddDto, @UserId() by: string) {
    return { text: dto.text, by, calls: ++ChatGateway.calls };
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
    const client = createClient(url, { WebSocket, params: { user_id: user }, random: () => 0 });
    clients.push(client);
    return client;
  };
}

describe('the client', () => {
  it('opens nothing until it is used, then subscribes, publishes and hears', async () => {
    const connect = await start();
    const ana = connect('ana');
    expect(ana.state).toBe('idle');
    const room = ana.channel('room:1');
    const heard: unknown[] = [];
    room.on('message', (data, meta) => heard.push([data, meta.userId, meta.offset]));
    await room.subscribe();
    expect(await room.publish({ text: 'hola' })).toMatchObject({ offset: 1 });
    expect(heard).toEqual([[{ text: 'hola' }, 'ana', 1]]);
    expect(room.presence.members.get('ana')?.connections).toBe(1);
    expect(await ana.request('add', { text: 'x' })).toMatchObject({ text: 'x', by: 'ana' });
    await expect(ana.request('add', { text: 1 })).rejects.toMatchObject({ code: 'validation_error' });
  });

  it('loses nothing and doubles nothing over a drop', async () => {
    const connect = await start();
    const [ana, luis] = [connect('ana'), connect('luis')];
    const heard: number[] = [];
    const room = ana.channel('room:1');
    room.on('message', (data) => heard.push(data as number));
    const recovered: unknown[] = [];
    room.on('$recovered', (report) => recovered.push(report));
    await room.subscribe();
    await luis.channel('room:1').subscribe();
    for (let i = 0; i < 50; i++) {
      await luis.channel('room:1').publish(i);
      if (i % 10 === 5) {
        await app!.get(ConnectionService).disconnect({ userId: 'ana' }, { code: 4201, reason: 'rebalance' });
      }
    }
    await expect.poll(() => heard.length, { timeout: 4000 }).toBe(50);
    expect(heard).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(recovered.length).toBeGreaterThan(0);
    expect(await app!.get(ChannelService).subscribers('room:1')).toContain('ana');
  });
});
