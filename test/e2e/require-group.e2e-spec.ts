import {
  Controller,
  Get,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  ChannelService,
  GroupService,
  HauynaGateway,
  OnChannelMessage,
  OnChannelSubscribe,
  OnGroupMessage,
  OnMessage,
  RequireGroup,
} from '../../lib/index.js';
import { start } from './start.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('moderate')
  @RequireGroup('moderators', 'admins')
  moderate(): string {
    return 'done';
  }

  @OnChannelSubscribe('staff:{room}')
  @RequireGroup('moderators')
  subscribe(): object {
    return { rules: ['be kind'] };
  }

  @OnChannelMessage('staff:{room}', { validate: false })
  @RequireGroup('admins')
  publish(): void {}

  @OnGroupMessage({ validate: false })
  @RequireGroup('admins')
  group(): void {}
}

@HauynaGateway({ path: '/staff' })
@RequireGroup('moderators')
class StaffGateway {
  @OnMessage('ask')
  ask(): string {
    return 'answer';
  }
}

@Injectable()
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: object }>();
    const { 'x-field': field = 'userId', 'x-user': user } = request.headers;
    if (user !== undefined) request.user = { [field]: user };
    return true;
  }
}

@Controller('reports')
@UseGuards(HeaderGuard)
class ReportsController {
  @Get()
  @RequireGroup('moderators')
  list(): string[] {
    return ['report'];
  }
}

@WebSocketGateway({ path: '/plain' })
class PlainGateway {
  @SubscribeMessage('moderate')
  @RequireGroup('moderators')
  moderate(): object {
    return { event: 'moderated', data: 'done' };
  }
}

const given = {
  providers: [ChatGateway, StaffGateway, HeaderGuard, PlainGateway],
  controllers: [ReportsController],
};

describe('@RequireGroup', () => {
  it('lets members of any one of the groups through, and nobody else', async () => {
    const app = await start(given);
    const groups = app.get(GroupService);
    const client = await app.connect('/chat?user_id=ana');
    await expect(client.request('moderate')).rejects.toMatchObject({
      error_type: 'forbidden',
      message: 'This is for members of one of the groups "moderators", "admins".',
    });
    await groups.add('bob', 'moderators');
    await expect(client.request('moderate')).rejects.toMatchObject({ error_type: 'forbidden' });
    await groups.add('ana', 'admins');
    expect(await client.request('moderate')).toBe('done');
    await groups.remove('ana', 'admins');
    await expect(client.request('moderate')).rejects.toMatchObject({ error_type: 'forbidden' });
  });

  it('decides on subscribing to and publishing in a channel', async () => {
    const app = await start(given);
    const groups = app.get(GroupService);
    const client = await app.connect('/chat?user_id=ana');
    await expect(client.request('subscribe_channel', { channel: 'staff:1' })).rejects.toMatchObject({
      error_type: 'forbidden',
      message: 'This is for members of the group "moderators".',
    });
    expect(await app.get(ChannelService).subscriptionCount('staff:1')).toBe(0);
    await groups.add('ana', 'moderators');
    expect(await client.request('subscribe_channel', { channel: 'staff:1' })).toMatchObject({
      initial: { rules: ['be kind'] },
    });
    const message = { channel: 'staff:1', message: 'hi' };
    await expect(client.request('channel_message', message)).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await client.expectNone((frame) => (frame as unknown) === 'hi');
    await groups.add('ana', 'admins');
    await client.request('channel_message', message);
    expect(await client.next((frame) => (frame as unknown) === 'hi')).toBe('hi');
  });

  it('decides on messages to groups', async () => {
    const app = await start(given);
    const [ana, bob] = [await app.connect('/chat?user_id=ana'), await app.connect('/chat?user_id=bob')];
    await app.get(GroupService).add('bob', 'team');
    await expect(ana.request('group', { room: 'team', message: 1 })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await app.get(GroupService).add('ana', 'admins');
    await ana.request('group', { room: 'team', message: 2 });
    expect(await bob.next()).toBe(2);
  });

  it('on a class concerns all its methods', async () => {
    const app = await start(given);
    const client = await app.connect('/staff?user_id=ana');
    await expect(client.request('ask')).rejects.toMatchObject({ error_type: 'forbidden' });
    await app.get(GroupService).add('ana', 'moderators');
    expect(await client.request('ask')).toBe('answer');
  });

  it('guards HTTP controllers by the user that authentication has put on the request', async () => {
    const app = await start(given);
    await app.get(GroupService).add('ana', 'moderators');
    await app.get(GroupService).add('7', 'moderators');
    await app.get(GroupService).add('undefined', 'moderators');
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${app.httpUrl}/reports`, { headers })).status;
    expect(await status({})).toBe(403);
    expect(await status({ 'x-user': 'bob' })).toBe(403);
    for (const field of ['userId', 'id', 'sub'])
      expect(await status({ 'x-user': 'ana', 'x-field': field })).toBe(200);
    expect(await status({ 'x-user': 'ana', 'x-field': 'email' })).toBe(403);
  });

  it('guards plain Nest gateways, too', async () => {
    const app = await start(given);
    const client = await app.connect('/plain?user_id=ana');
    client.send({ event: 'moderate', data: {} });
    expect(await client.next('exception')).toMatchObject({ data: { message: 'Forbidden resource' } });
    await app.get(GroupService).add('ana', 'moderators');
    client.send({ event: 'moderate', data: {} });
    expect(await client.next('moderated')).toEqual({ event: 'moderated', data: 'done' });
  });
});
