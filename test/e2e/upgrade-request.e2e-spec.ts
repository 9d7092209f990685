import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ConnectionService, HauynaGateway } from '../../lib/index.js';
import { type TestApp } from '../../lib/testing/index.js';
import { sendRaw, upgradeLines, type RawAnswer } from './support/raw-socket.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const start = useApps();
const boot = () => start({ providers: [ChatGateway] });

const ask = (
  app: TestApp,
  headers: Record<string, string | null> = {},
  line?: string,
  body?: string,
): Promise<RawAnswer> => sendRaw(app.httpUrl, upgradeLines('/chat', headers, line), body);

describe('An upgrade request is accepted', () => {
  it('as the RFC writes it, and the key is answered', async () => {
    const { status, headers } = await ask(await boot());
    expect(status).toBe(101);
    expect(headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it.each([
    ['as Firefox sends it', { Connection: 'keep-alive, Upgrade' }],
    ['with the header names and values in any case', { Connection: 'UPGRADE', Upgrade: 'WebSocket' }],
    ['with proxy headers', { 'X-Forwarded-For': '1.2.3.4', Via: '1.1 proxy' }],
    [
      'with an extension we do not speak',
      { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
    ],
  ])('%s', async (_, headers) => {
    const answer = await ask(await boot(), headers);
    expect(answer.status).toBe(101);
    expect(answer.headers['sec-websocket-extensions']).toBeUndefined();
  });

  it('with our subprotocol among others, which is then the one', async () => {
    const app = await boot();
    const chosen = async (offered: string): Promise<string | undefined> =>
      (await ask(app, { 'Sec-WebSocket-Protocol': offered })).headers['sec-websocket-protocol'];
    expect(await chosen('hauyna.v1.json')).toBe('hauyna.v1.json');
    expect(await chosen('graphql-ws, hauyna.v1.json')).toBe('hauyna.v1.json');
    expect(await chosen('bearer.abc, other')).toBe('bearer.abc');
    expect((await ask(app)).headers['sec-websocket-protocol']).toBeUndefined();
  });
});

describe('An upgrade request is refused', () => {
  it('with 426 and the version we speak when it asks for another', async () => {
    const app = await boot();
    for (const version of ['8', '12', '14', '', 'x', null]) {
      const { status, headers } = await ask(app, { 'Sec-WebSocket-Version': version });
      expect(status).toBe(426);
      expect(headers).toMatchObject({
        'sec-websocket-version': '13',
        upgrade: 'websocket',
        connection: 'close',
      });
    }
  });

  it.each<[string, Record<string, string | null>]>([
    ['without a key', { 'Sec-WebSocket-Key': null }],
    ['with an empty key', { 'Sec-WebSocket-Key': '' }],
    ['with a key of the wrong length', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }],
    ['with a key that is no base64', { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }],
    ['with a Content-Length', { 'Content-Length': '5' }],
    ['with a Content-Length of 0', { 'Content-Length': '0' }],
    ['with a Transfer-Encoding', { 'Transfer-Encoding': 'chunked' }],
    ['without a Host', { Host: null }],
    ['with an empty Host', { Host: '' }],
    ['to something else than a WebSocket', { Upgrade: 'h2c' }],
    ['to several things at once', { Upgrade: 'websocket, h2c' }],
  ])('with 400 %s', async (_, headers) => {
    const { status, headers: answered } = await ask(await boot(), headers);
    expect(status).toBe(400);
    expect(answered['connection']).toBe('close');
  });

  it('with 400 when the key or the Host comes twice', async () => {
    const app = await boot();
    const twice = async (line: string): Promise<number> =>
      (await sendRaw(app.httpUrl, [...upgradeLines('/chat'), line])).status;
    expect(await twice('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')).toBe(400);
    expect(await twice('Host: other')).toBe(400);
  });

  it('with 400 when it is HTTP/1.0, absolute, or for another host by its path', async () => {
    const app = await boot();
    for (const line of [
      'GET /chat HTTP/1.0',
      'GET http://127.0.0.1/chat HTTP/1.1',
      'GET //evil.com/chat HTTP/1.1',
    ]) {
      expect([400, 404]).toContain((await ask(app, {}, line)).status);
    }
  });

  it('with 405 when it is no GET', async () => {
    const { status, headers } = await ask(await boot(), {}, 'POST /chat HTTP/1.1');
    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET');
  });

  it('and a body behind it is never taken for frames', async () => {
    const app = await boot();
    const { status } = await ask(app, { 'Content-Length': '2' }, undefined, '\u0081\u0080');
    expect(status).toBe(400);
    expect((await app.connect('/chat')).isOpen).toBe(true);
  });

  it('with 2001 headers without a crash', async () => {
    const app = await boot();
    const many = Object.fromEntries(Array.from({ length: 2001 }, (_, n) => [`a${n}`, '']));
    const { status } = await ask(app, many);
    expect([0, 101, 400, 431]).toContain(status);
    expect((await app.connect('/chat')).isOpen).toBe(true);
  });
});

it('a client that resets the connection while it is being identified does not end the process', async () => {
  let begin: () => void = () => undefined;
  let proceed: (user: string) => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const slow = new Promise<string>((resolve) => (proceed = resolve));
  const app = await start({
    providers: [ChatGateway],
    options: {
      identify: ({ query }) => {
        if (query['slow'] === undefined) return 'bob';
        begin();
        return slow;
      },
    },
  });
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${upgradeLines('/chat?slow=1').join('\r\n')}\r\n\r\n`);
  await begun;
  socket.resetAndDestroy();
  expect((await app.connect('/chat')).isOpen).toBe(true);
  proceed('ana');
  expect((await app.connect('/chat')).isOpen).toBe(true);
  expect(await app.get(ConnectionService).ofUser('ana')).toEqual([]);
});

it('frames that come in the same packet as the upgrade request are not lost', async () => {
  const app = await boot();
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  const text = '{"type":"heartbeat","id":1}';
  const mask = Buffer.from([1, 2, 3, 4]);
  const frame = Buffer.concat([
    Buffer.from([0x81, 0x80 | text.length]),
    mask,
    Buffer.from(text).map((byte, i) => byte ^ (mask[i % 4] as number)),
  ]);
  const answered = new Promise<string>((resolve) => {
    let all = '';
    socket.on('data', (chunk) => {
      all += chunk.toString();
      if (all.includes('"ack"')) resolve(all);
    });
  });
  socket.write(Buffer.concat([Buffer.from(`${upgradeLines('/chat').join('\r\n')}\r\n\r\n`), frame]));
  expect(await answered).toContain('{"type":"ack","id":1}');
  socket.destroy();
});
