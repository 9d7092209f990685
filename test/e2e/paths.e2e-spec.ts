import { MessageBody } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import {
  HauynaConfigurationError,
  HauynaGateway,
  OnMessage,
  PathParam,
  QueryParam,
  UserId,
} from '../../lib/index.js';
import { UpgradeError, type TestApp } from '../../lib/testing/index.js';
import { useApps } from './support/use-apps.js';

interface Where {
  gateway: string;
  params: unknown;
  query: unknown;
}

/** A gateway that says who it is and what the address said. */
function gatewayAt(path: string, name: string): new () => object {
  @HauynaGateway({ path })
  class WhereGateway {
    @OnMessage('where', { validate: false })
    where(@PathParam() params: object, @QueryParam() query: object): Where {
      return { gateway: name, params, query };
    }
  }
  return WhereGateway;
}

const start = useApps();

async function ask(app: TestApp, path: string): Promise<Where> {
  const client = await app.connect(path);
  return client.request<Where & Record<string, unknown>>('where');
}

const refused = (app: TestApp, path: string): Promise<unknown> =>
  app.connect(path).catch((error: unknown) => error);

describe.each(['express', 'fastify'] as const)('Path parameters on %s', (platform) => {
  const boot = () => start({ platform, providers: [gatewayAt('/rooms/:roomId/chat', 'room')] });

  it('reach the handler as text', async () => {
    expect(await ask(await boot(), '/rooms/42/chat')).toEqual({
      gateway: 'room',
      params: { roomId: '42' },
      query: {},
    });
  });

  it('are decoded once', async () => {
    const app = await boot();
    expect((await ask(app, '/rooms/con%20espacio/chat')).params).toEqual({ roomId: 'con espacio' });
    expect((await ask(app, '/rooms/%2525/chat')).params).toEqual({ roomId: '%25' });
    expect((await ask(app, '/rooms/a%2Fb/chat')).params).toEqual({ roomId: 'a/b' });
    expect((await ask(app, '/rooms/%C3%B1/chat')).params).toEqual({ roomId: 'ñ' });
    expect((await ask(app, '/rooms/__proto__/chat')).params).toEqual({ roomId: '__proto__' });
  });

  it('must be there, and the rest of the path must be the same', async () => {
    const app = await boot();
    for (const path of [
      '/rooms//chat',
      '/rooms/1/2/chat',
      '/rooms/1',
      '/rooms/1/chat/',
      '/Rooms/1/chat',
      '/',
    ]) {
      expect(await refused(app, path)).toMatchObject({ status: 404 });
    }
  });

  it('that are not properly encoded are a bad request, not a crash', async () => {
    const app = await boot();
    expect(await refused(app, '/rooms/%E0%A4%A/chat')).toMatchObject({ status: 400 });
    expect((await ask(app, '/rooms/still-here/chat')).gateway).toBe('room');
  });
});

