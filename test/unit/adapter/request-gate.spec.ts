import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { UpgradeRefusal } from '../../../lib/adapter/http-refusal.js';
import { checkUpgradeRequest, readTarget } from '../../../lib/adapter/request-gate.js';

function request(url: string, headers: Record<string, string> = {}, more: object = {}): IncomingMessage {
  const all = {
    host: 'localhost',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const rawHeaders = Object.entries(all).flat();
  return {
    url,
    method: 'GET',
    httpVersion: '1.1',
    headers: all,
    rawHeaders,
    ...more,
  } as unknown as IncomingMessage;
}

describe('readTarget', () => {
  it('keeps the path as it was sent and decodes the query once', () => {
    expect(readTarget(request('/a%20b/?x=1%2B1&y=%26&x=2'))).toEqual({
      pathname: '/a%20b/',
      query: Object.assign(Object.create(null), { x: '2', y: '&' }) as object,
    });
  });

  it.each([
    ['/a?', {}],
    ['/a??b=1', { '?b': '1' }],
    ['/a?b', { b: '' }],
    ['/a?=c', { '': 'c' }],
    ['/a?b=c=d', { b: 'c=d' }],
    ['/a?b=1#c', { b: '1#c' }],
  ])('%s', (url, query) => {
    const target = readTarget(request(url));
    expect(target).toMatchObject({ pathname: '/a' });
    expect({ ...(target as { query: object }).query }).toEqual(query);
  });

  it('gives a query without inherited keys', () => {
    const { query } = readTarget(request('/a')) as { query: Record<string, string> };
    expect(['toString', '__proto__', 'constructor'].filter((name) => name in query)).toEqual([]);
  });

  it.each(['/%', '/%E0%A4%A', '/%zz'])('%s is refused with 400, not thrown', (url) => {
    const target = readTarget(request(url));
    expect(target).toBeInstanceOf(UpgradeRefusal);
    expect(target).toMatchObject({ status: 400 });
  });
});

describe('checkUpgradeRequest', () => {
  it('lets a correct request pass', () => {
    expect(() => checkUpgradeRequest(request('/a'))).not.toThrow();
    expect(() => checkUpgradeRequest(request('/a', { upgrade: 'WebSocket' }))).not.toThrow();
  });

  it.each<[string, number, IncomingMessage]>([
    ['another method', 405, request('/a', {}, { method: 'POST' })],
    ['HTTP/1.0', 400, request('/a', {}, { httpVersion: '1.0' })],
    ['another protocol', 400, request('/a', { upgrade: 'h2c' })],
    ['a body', 400, request('/a', { 'content-length': '0' })],
    ['a chunked body', 400, request('/a', { 'transfer-encoding': 'chunked' })],
    ['another version', 426, request('/a', { 'sec-websocket-version': '8' })],
    ['a bad key', 400, request('/a', { 'sec-websocket-key': 'short' })],
    ['an absolute target', 400, request('http://evil/a')],
    ['a target that is another host', 400, request('//evil/a')],
    ['an empty host', 400, request('/a', { host: '' })],
  ])('refuses %s with %i', (_, status, bad) => {
    expect(() => checkUpgradeRequest(bad)).toThrow(expect.objectContaining({ status }) as Error);
  });
});
