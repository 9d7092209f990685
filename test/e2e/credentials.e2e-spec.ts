import { UnauthorizedException, type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../../lib/client/index.js';
import {
  ConnectionService,
  HauynaError,
  HauynaGateway,
  OnConnect,
  OnMessage,
  OnUpgrade,
  PresenceService,
  type Identity,
  type UpgradeRequest,
} from '../../lib/index.js';
import { ManualClock, type TestApp } from '../../lib/testing/index.js';
import { start, until } from './start.js';
import { arrive } from './support/arrive.js';

const MINUTE = 60_000;
const GRACE = 25_000;

/** Tokens of the tests: `user`, or `user:seconds` for one that runs out so long after the start of the clock. */
function identifyAt(origin: number) {
  return ({ token, headers }: UpgradeRequest): Identity | null => {
    const given = token ?? headers.authorization?.replace('Bearer ', '');
    if (given === undefined) return null;
    const [userId = '', seconds] = given.split(':');
    if (userId === 'nobody') throw new UnauthorizedException('Who?');
    if (userId === 'stale') throw new HauynaError('token_expired', 'Too old.');
    return seconds === undefined ? { userId } : { userId, expiresAt: origin + Number(seconds) * 1000 };
  };
}

@HauynaGateway({ path: '/chat' })
class ChatGateway {
  @OnMessage('work')
  work(): string {
    return 'done';
  }
}

async function begin(): Promise<{ app: TestApp; clock: ManualClock }> {
  const clock = new ManualClock();
  const identify = identifyAt(clock.now());
  const app = await start({
    providers: [ChatGateway],
    clock,
    options: { identify, heartbeat: false, session: { ttl: 5000 } },
  });
  return { app, clock };
}

describe('a token in the list of subprotocols', () => {
  it('reaches identify as request.token, whatever characters it is made of, and is not echoed', async () => {
    const { app } = await begin();
    const { client, welcome } = await arrive(app, '/chat', undefined, 'Añá + /=?');
    expect(welcome.user).toBe('Añá + /=?');
    expect(client.protocol).toBe('hauyna.v1.json');
  });

  it('reaches guards made for HTTP as Authorization: Bearer', async () => {
    class BearerGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        const { headers } = context.switchToHttp().getRequest<UpgradeRequest>();
        return headers.authorization === 'Bearer let-me-in';
      }
    }
    @HauynaGateway({ path: '/guarded' })
    class GuardedGateway {
      @OnUpgrade()
      @UseGuards(BearerGuard)
      who(): string {
        return 'ana';
      }
    }
    const app = await start({ providers: [GuardedGateway] });
    expect((await arrive(app, '/guarded', undefined, 'let-me-in')).welcome.user).toBe('ana');
    const refused = await app.connect('/guarded', { protocol: 'v1', token: 'let-me-out' });
    expect(await refused.closed).toMatchObject({ code: 4003 });
  });

  it('does not replace a header the client has set itself', async () => {
    const seen: unknown[] = [];
    const app = await start({
      providers: [ChatGateway],
      options: {
        identify: ({ token, headers }) => {
          seen.push([token, headers.authorization]);
          return null;
        },
      },
    });
    await app.connect('/chat', { protocol: 'v1', token: 'a', headers: { authorization: 'Basic b' } });
    expect(seen).toEqual([['a', 'Basic b']]);
  });

  it('that cannot be read is as good as none', async () => {
    const { app } = await begin();
    const client = await app.connect('/chat', { protocol: ['hauyna.v1.json', 'hauyna.token.%%%'] });
    expect(await client.next('welcome')).toMatchObject({ user: null });
  });

  it('that is not believed closes a v1 client with 4001, one that has run out with 4301', async () => {
    const { app } = await begin();
    const nobody = await app.connect('/chat', { protocol: 'v1', token: 'nobody' });
    expect(await nobody.next('disconnect')).toMatchObject({ code: 4001, reason: 'Who?', reconnect: false });
    expect(await nobody.closed).toMatchObject({ code: 4001 });
    const stale = await app.connect('/chat', { protocol: 'v1', token: 'stale' });
    expect(await stale.next('disconnect')).toMatchObject({ code: 4301, reconnect: true });
    expect(await stale.closed).toMatchObject({ code: 4301 });
  });
});

