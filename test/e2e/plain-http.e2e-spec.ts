import { Controller, Get, Param, Post } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ChannelService, HauynaGateway } from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

@Controller()
class NewsController {
  constructor(private readonly channels: ChannelService) {}

  @Get('chat')
  page(): string {
    return 'a page with the path of a gateway';
  }

  @Post('news/:channel')
  async publish(@Param('channel') channel: string): Promise<object> {
    const { offset } = await this.channels.broadcast(channel, { text: 'Hola canal!' });
    return { offset };
  }
}

const start = useApps();

describe.each(['express', 'fastify'] as const)('Plain HTTP beside the gateways, on %s', (platform) => {
  const boot = () => start({ platform, providers: [ChatGateway], controllers: [NewsController] });

  it('is served by controllers, on the path of a gateway too', async () => {
    const app = await boot();
    const response = await fetch(`${app.httpUrl}/chat`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('a page with the path of a gateway');
    expect((await app.connect('/chat')).isOpen).toBe(true);
  });

  it('reaches WebSocket clients through the services', async () => {
    const app = await boot();
    const client = await app.connect('/chat');
    await client.request('subscribe_channel', { channel: 'room1' });
    const response = await fetch(`${app.httpUrl}/news/room1`, { method: 'POST' });
    expect(response.status).toBe(201);
    expect(await client.next({ text: 'Hola canal!' })).toEqual({ text: 'Hola canal!' });
  });

  it('on an unknown path is 404 from Nest', async () => {
    const app = await boot();
    const response = await fetch(`${app.httpUrl}/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ message: 'Cannot GET /nothing' });
  });
});
