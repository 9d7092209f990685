import { Inject, Injectable, Scope, UseGuards, type CanActivate } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { ConnectedSocket } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  HauynaGateway,
  OnConnect,
  OnDisconnect,
  OnHauynaEvent,
  OnMessage,
  OnUpgrade,
  EventService,
} from '../../lib/index.js';
import { until } from './support/until.js';
import { useApps } from './support/use-apps.js';

let made = 0;
const log: string[] = [];

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  readonly number = ++made;

  constructor(@Inject(REQUEST) readonly request: unknown) {}
}

@Injectable({ scope: Scope.REQUEST })
class ScopedGuard implements CanActivate {
  constructor(private readonly scoped: PerRequest) {}

  canActivate(): boolean {
    log.push(`guard ${this.scoped.number > 0}`);
    return true;
  }
}

@HauynaGateway({ path: '/scoped' })
class ScopedGateway {
  constructor(private readonly scoped: PerRequest) {}

  @OnUpgrade()
  upgrade(): string {
    return `user${this.scoped.number > 0 ? '' : '?'}`;
  }

  @OnConnect()
  connected(): void {
    log.push('connected');
  }

  @UseGuards(ScopedGuard)
  @OnMessage('who')
  who(@ConnectedSocket() client: Connection): object {
    return { number: this.scoped.number, sameClient: this.scoped.request === client, user: client.userId };
  }

  @OnMessage('fail')
  fail(): never {
    throw new Error('secret');
  }

  @OnDisconnect()
  gone(): void {
    log.push(`gone ${this.scoped.number > 0}`);
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedListener {
  constructor(private readonly scoped: PerRequest) {}

  @OnHauynaEvent('ping')
  heard(): void {
    log.push(`heard ${this.scoped.number > 0}`);
  }
}

@HauynaGateway({ path: '/broken' })
class BrokenGateway {
  constructor(@Inject('BROKEN') readonly broken: unknown) {}

  @OnMessage('who')
  who(): string {
    return 'never';
  }
}

const start = useApps();
const boot = () => {
  log.length = 0;
  return start({ providers: [ScopedGateway, ScopedListener, PerRequest] });
};

describe('A request-scoped gateway', () => {
  it('lives as long as the connection, one instance each; REQUEST is the connection', async () => {
    const app = await boot();
    const [a, b] = await Promise.all([app.connect('/scoped'), app.connect('/scoped')]);
    const first = await a.request<{ number: number }>('who');
    expect(first).toMatchObject({ sameClient: true, user: 'user' });
    expect((await a.request<{ number: number }>('who')).number).toBe(first.number);
    expect((await b.request<{ number: number }>('who')).number).not.toBe(first.number);
    expect(log).toContain('connected');
  });

  it('with request-scoped guards, errors and hooks works like any other', async () => {
    const app = await boot();
    const client = await app.connect('/scoped');
    await client.request('who');
    expect(log).toContain('guard true');
    await expect(client.request('fail')).rejects.toMatchObject({ error_type: 'internal_error' });
    await client.close();
    await until(() => log.includes('gone true'));
  });

  it('that cannot be made fails the request, not the process', async () => {
    const app = await start({
      providers: [
        BrokenGateway,
        {
          provide: 'BROKEN',
          scope: Scope.REQUEST,
          useFactory: () => {
            throw new Error('secret');
          },
        },
      ],
    });
    const client = await app.connect('/broken');
    const error: unknown = await client.request('who').catch((e: unknown) => e);
    expect(error).toMatchObject({ error_type: 'internal_error' });
    expect(JSON.stringify((error as { frame: unknown }).frame)).not.toContain('secret');
  });
});

it('notifications reach request-scoped providers', async () => {
  const app = await boot();
  app.get(EventService).trigger('ping');
  await until(() => log.includes('heard true'));
});
