import type { IncomingMessage } from 'node:http';
import { UpgradeRefusal } from './http-refusal.js';
import { TextValues } from './text-values.js';

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
  if (!headers.host || countHosts(request) !== 1) {
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
  // Repeated, Node joins the keys to one that does not match.
  if (key === undefined || !KEY.test(key)) {
    throw new UpgradeRefusal(400, 'The Sec-WebSocket-Key header is missing or malformed.');
  }
  if (!url.startsWith('/') || url.startsWith('//')) {
    throw new UpgradeRefusal(400, 'The request target must be a path.');
  }
}

/** Node keeps the first of several Host headers. */
function countHosts({ rawHeaders }: IncomingMessage): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** Path and query of a request, decoded once. */
export interface RequestTarget {
  /** As it was sent: percent-escapes included. */
  pathname: string;
  query: Record<string, string>;
}

/** @returns a refusal with 400 for a target that can't be read; it may still be meant for somebody else */
export function readTarget(request: IncomingMessage): RequestTarget | UpgradeRefusal {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const pathname = mark === -1 ? url : url.slice(0, mark);
  try {
    if (pathname.includes('%')) decodeURIComponent(pathname);
  } catch {
    return new UpgradeRefusal(400, 'The path is not properly percent-encoded.');
  }
  return { pathname, query: mark === -1 ? new TextValues() : readQuery(url.slice(mark + 1)) };
}

/** As URLSearchParams reads it; the last of several values counts. */
function readQuery(text: string): Record<string, string> {
  const query = new TextValues();
  if (/[%+]/.test(text)) {
    for (const [name, value] of new URLSearchParams(text)) query[name] = value;
    return query;
  }
  // Most queries have nothing to decode, and a reconnecting crowd brings one each.
  for (let start = 0, end; start < text.length; start = end + 1) {
    end = text.indexOf('&', start);
    if (end === -1) end = text.length;
    if (end === start) continue;
    const mark = text.indexOf('=', start);
    if (mark === -1 || mark > end) query[text.slice(start, end)] = '';
    else query[text.slice(start, mark)] = text.slice(mark + 1, end);
  }
  return query;
}
