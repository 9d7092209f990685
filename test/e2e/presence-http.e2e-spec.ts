import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { HauynaGateway, PresenceService, type JsonObject, type PresenceEntry } from '../../lib/index.js';
import { drain, start } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

@Controller('presence')
class PresenceController {
  constructor(private readonly presence: PresenceService) {}

  @Get()
  list(@Query() criteria: Record<string, string>): Promise<Record<string, PresenceEntry>> {
    return this.presence.listBy({ ...criteria });
  }

  @Post(':userId')
  async track(@Param('userId') userId: string, @Body() metadata: JsonObject): Promise<object> {
    await this.presence.track(userId, metadata);
    return (await this.presence.get(userId)) ?? {};
  }

  @Delete(':userId')
  async untrack(@Param('userId') userId: string): Promise<object> {
    return { present: await this.presence.untrack(userId) };
  }
}

describe.each(['express', 'fastify'] as const)('PresenceService in an HTTP controller on %s', (platform) => {
  it('answers who is here, and what it changes is told to the channel', async () => {
    const app = await start({ platform, providers: [ChatGateway], controllers: [PresenceController] });
    const call = async (method: string, path = '', body?: object): Promise<unknown> => {
      const init: RequestInit = { method };
      if (body !== undefined) {
        init.headers = { 'Content-Type': 'application/json' };
        init.body = JSON.stringify(body);
      }
      return (await fetch(`${app.httpUrl}/presence${path}`, init)).json();
    };
    const ana = await app.connect('/chat?user_id=ana&channel=room1');
    await drain(ana);
    expect(await call('POST', '/sensor', { channel: 'room1', status: 'online' })).toMatchObject({
      userId: 'sensor',
      channels: ['room1'],
      connections: 0,
    });
    expect(await ana.next('presence_change')).toMatchObject({ event: 'join', user: 'sensor' });
    expect(Object.keys((await call('GET', '?channel=room1')) as object)).toEqual(['ana', 'sensor']);
    expect(Object.keys((await call('GET', '?channel=room1&status=online')) as object)).toEqual(['sensor']);
    expect(await call('GET', '?__proto__=x&channel=room1')).toEqual({});
    expect(await call('DELETE', '/sensor')).toEqual({ present: true });
    expect(await call('DELETE', '/sensor')).toEqual({ present: false });
    expect(await ana.next('presence_change')).toMatchObject({ event: 'leave', user: 'sensor' });
  });
});
