import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { WebSocketClient } from '../../../../lib/client/compat/index.js';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanUp.splice(0)) clean();
});

async function serve() {
  const server = new WebSocketServer({ port: 0 });
  await once(server, 'listening');
  cleanUp.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('against a real server', () => {
  it('comes back after the server has cut the connection, and sends what waited, in order', async () => {
    const { server, url } = await serve();
    const received: string[] = [];
    let connections = 0;
    server.on('connection', (socket) => {
      if (++connections === 1) socket.terminate();
      socket.on('message', (data: Buffer) => {
        received.push(data.toString());
        socket.send(data.toString());
      });
    });
    const client = new WebSocketClient(url, { WebSocket, reconnectInterval: 10 });
    cleanUp.push(() => client.close());
    const closed = await new Promise((resolve) => client.once('close', resolve));
    expect(closed).toEqual({ code: 1006, reason: '', willReconnect: true });
    const echoes: unknown[] = [];
    const both = new Promise<void>((resolve) => {
      client.on('message', (data) => {
        if (echoes.push(data) === 2) resolve();
      });
    });
    client.send({ n: 1 });
    client.send({ n: 2 });
    await both;
    expect(echoes).toEqual([{ n: 1 }, { n: 2 }]);
    expect([connections, client.state, received.length]).toEqual([2, 'open', 2]);
  });

  it('stays away when the server says so', async () => {
    const { server, url } = await serve();
    server.on('connection', (socket) => socket.close(4001, 'Who are you?'));
    const client = new WebSocketClient(url, { WebSocket });
    const closed = await new Promise((resolve) => client.once('close', resolve));
    expect(closed).toEqual({ code: 4001, reason: 'Who are you?', willReconnect: false });
    expect(client.state).toBe('closed');
  });

  it('can be closed in the middle of the handshake', async () => {
    const { server, url } = await serve();
    const client = new WebSocketClient(url, { WebSocket });
    const { ws } = client;
    const ended = new Promise<unknown>((resolve) => ws?.addEventListener('close', resolve));
    client.close();
    await ended;
    expect(client.state).toBe('closed');
    expect(server.clients.size).toBe(0);
  });

  it('reports a refused connection and tries again', async () => {
    const { server, url } = await serve();
    server.close();
    await once(server, 'close');
    const client = new WebSocketClient(url, { WebSocket, maxReconnectAttempts: 1, reconnectInterval: 10 });
    const errors: string[] = [];
    client.on('error', (error) => errors.push(error.message));
    await new Promise((resolve) => client.once('failed', resolve));
    expect(errors).toHaveLength(2);
    expect(errors[0]).toContain('ECONNREFUSED');
  });
});
