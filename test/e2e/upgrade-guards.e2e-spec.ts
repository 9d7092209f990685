import type { ServerResponse } from 'node:http';
import {
  BadRequestException,
  Headers,
  HttpException,
  Injectable,
  Param,
  ParseIntPipe,
  Query,
  Req,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ConnectedSocket } from '@nestjs/websockets';
import { IsIn } from 'class-validator';
import { describe, expect, it } from 'vitest';
import {
  Connection,
  HauynaError,
  HauynaGateway,
  OnMessage,
  OnUpgrade,
  type Identify,
  type UpgradeRequest,
} from '../../lib/index.js';
import { UpgradeError, type TestApp } from '../../lib/testing/index.js';
import { start } from './start.js';

@Injectable()
class Tickets {
  userOf(ticket: string | undefined): string | undefined {
    return ticket === 'good' ? 'ana' : undefined;
  }
}

type Authenticated = UpgradeRequest & { user: { name: string } };

@Injectable()
class TicketGuard implements CanActivate {
  constructor(private readonly tickets: Tickets) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Authenticated>();
    if (request.query['ticket'] === 'weak') return false;
    const name = this.tickets.userOf(request.query['ticket']);
    if (name === undefined) throw new UnauthorizedException('No valid ticket.');
    request.user = { name };
    return true;
  }
}

class LevelDto {
  @IsIn(['easy', 'hard'])
  level: string;
}

@HauynaGateway({ path: '/rooms/:roomId' })
class RoomGateway {
  @OnUpgrade()
  @UseGuards(TicketGuard)
  authenticate(
    @Req() request: Authenticated,
    @Param('roomId', ParseIntPipe) roomId: number,
    @Query('lang') lang: string | undefined,
    @Headers('x-device') device: string | undefined,
  ): object {
    return { userId: request.user.name, info: { roomId }, meta: { lang, device } };
  }

  @OnMessage('me')
  me(@ConnectedSocket() { userId, info, meta }: Connection): object {
    return { userId, info, meta };
  }
}

@HauynaGateway({ path: '/game' })
class GameGateway {
  @OnUpgrade()
  enter(@Query() { level }: LevelDto): string {
    return `player of ${level}`;
  }

  @OnMessage('me')
  me(@ConnectedSocket() { userId }: Connection): object {
    return { userId };
  }
}

const providers = [RoomGateway, GameGateway, Tickets];

async function refusal(app: TestApp, path: string): Promise<UpgradeError> {
  const error: unknown = await app.connect(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UpgradeError);
  return error as UpgradeError;
}

describe.each(['express', 'fastify'] as const)('@OnUpgrade on %s', (platform) => {
  it('runs guards with their dependencies and pipes, and what it returns is the identity', async () => {
    const app = await start({ providers, platform });
    const client = await app.connect('/rooms/42?ticket=good&lang=es', { headers: { 'X-Device': 'phone' } });
    expect(await client.request('me')).toEqual({
      userId: 'ana',
      info: { roomId: 42 },
      meta: { lang: 'es', device: 'phone' },
    });
  });

  it('refuses before the upgrade, with the status and JSON body of the exception', async () => {
    const app = await start({ providers, platform });
    const unauthorized = await refusal(app, '/rooms/42?ticket=bad');
    expect(unauthorized).toMatchObject({
      status: 401,
      body: { statusCode: 401, message: 'No valid ticket.', error: 'Unauthorized' },
    });
    expect(unauthorized.headers['www-authenticate']).toBe('Bearer');
    expect(unauthorized.headers['content-type']).toMatch('application/json');
    expect(await refusal(app, '/rooms/42?ticket=weak')).toMatchObject({
      status: 403,
      body: { statusCode: 403, message: 'Forbidden resource' },
    });
    expect(await refusal(app, '/rooms/forty?ticket=good')).toMatchObject({
      status: 400,
      body: { statusCode: 400, message: expect.stringContaining('numeric string') as string },
    });
  });
});

describe('@OnUpgrade', () => {
  it('validates query parameters that are declared as a class, and lets other ones be', async () => {
    const app = await start({ providers });
    const client = await app.connect('/game?level=hard&utm_source=mail');
    expect(await client.request('me')).toEqual({ userId: 'player of hard' });
    const refused = await refusal(app, '/game?level=impossible');
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ error_type: 'validation_error', details: [{ path: 'level' }] });
  });

  it.each([
    ['bad', 401, 4001],
    ['weak', 403, 4003],
    ['good', 400, 4000],
  ])('a v1 client with a %s ticket is let in only to be told why (%i)', async (ticket, _status, code) => {
    const app = await start({ providers });
    const room = ticket === 'good' ? 'forty' : '42';
    const client = await app.connect(`/rooms/${room}?ticket=${ticket}`, { protocol: 'v1' });
    expect(client.protocol).toBe('hauyna.v1.json');
    expect(await client.next()).toMatchObject({ type: 'disconnect', code, reconnect: false });
    expect((await client.closed).code).toBe(code);
    expect(client.received).toHaveLength(1);
  });

  it('what a guard says about how to authenticate is what the client is told', async () => {
    @Injectable()
    class BasicGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        const response = context.switchToHttp().getResponse<ServerResponse>();
        response.setHeader('WWW-Authenticate', 'Basic realm="chat"');
        throw new UnauthorizedException();
      }
    }
    @HauynaGateway({ path: '/basic' })
    class BasicGateway {
      @OnUpgrade()
      @UseGuards(BasicGuard)
      enter(): string {
        return 'ana';
      }
    }
    const app = await start({ providers: [BasicGateway] });
    expect((await refusal(app, '/basic')).headers['www-authenticate']).toBe('Basic realm="chat"');
  });

  it('false refuses, undefined leaves the identity to the option', async () => {
    @HauynaGateway({ path: '/door' })
    class DoorGateway {
      @OnUpgrade()
      check(@Query('open') open: string): boolean | undefined {
        return open === 'no' ? false : undefined;
      }

      @OnMessage('me')
      me(@ConnectedSocket() { userId }: Connection): object {
        return { userId };
      }
    }
    const app = await start({ providers: [DoorGateway] });
    const client = await app.connect('/door?user_id=ana');
    expect(await client.request('me')).toEqual({ userId: 'ana' });
    expect(await refusal(app, '/door?user_id=ana&open=no')).toMatchObject({ status: 403 });
  });
});

