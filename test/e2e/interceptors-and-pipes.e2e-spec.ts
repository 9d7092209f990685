import {
  Injectable,
  ParseIntPipe,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type ArgumentMetadata,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { MessageBody } from '@nestjs/websockets';
import { IsInt, IsString } from 'class-validator';
import { EMPTY, catchError, map, of, tap, timeout, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { HauynaGateway, OnChannelSubscribe, OnMessage } from '../../lib/index.js';
import { useApps } from './support/use-apps.js';

const trace: string[] = [];

@Injectable()
class Trace implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    trace.push(`before ${context.getHandler().name}`);
    return next.handle().pipe(
      tap({
        next: () => trace.push('value'),
        error: () => trace.push('error'),
        complete: () => trace.push('after'),
      }),
    );
  }
}

@Injectable()
class Wrap implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

@Injectable()
class Cache implements NestInterceptor {
  intercept(): Observable<unknown> {
    return of('from the cache');
  }
}

@Injectable()
class Silence implements NestInterceptor {
  intercept(): Observable<unknown> {
    return EMPTY;
  }
}

@Injectable()
class Recover implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError(() => of('recovered')));
  }
}

@Injectable()
class Hurry implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(timeout(5));
  }
}

@Injectable()
class Upper implements PipeTransform {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    return type === 'body' && typeof value === 'string' ? value.toUpperCase() : value;
  }
}

class PointDto {
  @IsInt()
  x: number;
}

class LooseDto {
  @IsString()
  text: string;
}

@UseInterceptors(Trace)
@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('ok')
  ok(): string {
    return 'fine';
  }

  @OnMessage('fail')
  fail(): never {
    throw new Error('secret');
  }

  @UseInterceptors(Wrap)
  @OnMessage('wrapped')
  wrapped(): string {
    return 'fine';
  }

  @UseInterceptors(Cache)
  @OnMessage('cached')
  cached(): string {
    trace.push('handler');
    return 'fresh';
  }

  @UseInterceptors(Silence)
  @OnMessage('silent')
  silent(): string {
    return 'never';
  }

  @UseInterceptors(Recover)
  @OnMessage('recovered')
  recovered(): never {
    throw new Error('secret');
  }

  @UseInterceptors(Hurry)
  @OnMessage('endless')
  endless(): Promise<void> {
    return new Promise(() => undefined);
  }

  @UseInterceptors(Silence)
  @OnChannelSubscribe('silent')
  subscribe(): void {}

  @OnMessage('int')
  int(@MessageBody('n', ParseIntPipe) n: number): number {
    return n;
  }

  @UsePipes(Upper)
  @OnMessage('upper')
  upper(@MessageBody('text') text: string): string {
    return text;
  }

  @OnMessage('point')
  point(@MessageBody() point: PointDto): number {
    return point.x;
  }

  @UsePipes(new ValidationPipe())
  @OnMessage('nest_pipe')
  nestPipe(@MessageBody() dto: LooseDto): string {
    return dto.text;
  }
}

const start = useApps();
const connect = async (...more: object[]) => {
  trace.length = 0;
  return (await start({ providers: [ChatGateway, ...(more as [])] })).connect('/chat');
};

describe('Interceptors', () => {
  it('run around a method, and see its value or its failure', async () => {
    const client = await connect();
    expect(await client.request('ok')).toBe('fine');
    expect(trace.splice(0)).toEqual(['before ok', 'value', 'after']);
    await expect(client.request('fail')).rejects.toMatchObject({ error_type: 'internal_error' });
    expect(trace).toEqual(['before fail', 'error']);
  });

  it('may change the answer, give one without the method, or turn a failure into one', async () => {
    const client = await connect();
    expect(await client.request('wrapped')).toEqual({ data: 'fine' });
    expect(await client.request('cached')).toBe('from the cache');
    expect(trace).not.toContain('handler');
    expect(await client.request('recovered')).toBe('recovered');
  });

  it('that say nothing at all are an empty answer', async () => {
    const client = await connect();
    expect(await client.request('silent')).toBeUndefined();
    expect(await client.request('subscribe_channel', { channel: 'silent' })).toMatchObject({
      channel: 'silent',
    });
  });

  it('may give up on a method that takes too long', async () => {
    const client = await connect();
    await expect(client.request('endless')).rejects.toMatchObject({ error_type: 'internal_error' });
    expect(await client.request('ok')).toBe('fine');
  });

  it('of the whole application run as well, from the outside', async () => {
    const client = await connect({ provide: APP_INTERCEPTOR, useClass: Wrap });
    expect(await client.request('ok')).toEqual({ data: 'fine' });
    expect(await client.request('wrapped')).toEqual({ data: { data: 'fine' } });
  });
});

describe('Pipes', () => {
  it('of Nest work on parameters, and their refusal is a validation error', async () => {
    const client = await connect();
    await expect(client.request('int', { n: 'x' })).rejects.toMatchObject({ error_type: 'validation_error' });
    expect(await client.request('int', { n: 7 })).toBe(7);
  });

  it('of a method and of the application run', async () => {
    const client = await connect();
    expect(await client.request('upper', { text: 'hola' })).toBe('HOLA');
    const other = await connect({ provide: APP_PIPE, useClass: Upper });
    expect(await other.request('upper', { text: 'adiós' })).toBe('ADIÓS');
  });

  it("Nest's ValidationPipe may stay: valid messages pass both, wrong ones are one error", async () => {
    const client = await connect({
      provide: APP_PIPE,
      useValue: new ValidationPipe({ whitelist: true, transform: true }),
    });
    expect(await client.request('point', { x: 1 })).toBe(1);
    expect(await client.request('nest_pipe', { text: 'a' })).toBe('a');
    for (const type of ['point', 'nest_pipe']) {
      const error: unknown = await client.request(type, { x: 'x', text: 7 }).catch((e: unknown) => e);
      expect(error).toMatchObject({ error_type: 'validation_error' });
    }
    await client.expectNone();
  });
});
