import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { WebSocketGateway, SubscribeMessage } from '@nestjs/websockets';
import { describe, expect, it } from 'vitest';
import { HauynaGateway, OnMessage } from '../../lib/index.js';
import { connectClient } from '../../lib/testing/index.js';
import { useApps } from './support/use-apps.js';

/** A port that is free now. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const start = useApps();

function gatewayOn(port: number, path: string, name: string): new () => object {
  @HauynaGateway({ port, path })
  class PortGateway {
    @OnMessage('who')
    who(): string {
      return name;
    }
  }
  return PortGateway;
}

const ask = async (url: string): Promise<unknown> => {
  const client = await connectClient(url);
  const answer = await client.request('who');
  await client.close();
  return answer;
};

describe('A gateway with a port of its own', () => {
  it('serves its paths there and nowhere else', async () => {
    const port = await freePort();
    const app = await start({
      providers: [
        gatewayOn(port, '/admin', 'admin'),
        gatewayOn(port, '/stats/:id', 'stats'),
        gatewayOn(0, '/chat', 'chat'),
      ],
    });
    const own = `ws://127.0.0.1:${port}`;
    expect(await ask(`${own}/admin`)).toBe('admin');
    expect(await ask(`${own}/stats/7`)).toBe('stats');
    expect(await ask(`${app.url}/chat`)).toBe('chat');
    await expect(connectClient(`${own}/chat`)).rejects.toMatchObject({ status: 404 });
    await expect(app.connect('/admin')).rejects.toMatchObject({ status: 404 });
  });

  it('may have the same path as one on the main port; they are two', async () => {
    const port = await freePort();
    const app = await start({ providers: [gatewayOn(port, '/chat', 'own'), gatewayOn(0, '/chat', 'main')] });
    expect(await ask(`ws://127.0.0.1:${port}/chat`)).toBe('own');
    expect(await ask(`${app.url}/chat`)).toBe('main');
  });

  it('tells plain HTTP that there are only WebSockets', async () => {
    const port = await freePort();
    await start({ providers: [gatewayOn(port, '/admin', 'admin')] });
    const response = await fetch(`http://127.0.0.1:${port}/admin`);
    expect(response.status).toBe(426);
    expect(await response.text()).toContain('WebSockets only');
  });

  it('opens when the application is ready, not before', async () => {
    const port = await freePort();
    let early: unknown = 'not tried';
    @Injectable()
    class SlowStart implements OnApplicationBootstrap {
      async onModuleInit(): Promise<void> {
        early = await connectClient(`ws://127.0.0.1:${port}/admin`).catch(
          (error: { code?: string }) => error.code,
        );
      }

      onApplicationBootstrap(): void {
        // Only there to be an ordinary provider with hooks.
      }
    }
    await start({ providers: [gatewayOn(port, '/admin', 'admin'), SlowStart] });
    expect(early).toBe('ECONNREFUSED');
    expect(await ask(`ws://127.0.0.1:${port}/admin`)).toBe('admin');
  });

  it('that is taken fails the boot', async () => {
    const port = await freePort();
    await start({ providers: [gatewayOn(port, '/admin', 'admin')] });
    await expect(start({ providers: [gatewayOn(port, '/admin', 'again')] })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('closes with the application and can be opened again', async () => {
    const port = await freePort();
    const app = await start({ providers: [gatewayOn(port, '/admin', 'admin')] });
    const client = await connectClient(`ws://127.0.0.1:${port}/admin`);
    await app.close();
    expect(await client.closed).toMatchObject({ code: 1012 });
    await start({ providers: [gatewayOn(port, '/admin', 'second')] });
    expect(await ask(`ws://127.0.0.1:${port}/admin`)).toBe('second');
  });
});

it('a plain Nest gateway on a port of its own takes every path, as with WsAdapter', async () => {
  const port = await freePort();
  @WebSocketGateway(port)
  class PlainGateway {
    @SubscribeMessage('who')
    who(): object {
      return { event: 'me', data: 'plain' };
    }
  }
  await start({ providers: [PlainGateway] });
  for (const path of ['', '/anything', '/a/b?c=d']) {
    const client = await connectClient(`ws://127.0.0.1:${port}${path}`);
    client.send({ event: 'who' });
    expect(await client.next('me')).toEqual({ event: 'me', data: 'plain' });
    await client.close();
  }
});
