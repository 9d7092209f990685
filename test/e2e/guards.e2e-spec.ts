import {
  Injectable,
  UseGuards,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { WsException } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  HauynaError,
  HauynaGateway,
  OnChannelMessage,
  OnChannelSubscribe,
  OnConnect,
  OnMessage,
  connectionOf,
  identifyByQuery,
} from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

const seen: unknown[] = [];

@Injectable()
class Roles {
  of(user: string | null): string {
    return user === 'root' ? 'admin' : 'guest';
  }
}

@Injectable()
class AdminGuard implements CanActivate {
  constructor(private readonly roles: Roles) {}

  canActivate(context: ExecutionContext): boolean {
    const ws = context.switchToWs();
    const connection = connectionOf(ws.getClient());
    seen.push([
      context.getType(),
      context.getClass().name,
      context.getHandler().name,
      ws.getData(),
      String(ws.getPattern()),
    ]);
    return this.roles.of(connection?.userId ?? null) === 'admin';
  }
}

@Injectable()
class SlowGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    await Promise.resolve();
    const { mode } = context.switchToWs().getData<{ mode?: string }>();
    if (mode === 'throw') throw new Error('secret');
    if (mode === 'ws') throw new WsException('Not you.');
    if (mode === 'http') throw new UnauthorizedException('Log in first.');
    if (mode === 'own') throw new HauynaError('forbidden', 'Members only.');
    return mode !== 'no';
  }
}

const calls: string[] = [];

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @UseGuards(AdminGuard)
  @OnMessage('ban', { validate: false })
  ban(): string {
    calls.push('ban');
    return 'banned';
  }

  @OnMessage('slow', { validate: false })
  @UseGuards(SlowGuard)
  slow(): string {
    calls.push('slow');
    return 'in';
  }

  @UseGuards(AdminGuard)
  @OnChannelSubscribe('admins:{id}')
  subscribe(): void {
    calls.push('subscribe');
  }

  @UseGuards(AdminGuard)
  @OnChannelMessage('news', { validate: false })
  publish(): void {
    calls.push('publish');
  }
}

@UseGuards(AdminGuard)
@HauynaGateway({ path: '/admin' })
class AdminGateway {
  @OnConnect()
  connected(): void {
    calls.push('connected');
  }

  @OnMessage('restart')
  restart(): string {
    return 'done';
  }
}

const start = useApps();
const boot = (...more: object[]) => {
  seen.length = 0;
  calls.length = 0;
  return start({
    providers: [ChatGateway, AdminGateway, Roles, ...(more as [])],
    options: { identify: identifyByQuery('user') },
  });
};

describe('A guard on a method', () => {
  it('with dependencies decides who may call it, and the refusal is one forbidden frame', async () => {
    const app = await boot();
    const [root, ana] = await Promise.all([app.connect('/chat?user=root'), app.connect('/chat?user=ana')]);
    expect(await root.request('ban', { who: 'ana' })).toBe('banned');
    await expect(ana.request('ban')).rejects.toMatchObject({
      error_type: 'forbidden',
      message: 'Forbidden resource',
    });
    await ana.expectNone();
    expect(calls).toEqual(['ban']);
    expect(seen[0]).toEqual(['ws', 'ChatGateway', 'ban', { who: 'ana' }, '@OnMessage(ban)']);
  });

  it('may take its time, and speaks by what it throws', async () => {
    const client = await (await boot()).connect('/chat');
    expect(await client.request('slow', {})).toBe('in');
    const refusal = async (mode: string): Promise<unknown> =>
      client.request('slow', { mode }).catch((error: unknown) => error);
    expect(await refusal('no')).toMatchObject({ error_type: 'forbidden' });
    expect(await refusal('ws')).toMatchObject({ error_type: 'exception', message: 'Not you.' });
    expect(await refusal('http')).toMatchObject({ error_type: 'unauthorized', message: 'Log in first.' });
    expect(await refusal('own')).toMatchObject({ error_type: 'forbidden', message: 'Members only.' });
    expect(await refusal('throw')).toMatchObject({ error_type: 'internal_error' });
    expect(calls).toEqual(['slow']);
  });

  it('on a decision denies it: no subscription, no delivery', async () => {
    const client = await (await boot()).connect('/chat?user=ana');
    await expect(client.request('subscribe_channel', { channel: 'admins:1' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    await expect(
      client.request('channel_message', { channel: 'admins:1', message: 1 }),
    ).rejects.toMatchObject({
      error_type: 'not_subscribed',
    });
    await client.request('subscribe_channel', { channel: 'news' });
    await expect(client.request('channel_message', { channel: 'news', message: 'hi' })).rejects.toMatchObject(
      {
        error_type: 'forbidden',
      },
    );
    expect(client.received).not.toContain('hi');
    expect(calls).toEqual([]);
  });
});

describe('A guard on the class', () => {
  it('stands before every method, @OnConnect included', async () => {
    const app = await boot();
    const root = await app.connect('/admin?user=root');
    expect(await root.request('restart')).toBe('done');
    const ana = await app.connect('/admin?user=ana');
    expect(await ana.next('error')).toMatchObject({ error_type: 'forbidden' });
    expect(await ana.closed).toMatchObject({ code: 4003 });
    expect(calls).toEqual(['connected']);
  });
});

describe('A global guard', () => {
  @Injectable()
  class NoBans implements CanActivate {
    constructor(private readonly roles: Roles) {}

    canActivate(context: ExecutionContext): boolean {
      seen.push(`${context.getType()} ${this.roles.of('root')}`);
      return context.getHandler().name !== 'ban';
    }
  }

  it('provided as APP_GUARD runs, with dependencies', async () => {
    const app = await boot({ provide: APP_GUARD, useClass: NoBans });
    const root = await app.connect('/chat?user=root');
    expect(await root.request('slow')).toBe('in');
    await expect(root.request('ban')).rejects.toMatchObject({ error_type: 'forbidden' });
    expect(seen).toContain('ws admin');
  });

  it('given to useGlobalGuards runs', async () => {
    const app = await start({
      providers: [ChatGateway, Roles],
      configure: (nest) => void nest.useGlobalGuards(new NoBans(new Roles())),
    });
    const client = await app.connect('/chat');
    expect(await client.request('slow')).toBe('in');
    await expect(client.request('ban')).rejects.toMatchObject({ error_type: 'forbidden' });
  });
});

it('built-in verbs without a method of the application have no guard: there is no handler to stand before', async () => {
  const app = await boot({ provide: APP_GUARD, useValue: { canActivate: () => false } });
  const client = await app.connect('/chat');
  await expect(client.request('slow')).rejects.toMatchObject({ error_type: 'forbidden' });
  expect(await client.request('subscribe_channel', { channel: 'open' })).toMatchObject({ channel: 'open' });
});
