import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { WebSocketClient, type WebSocketClientOptions } from '../../../../lib/client/compat/index.js';
import { FakeSocket, start } from './support.js';

afterEach(() => vi.unstubAllGlobals());

describe('options', () => {
  it('says how to get a WebSocket where there is none', () => {
    vi.stubGlobal('WebSocket', undefined);
    expect(() => new WebSocketClient('ws://host')).toThrow(/import { WebSocket } from 'ws'/);
  });

  it('takes the WebSocket of the runtime', () => {
    vi.stubGlobal('WebSocket', FakeSocket);
    const client = new WebSocketClient('ws://host');
    expect(client.ws).toBeInstanceOf(FakeSocket);
    client.close();
  });

  it('names every field that is wrong, in one error, and leaves nothing behind', () => {
    const bad = {
      reconnectInterval: -1,
      heartbeatInterval: Infinity,
      maxReconnectAttempts: 1.5,
      bufferSize: '7' as unknown as number,
      refresh: 'x' as unknown as () => string,
    };
    let text = '';
    try {
      start(bad);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      text = String(error);
    }
    for (const field of Object.keys(bad)) expect(text).toContain(field);
  });

  it.each<[WebSocketClientOptions, RegExp]>([
    [{ reconnectInterval: 2000, maxReconnectInterval: 1000 }, /maxReconnectInterval must not be less/],
    [{ heartbeatInterval: 0, heartbeatTimeout: 5 }, /heartbeatTimeout needs a heartbeatInterval/],
    [{ connectTimeout: 2 ** 31 }, /connectTimeout/],
  ])('refuses %o', (options, text) => {
    expect(() => start(options)).toThrow(text);
  });

  it('takes undefined for "not given" and a reconnectInterval above the default ceiling', () => {
    const { client } = start({ reconnectInterval: 60_000, ...({ bufferSize: undefined } as object) });
    expect(client.options).toMatchObject({ maxReconnectInterval: 60_000, bufferSize: 100 });
  });

  it('refuses a url that is none', () => {
    for (const url of ['', 42, null, {}]) expect(() => start({}, url as string)).toThrow(/url/);
    expect(() => new WebSocketClient('nonsense', { WebSocket })).toThrow(/cannot connect to "nonsense"/);
  });

  it('takes a URL and passes on protocols', () => {
    const { last } = start({ protocols: ['hauyna.v1.json'] }, new URL('ws://host/chat'));
    expect([last().url, last().protocols]).toEqual(['ws://host/chat', ['hauyna.v1.json']]);
  });

  it('goes to a url that was set on the next connection', () => {
    const { client, last } = start();
    client.url = 'ws://other';
    client.reconnect();
    expect(last().url).toBe('ws://other');
  });

  it('lets a subclass in the manner of the seed add to each connection', () => {
    const seen: unknown[] = [];
    class Mine extends WebSocketClient {
      override setupReconnection(): void {
        seen.push(this.ws);
      }
    }
    const client = new Mine('ws://host', { WebSocket: FakeSocket });
    expect(seen).toEqual([client.ws]);
    client.close();
  });
});
