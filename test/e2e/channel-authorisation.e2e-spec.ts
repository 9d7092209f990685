import {
  ForbiddenException,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { MessageBody } from '@nestjs/websockets';
import { IsObject, IsOptional, IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import {
  ChannelParam,
  ChannelService,
  Connection,
  ConnectionService,
  HauynaError,
  HauynaGateway,
  OnChannelSubscribe,
  UserId,
} from '../../lib/index.js';
import { drain, gate, start, until } from './start.js';

@Injectable()
class OwnerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToWs().getClient<Connection>().userId === 'owner';
  }
}

class CodeBody {
  @IsString()
  channel: string;

  @IsOptional()
  @IsObject()
  metadata?: object;

  @IsString()
  code: string;
}

const slow = gate();

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnChannelSubscribe('answers:{kind}')
  async decide(@ChannelParam('kind') kind: string): Promise<unknown> {
    switch (kind) {
      case 'false':
        return false;
      case 'nest':
        throw new ForbiddenException('Not today.');
      case 'hauyna':
        throw new HauynaError('conflict', 'The room is full.', { details: { seats: 2 } });
      case 'crash':
        throw new Error('db password is 1234');
      case 'later':
        await Promise.resolve();
        return false;
      case 'true':
        return true;
      case 'null':
        return null;
      case 'zero':
        return 0;
      case 'list':
        return [1, 2];
      case 'object':
        return { messages: [], pinned: null };
      default:
        return undefined;
    }
  }

  @OnChannelSubscribe('owned:{id}')
  @UseGuards(OwnerGuard)
  owned(): void {}

  @OnChannelSubscribe('coded:{id}')
  coded(@MessageBody() { code }: CodeBody): boolean {
    return code === 'sesame';
  }

  @OnChannelSubscribe('slow:{id}')
  async slow(): Promise<void> {
    await slow.opened;
  }

  @OnChannelSubscribe('private-{user}')
  own(@ChannelParam('user') name: string, @UserId() user: string): boolean {
    return name === user;
  }
}

const providers = [ChatGateway, OwnerGuard];

describe.each(['plain', 'v1'] as const)('@OnChannelSubscribe for a %s client', (protocol) => {
  it.each([
    ['false', 'forbidden', 'Not allowed.'],
    ['later', 'forbidden', 'Not allowed.'],
    ['null', 'forbidden', 'Not allowed.'],
    ['nest', 'forbidden', 'Not today.'],
    ['hauyna', 'conflict', 'The room is full.'],
    ['crash', 'internal_error', 'The server could not handle the message.'],
  ])('that denies (%s) answers with an error and subscribes nobody', async (kind, type, message) => {
    const app = await start({ providers });
    const channel = `answers:${kind}`;
    const client = await app.connect('/chat?user_id=ana', { protocol });
    await drain(client);
    await expect(client.request('subscribe_channel', { channel })).rejects.toMatchObject({
      error_type: type,
      message,
    });
    client.send({ type: 'subscribe_channel', channel });
    expect(await client.next('error')).toMatchObject({ error_type: type });
    await app.get(ChannelService).broadcast(channel, 'secret');
    expect(await drain(client)).toEqual([]);
    expect(await app.get(ChannelService).subscriptionCount(channel)).toBe(0);
    await expect(client.request('channel_message', { channel, message: 1 })).rejects.toMatchObject({
      error_type: 'not_subscribed',
    });
    await expect(client.request('history', { channel })).rejects.toMatchObject({
      error_type: 'not_subscribed',
    });
  });

  it.each([
    ['nothing', undefined],
    ['true', undefined],
    ['zero', undefined],
    ['list', [1, 2]],
    ['object', { messages: [], pinned: null }],
  ])('that answers %s allows, with initial data %j', async (kind, initial) => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana', { protocol });
    const answer = await client.request<{ initial?: unknown }>('subscribe_channel', {
      channel: `answers:${kind}`,
    });
    expect(answer.initial).toEqual(initial);
    expect(await app.get(ChannelService).subscribers(`answers:${kind}`)).toEqual(['ana']);
  });

  it('runs guards and pipes like a message', async () => {
    const app = await start({ providers });
    const ana = await app.connect('/chat?user_id=ana', { protocol });
    const owner = await app.connect('/chat?user_id=owner', { protocol });
    await expect(ana.request('subscribe_channel', { channel: 'owned:1' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await owner.request('subscribe_channel', { channel: 'owned:1' });
    const coded = { channel: 'coded:1' };
    await expect(ana.request('subscribe_channel', coded)).rejects.toMatchObject({
      error_type: 'validation_error',
      details: [{ path: 'code' }],
    });
    await expect(ana.request('subscribe_channel', { ...coded, code: 'x' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await ana.request('subscribe_channel', { ...coded, code: 'sesame', metadata: { a: 1 } });
  });

  it('lets each user into their own channel only', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana', { protocol });
    await client.request('subscribe_channel', { channel: 'private-ana' });
    await expect(client.request('subscribe_channel', { channel: 'private-bob' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
  });
});

describe("channels that match no pattern, with unmatched: 'deny'", () => {
  it('are closed to clients and open to the server', async () => {
    const app = await start({ providers, options: { channels: { unmatched: 'deny' } } });
    const client = await app.connect('/chat?user_id=ana&channel=elsewhere');
    expect(await client.next('error')).toMatchObject({ error_type: 'forbidden' });
    await expect(client.request('subscribe_channel', { channel: 'elsewhere' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await client.request('subscribe_channel', { channel: 'answers:true' });
    const [connection] = await app.get(ConnectionService).list();
    await app.get(ChannelService).subscribe('elsewhere', connection!);
    await app.get(ChannelService).broadcast('elsewhere', 'hi');
    expect(await drain(client)).toContain('hi');
  });
});

describe('a client that leaves while it is decided on', () => {
  it('does not come back as a ghost', async () => {
    const app = await start({ providers });
    const client = await app.connect('/chat?user_id=ana');
    client.send({ type: 'subscribe_channel', channel: 'slow:1' });
    await client.ping();
    await client.terminate();
    await until(async () => (await app.get(ConnectionService).count()) === 0);
    slow.open();
    const other = await app.connect('/chat?user_id=bob');
    await other.request('subscribe_channel', { channel: 'slow:1' });
    expect(await app.get(ChannelService).subscribers('slow:1')).toEqual(['bob']);
    expect(Object.keys(await app.get(ChannelService).presence('slow:1'))).toEqual(['bob']);
  });
});
