import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { UpgradeRefusal, writeRefusal } from '../../../lib/adapter/http-refusal.js';
import { closeCodeOf } from '../../../lib/adapter/refusal-codes.js';

const written = (refusal: UpgradeRefusal): string => {
  const socket = new PassThrough();
  writeRefusal(socket, refusal);
  return String(socket.read());
};

describe('A refusal as HTTP', () => {
  it('has a status line, a JSON body of the right length, and closes', () => {
    const text = written(new UpgradeRefusal(403, 'Nicht erlaubt: ñ'));
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head.split('\r\n')[0]).toBe('HTTP/1.1 403 Forbidden');
    expect(head).toContain('Connection: close');
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toEqual({ statusCode: 403, message: 'Nicht erlaubt: ñ', error: 'Forbidden' });
  });

  it('a header value cannot begin another header', () => {
    const text = written(new UpgradeRefusal(401, 'x', { 'WWW-Authenticate': 'a\r\nSet-Cookie: evil=1' }));
    expect(text).not.toMatch(/^Set-Cookie/m);
  });

  it('may have a body of its own', () => {
    expect(written(new UpgradeRefusal(418, 'x', {}, { any: 'thing' }))).toContain('{"any":"thing"}');
  });

  it('on a socket that is gone does nothing', () => {
    const socket = new PassThrough();
    socket.destroy();
    expect(() => writeRefusal(socket, new UpgradeRefusal(400, 'x'))).not.toThrow();
  });
});

it('as a close code it says whether to come back', () => {
  expect([400, 401, 403, 404, 429, 500, 502, 503, 504].map(closeCodeOf)).toEqual([
    4000, 4001, 4003, 4003, 4102, 4104, 4104, 4100, 4104,
  ]);
});
