import type { IncomingMessage } from 'node:http';
import { UpgradeRefusal } from './http-refusal.js';

const KEY = /^[A-Za-z0-9+/]{22}==$/;

/**
 * Checks an upgrade request more strictly than `ws` does, which accepts request bodies, HTTP/1.0, a missing or repeated
 * Host and absolute targets.
 *
 * @throws UpgradeRefusal 400, 405 or 426
 */
export function checkUpgradeRequest(request: IncomingMessage): void {
  const { headers, method, httpVersion, url = '' } = request;
  if (method !== 'GET') throw new UpgradeRefusal(405, 'A WebSocket upgrade uses GET.', { Allow: 'GET' });
  if (httpVersion !== '1.1') throw new UpgradeRefusal(400, 'A WebSocket upgrade uses HTTP/1.1.');
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    throw new UpgradeRefusal(400, 'The Upgrade header must be "websocket".');
  }
  if (countHeader(request, 'host') !== 1 || !headers.host) {
    throw new UpgradeRefusal(400, 'Exactly one Host header is needed.');
  }
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    throw new UpgradeRefusal(400, 'A WebSocket upgrade has no body.');
  }
  const version = headers['sec-websocket-version'];
  if (version !== '13') {
    throw new UpgradeRefusal(426, 'WebSocket version 13 is supported.', {
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
    });
  }
  const key = headers['sec-websocket-key'];
  if (countHeader(request, 'sec-websocket-key') !== 1 || key === undefined || !KEY.test(key)) {
    throw new UpgradeRefusal(400, 'The Sec-WebSocket-Key header is missing or malformed.');
  }
  if (!url.startsWith('/') || url.startsWith('//')) {
    throw new UpgradeRefusal(400, 'The request target must be a path.');
  }
}

function countHeader(request: IncomingMessage, name: string): number {
  let count = 0;
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name) count++;
  }
  return count;
}

/** Path and query of a request, decoded once. */
export interface RequestTarget {
  /** As it was sent: percent-escapes included. */
  pathname: string;
  query: Record<string, string>;
}

/** @throws UpgradeRefusal 400 for a target that can't be read */
export function readTarget(request: IncomingMessage): RequestTarget {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const pathname = mark === -1 ? url : url.slice(0, mark);
  try {
    decodeURIComponent(pathname);
  } catch {
    throw new UpgradeRefusal(400, 'The path is not properly percent-encoded.');
  }
  const query = Object.create(null) as Record<string, string>;
  if (mark !== -1) for (const [name, value] of new URLSearchParams(url.slice(mark + 1))) query[name] = value;
  return { pathname, query };
}