describe('Query parameters', () => {
  const query = async (path: string): Promise<unknown> => {
    const app = await start({ providers: [gatewayAt('/chat', 'chat')] });
    return (await ask(app, `/chat${path}`)).query;
  };

  it('are text, whatever they look like', async () => {
    expect(await query('?n=123&b=true&o={"a":1}&e=&flag')).toEqual({
      n: '123',
      b: 'true',
      o: '{"a":1}',
      e: '',
      flag: '',
    });
  });

  it('are decoded; of equal names the last one counts', async () => {
    expect(await query('?a=1&a=2&q=hola+mundo%21&%C3%B1=s%C3%AD')).toEqual({
      a: '2',
      q: 'hola mundo!',
      ñ: 'sí',
    });
  });

  it('with a malformed escape do no harm', async () => {
    expect(await query('?a=%E0%A4%A&b=%')).toEqual({ a: '\u{FFFD}%A', b: '%' });
  });

  it('named like parts of an object are only names', async () => {
    const value = await query('?__proto__=x&constructor=y&toString=z');
    expect(Object.entries(value as object)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['toString', 'z'],
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('one by one: what was not sent is undefined, inherited names included', async () => {
    @HauynaGateway({ path: '/chat' })
    class ChatGateway {
      @OnMessage('one', { validate: false })
      one(
        @QueryParam('n') n: unknown,
        @QueryParam('toString') inherited: unknown,
        @PathParam('x') x: unknown,
      ): object {
        return { n, inherited: inherited === undefined, x: x === undefined };
      }
    }
    const app = await start({ providers: [ChatGateway] });
    const client = await app.connect('/chat?n=123');
    expect(await client.request('one')).toEqual({ n: '123', inherited: true, x: true });
  });
});

describe('The most fitting path', () => {
  it('is the one without parameters, in whatever order the gateways are listed', async () => {
    const dynamic = gatewayAt('/rooms/:id', 'dynamic');
    const fixed = gatewayAt('/rooms/lobby', 'fixed');
    for (const providers of [
      [dynamic, fixed],
      [fixed, dynamic],
    ]) {
      const app = await start({ providers });
      expect((await ask(app, '/rooms/lobby')).gateway).toBe('fixed');
      expect((await ask(app, '/rooms/7')).gateway).toBe('dynamic');
    }
  });

  it('is one with parameters rather than one with a wildcard', async () => {
    const rest = gatewayAt('/rooms/*rest', 'rest');
    const dynamic = gatewayAt('/rooms/:id', 'dynamic');
    for (const providers of [
      [rest, dynamic],
      [dynamic, rest],
    ]) {
      const app = await start({ providers });
      expect((await ask(app, '/rooms/7')).gateway).toBe('dynamic');
      expect(await ask(app, '/rooms/7/a/b')).toMatchObject({ gateway: 'rest', params: { rest: '7/a/b' } });
    }
  });

  it('an optional part is served with and without', async () => {
    const app = await start({ providers: [gatewayAt('/files{/:name}', 'files')] });
    expect((await ask(app, '/files')).params).toEqual({});
    expect((await ask(app, '/files/a')).params).toEqual({ name: 'a' });
  });

  it('the root is a path like any other, and the one a gateway has by default', async () => {
    @HauynaGateway()
    class RootGateway {
      @OnMessage('where', { validate: false })
      where(@UserId() user: string | null, @MessageBody() body: object): object {
        return { gateway: 'root', user, body };
      }
    }
    const app = await start({ providers: [RootGateway, gatewayAt('/chat', 'chat')] });
    expect((await ask(app, '/')).gateway).toBe('root');
    expect((await ask(app, '?x=1')).gateway).toBe('root');
    expect((await ask(app, '/chat')).gateway).toBe('chat');
    expect(await refused(app, '/chat/')).toBeInstanceOf(UpgradeError);
  });
});

describe('A path that cannot work', () => {
  it('fails the boot and says how to write it', async () => {
    await expect(start({ providers: [gatewayAt('/rooms/(:id', 'x')] })).rejects.toThrow(
      /The gateway path '\/rooms\/\(:id' cannot be read: [^]*Write it like '\/rooms\/:roomId\/chat'/,
    );
    await expect(start({ providers: [gatewayAt('chat', 'x')] })).rejects.toThrow(
      'WhereGateway: path \'chat\' must begin with "/"',
    );
    await expect(start({ providers: [gatewayAt('chat', 'x')] })).rejects.toBeInstanceOf(
      HauynaConfigurationError,
    );
  });
});

it('setGlobalPrefix is for controllers: gateways keep their paths', async () => {
  const app = await start({
    providers: [gatewayAt('/chat', 'chat')],
    configure: (nest) => void nest.setGlobalPrefix('api'),
  });
  expect((await ask(app, '/chat')).gateway).toBe('chat');
  expect(await refused(app, '/api/chat')).toMatchObject({ status: 404 });
});