describe('credentials that have run out before', () => {
  it('let nobody in: 4301 for v1 clients, 401 for plain ones', async () => {
    const { app, clock } = await begin();
    clock.advance(10_000);
    for (const token of ['ana:10', 'ana:1']) {
      const client = await app.connect('/chat', { protocol: 'v1', token });
      expect(await client.closed).toMatchObject({ code: 4301 });
      expect(client.received).toEqual([expect.objectContaining({ type: 'disconnect', code: 4301 })]);
    }
    const plain = app.connect('/chat', { headers: { authorization: 'Bearer ana:10' } });
    await expect(plain).rejects.toMatchObject({ status: 401, body: { error_type: 'token_expired' } });
    expect(await app.get(ConnectionService).count()).toBe(0);
  });

  it('that are no time at all are a mistake of the application: logged, and nobody gets in', async () => {
    const identify = (): Identity => ({ userId: 'ana', expiresAt: '2030' as unknown as number });
    const app = await start({ providers: [ChatGateway], options: { identify } });
    await expect(app.connect('/chat')).rejects.toMatchObject({ status: 500 });
    expect(app.logs.some(({ message }) => String(message).includes('Identifying'))).toBe(true);
  });
});

describe('credentials that run out while connected', () => {
  it('are announced in welcome, and 25 s later the connection is closed with 4301', async () => {
    const { app, clock } = await begin();
    const { client, welcome } = await arrive(app, '/chat', undefined, 'ana:60');
    expect(welcome.expiresIn).toBe(MINUTE);
    clock.advance(MINUTE + GRACE - 1);
    expect(await client.request('work')).toBe('done');
    clock.advance(1);
    expect(await client.next('disconnect')).toMatchObject({ code: 4301, reconnect: true });
    expect(await client.closed).toMatchObject({ code: 4301 });
  });

  it('without an end are not spoken of', async () => {
    const { app, clock } = await begin();
    const { client, welcome } = await arrive(app, '/chat', undefined, 'ana');
    expect(welcome.expiresIn).toBeUndefined();
    clock.advance(1000 * MINUTE);
    await client.fence();
    expect(client.isOpen).toBe(true);
  });

  it('count for plain clients, too', async () => {
    const { app, clock } = await begin();
    const client = await app.connect('/chat', { headers: { authorization: 'Bearer ana:60' } });
    await client.fence();
    clock.advance(MINUTE + GRACE);
    expect(await client.closed).toMatchObject({ code: 4301 });
  });

  it('may run out in a hundred days', async () => {
    const { app, clock } = await begin();
    const days = 100 * 24 * 3600;
    const { client } = await arrive(app, '/chat', undefined, `ana:${days}`);
    clock.advance(days * 1000 + GRACE - 1);
    await client.fence();
    clock.advance(1);
    expect(await client.closed).toMatchObject({ code: 4301 });
  });

  it('end a connection, not the stay: whoever is back with new ones in time was never away', async () => {
    const { app, clock } = await begin();
    const { client, key } = await arrive(app, '/chat', undefined, 'ana:60');
    clock.advance(MINUTE + GRACE);
    await client.closed;
    expect(await app.get(PresenceService).isPresent('ana')).toBe(true);
    const back = await arrive(app, '/chat', key, 'ana:120');
    expect(back.welcome.session?.resumed).toBe(true);
  });
});