describe('identify', () => {
  @HauynaGateway({ path: '/' })
  class MeGateway {
    @OnMessage('me')
    me(@ConnectedSocket() { userId, info, meta }: Connection): object {
      return { userId, info, meta };
    }
  }

  const results: [string, Identify, object][] = [
    ['a user id', () => 'ana', { userId: 'ana', info: {}, meta: {} }],
    ['a user id, later', async () => 'ana', { userId: 'ana', info: {}, meta: {} }],
    [
      'an identity',
      () => ({ userId: '123', info: { a: 1 }, meta: { b: 2 } }),
      { userId: '123', info: { a: 1 }, meta: { b: 2 } },
    ],
    ['an identity, later', async () => ({ userId: 'ana' }), { userId: 'ana', info: {}, meta: {} }],
    ['null', () => null, { userId: null, info: {}, meta: {} }],
    ['undefined', async () => undefined, { userId: null, info: {}, meta: {} }],
    ['a name with spaces', () => 'con espacio', { userId: 'con espacio', info: {}, meta: {} }],
    ['__proto__', () => '__proto__', { userId: '__proto__', info: {}, meta: {} }],
    ['255 bytes', () => 'ñ'.repeat(127) + 'a', { userId: 'ñ'.repeat(127) + 'a', info: {}, meta: {} }],
  ];

  it.each(results)('may answer %s', async (_name, identify, expected) => {
    const app = await start({ providers: [MeGateway], options: { identify } });
    const client = await app.connect();
    expect(await client.request('me')).toEqual(expected);
  });

  const refusals: [string, () => unknown, number, unknown][] = [
    [
      'throws an HttpException',
      () => Promise.reject(new UnauthorizedException('Who are you?')),
      401,
      'Who are you?',
    ],
    [
      'throws one with a body of its own',
      () => Promise.reject(new BadRequestException({ reason: 'sunday' })),
      400,
      undefined,
    ],
    [
      'throws one with plain text',
      () => Promise.reject(new HttpException('Pay first.', 402)),
      402,
      'Pay first.',
    ],
    ['throws a HauynaError', () => Promise.reject(new HauynaError('conflict', 'Twice.')), 409, 'Twice.'],
    [
      'throws anything else',
      () => Promise.reject(new Error('db password is 1234')),
      500,
      'Internal server error',
    ],
    ['throws no error at all', () => Promise.reject('oops'), 500, 'Internal server error'],
    ['answers false', () => false, 403, 'Forbidden resource'],
    ['answers a number', () => 5, 500, 'Internal server error'],
    ['answers an object that is no identity', () => ({ id: 'ana' }), 500, 'Internal server error'],
    ['answers info that is no object', () => ({ userId: 'ana', info: [1] }), 500, 'Internal server error'],
    ['answers a reserved name', () => '$root', 403, undefined],
    ['answers an empty name', () => '', 400, undefined],
    ['answers a name of 256 bytes', () => 'a'.repeat(256), 400, undefined],
  ];

  it.each(refusals)('that %s refuses the connection', async (_name, identify, status, message) => {
    const app = await start({ providers: [MeGateway], options: { identify: identify as Identify } });
    const refused = await refusal(app, '/');
    expect(refused.status).toBe(status);
    if (message !== undefined) expect(refused.body).toMatchObject({ statusCode: status, message });
    expect(JSON.stringify(refused.body)).not.toContain('1234');
    expect(await fetch(app.httpUrl).then(({ status }) => status)).toBe(404);
  });

  it.each(['HttpException', 'HauynaError'])(
    'that refuses with 401 says how to authenticate: %s',
    async (kind) => {
      const identify: Identify = () => {
        throw kind === 'HauynaError'
          ? new HauynaError('unauthorized', 'Sign in.')
          : new UnauthorizedException('Sign in.');
      };
      const app = await start({ providers: [MeGateway], options: { identify } });
      const refused = await refusal(app, '/');
      expect(refused).toMatchObject({ status: 401, body: { message: 'Sign in.' } });
      expect(refused.headers['www-authenticate']).toBe('Bearer');
    },
  );

  it('that throws at once is no different', async () => {
    const identify: Identify = () => {
      throw new UnauthorizedException();
    };
    const app = await start({ providers: [MeGateway], options: { identify } });
    expect((await refusal(app, '/')).status).toBe(401);
  });

  it('that never answers is given up after the upgrade timeout', async () => {
    const identify: Identify = () => new Promise(() => undefined);
    const app = await start({
      providers: [MeGateway],
      options: { identify, limits: { upgradeTimeout: 20 } },
    });
    expect(await refusal(app, '/')).toMatchObject({ status: 504 });
    const v1 = await app.connect('/', { protocol: 'v1' });
    expect(await v1.next('disconnect')).toMatchObject({ code: 4104, reconnect: true });
  });
});
