import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { V1_DIALECT } from '../protocol/dialect.js';
import { encodeOffer } from '../protocol/subprotocol.js';
import { UpgradeError } from './client-errors.js';
import { TestClient } from './test-client.js';

export interface ConnectOptions {
  /** `'v1'` offers the library's subprotocol, `'plain'` none; a list offers exactly these. @default 'plain' */
  protocol?: 'plain' | 'v1' | readonly string[];
  /** Credentials, offered as `createClient` offers them (v1). */
  token?: string;
  /** The private key of a session to continue, from `welcome.session.resume` (v1). */
  resume?: string;
  /** Headers of the upgrade request. */
  headers?: Record<string, string>;
  /** The `Origin` header, as a browser would send it. */
  origin?: string;
  /** Longest wait for a frame, ms. @default 1000 */
  timeout?: number;
  /** Whether pings of the server are answered. @default true */
  autoPong?: boolean;
}

/** How long an upgrade may take, ms. */
const OPEN_TIMEOUT = 5000;

/**
 * Opens a WebSocket for a test.
 *
 * ```ts
 * const client = await connectClient('ws://127.0.0.1:3000/chat', { protocol: 'v1' });
 * expect(await client.next('welcome')).toMatchObject({ user: null });
 * ```
 *
 * @throws UpgradeError with status, body and headers when the server refuses
 */
export async function connectClient(url: string, options: ConnectOptions = {}): Promise<TestClient> {
  const { protocol = 'plain', token, resume, headers, origin, timeout, autoPong = true } = options;
  const socket = new WebSocket(url, [...subprotocols(protocol), ...encodeOffer({ token, resume })], {
    handshakeTimeout: OPEN_TIMEOUT,
    // The client answers pings itself, so that it can stop doing so.
    autoPong: false,
    ...(headers === undefined ? {} : { headers }),
    ...(origin === undefined ? {} : { origin }),
  });
  // Listens before the upgrade is through: the first frames may arrive in the same packet.
  const client = new TestClient(socket, timeout);
  client.autoPong = autoPong;
  await opened(socket);
  return client;
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (request, response) => {
      void refusal(response)
        .then(reject, reject)
        .finally(() => request.destroy());
    });
  });
}

async function refusal(response: IncomingMessage): Promise<UpgradeError> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return new UpgradeError(response.statusCode ?? 0, parseBody(text), response.headers);
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function subprotocols(protocol: NonNullable<ConnectOptions['protocol']>): string[] {
  if (typeof protocol !== 'string') return [...protocol];
  return protocol === 'v1' ? [V1_DIALECT.subprotocol as string] : [];
}
