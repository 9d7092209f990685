import {
  Injectable,
  Logger,
  ValidationPipe,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { MessageBody } from '@nestjs/websockets';
import { IsString } from 'class-validator';
import type { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { HauynaGateway, OnConnect, OnMessage, OnUpgrade } from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

const order: string[] = [];

@Injectable()
class Guard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    order.push(`guard ${context.getType()} ${context.getHandler().name}`);
    return true;
  }
}

@Injectable()
class Interceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    order.push(`interceptor ${context.getType()}`);
    return next.handle();
  }
}

@Injectable()
class Pipe extends ValidationPipe {
  override transform(value: unknown, metadata: Parameters<ValidationPipe['transform']>[1]): Promise<unknown> {
    order.push(`pipe ${metadata.type}`);
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

class SayDto {
  @IsString()
  text: string;
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnUpgrade()
  upgrade(): string {
    order.push('upgrade');
    return 'ana';
  }

  @OnConnect()
  connected(): void {
    order.push('connected');
  }

  @OnMessage('say')
  say(@MessageBody() dto: SayDto): string {
    order.push('handler');
    return dto.text;
  }
}

const start = useApps();

describe('What is global for the application', () => {
  it('runs for the upgrade as http and for messages as ws: guards, then interceptors, then pipes, then the method', async () => {
    order.length = 0;
    const app = await start({
      providers: [
        ChatGateway,
        { provide: APP_GUARD, useClass: Guard },
        { provide: APP_INTERCEPTOR, useClass: Interceptor },
        { provide: APP_PIPE, useClass: Pipe },
      ],
    });
    const client = await app.connect('/chat');
    expect(await client.request('say', { text: 'hola' })).toBe('hola');
    expect(order).toEqual([
      'guard http upgrade',
      'interceptor http',
      'upgrade',
      'guard ws connected',
      'interceptor ws',
      // Without decorators on its parameters, a method is taken to have the client and the body.
      'pipe custom',
      'pipe body',
      'pipe custom',
      'connected',
      'guard ws say',
      'interceptor ws',
      'pipe body',
      'handler',
    ]);
  });

  it('given to the application object runs the same way', async () => {
    order.length = 0;
    const app = await start({
      providers: [ChatGateway],
      configure: (nest) => {
        nest.useGlobalGuards(new Guard());
        nest.useGlobalInterceptors(new Interceptor());
        nest.useGlobalPipes(new Pipe());
      },
    });
    const client = await app.connect('/chat');
    expect(await client.request('say', { text: 'hola' })).toBe('hola');
    expect(order).toContain('guard ws say');
    expect(order.slice(-3)).toEqual(['interceptor ws', 'pipe body', 'handler']);
  });
});

it('each gateway is logged at boot: its path and its messages, in words', async () => {
  const app = await start({ providers: [ChatGateway] });
  Logger.flush();
  const lines = app.logs.map(({ message }) => String(message));
  expect(lines).toContain('Mapped {/chat} WebSocket route');
  expect(lines).toContain('ChatGateway subscribed to the "@OnMessage(say)" message');
});