describe('a refresh', () => {
  it('of the same user keeps the connection, and says how long', async () => {
    const { app, clock } = await begin();
    const { client } = await arrive(app, '/chat', undefined, 'ana:60');
    clock.advance(MINUTE);
    expect(await client.request('refresh', { token: 'ana:180' })).toEqual({ expiresIn: 2 * MINUTE });
    clock.advance(2 * MINUTE + GRACE - 1);
    await client.fence();
    clock.advance(1);
    expect(await client.closed).toMatchObject({ code: 4301 });
  });

  it('is in time until the last moment of the grace', async () => {
    const { app, clock } = await begin();
    const { client } = await arrive(app, '/chat', undefined, 'ana:60');
    clock.advance(MINUTE + GRACE - 1);
    await client.request('refresh', { token: 'ana:180' });
    clock.advance(GRACE);
    await client.fence();
    expect(client.isOpen).toBe(true);
  });

  it('with credentials that do not run out ends the waiting', async () => {
    const { app, clock } = await begin();
    const { client } = await arrive(app, '/chat', undefined, 'ana:60');
    expect(await client.request('refresh', { token: 'ana' })).toEqual({});
    clock.advance(1000 * MINUTE);
    await client.fence();
    expect(client.isOpen).toBe(true);
  });

  it('of another user is forbidden and changes nothing', async () => {
    const { app, clock } = await begin();
    const { client } = await arrive(app, '/chat', undefined, 'ana:60');
    await expect(client.request('refresh', { token: 'eve:600' })).rejects.toMatchObject({
      error_type: 'forbidden',
    });
    clock.advance(MINUTE + GRACE);
    expect(await client.closed).toMatchObject({ code: 4301 });
  });

  it('with a token that is not believed fails and leaves the rest of the grace', async () => {
    const { app, clock } = await begin();
    const { client } = await arrive(app, '/chat', undefined, 'ana:60');
    clock.advance(MINUTE);
    const refused = (token: string): Promise<unknown> =>
      client.request('refresh', { token }).catch((error: { error_type: string }) => error.error_type);
    expect(await refused('nobody')).toBe('unauthorized');
    expect(await refused('stale')).toBe('token_expired');
    expect(await refused('ana:60')).toBe('token_expired');
    expect(await client.request('refresh', { token: 'ana:180' })).toEqual({ expiresIn: 2 * MINUTE });
  });

  it('of a connection whose credentials do not run out is a conflict', async () => {
    const { app } = await begin();
    const { client } = await arrive(app, '/chat', undefined, 'ana');
    await expect(client.request('refresh', { token: 'ana:60' })).rejects.toMatchObject({
      error_type: 'conflict',
    });
  });

  it('needs a token', async () => {
    const { app } = await begin();
    const { client } = await arrive(app, '/chat', undefined, 'ana:60');
    for (const token of [undefined, '', 7]) {
      await expect(client.request('refresh', { token })).rejects.toMatchObject({
        error_type: 'validation_error',
      });
    }
  });

  it('works for plain clients', async () => {
    const { app, clock } = await begin();
    const client = await app.connect('/chat', { headers: { authorization: 'Bearer ana:60' } });
    expect(await client.request('refresh', { token: 'ana:120' })).toEqual({ expiresIn: 2 * MINUTE });
    clock.advance(MINUTE + GRACE);
    await client.fence();
    expect(client.isOpen).toBe(true);
  });

  it('is decided by @OnUpgrade, guards and all, where that decided at first', async () => {
    const asked: unknown[] = [];
    const clock = new ManualClock();
    @HauynaGateway({ path: '/up' })
    class UpGateway {
      @OnUpgrade()
      who(request: UpgradeRequest): Identity {
        asked.push(request.token);
        return { userId: 'ana', expiresAt: clock.now() + MINUTE };
      }
    }
    const app = await start({ providers: [UpGateway], clock, options: { heartbeat: false } });
    const { client } = await arrive(app, '/up', undefined, 'one');
    expect(await client.request('refresh', { token: 'two' })).toEqual({ expiresIn: MINUTE });
    expect(asked).toEqual(['one', 'two']);
  });
});

describe('@OnConnect', () => {
  it('may say that the credentials have run out: 4301', async () => {
    @HauynaGateway({ path: '/late' })
    class LateGateway {
      @OnConnect()
      enter(): void {
        throw new HauynaError('token_expired', 'Too old.');
      }
    }
    const app = await start({ providers: [LateGateway] });
    const client = await app.connect('/late', { protocol: 'v1' });
    expect(await client.closed).toMatchObject({ code: 4301 });
  });
});

describe('createClient', () => {
  it('asks for new credentials before the old ones run out, and stays connected', async () => {
    const { app, clock } = await begin();
    const reasons: string[] = [];
    let seconds = 0;
    const client = createClient(`${app.url}/chat`, {
      WebSocket: WebSocket as never,
      clock,
      heartbeatInterval: 0,
      token: ({ reason }) => {
        reasons.push(reason);
        return `ana:${(seconds += 60)}`;
      },
    });
    const ended: unknown[] = [];
    client.on('state', ({ to }) => ended.push(to));
    await client.connect();
    expect(client.userId).toBe('ana');
    for (let round = 1; round <= 3; round++) {
      clock.advance(MINUTE);
      await until(() => reasons.length > round);
      // The answer to the refresh is on its way before this one.
      await client.ping();
    }
    expect(reasons).toEqual(['initial', 'expired', 'expired', 'expired']);
    expect(ended).toEqual(['connecting', 'connected']);
    client.close();
  });
});
