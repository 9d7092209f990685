import { describe, expect, it } from 'vitest';
import { Endpoint } from '../../../lib/adapter/endpoint.js';
import { EndpointRegistry } from '../../../lib/adapter/endpoint.registry.js';

const found = (paths: (string | null)[], pathname: string): string | null | undefined => {
  const registry = new EndpointRegistry();
  for (const path of paths) registry.at(0, path);
  return registry.find(0, pathname)?.endpoint.path;
};

describe('EndpointRegistry', () => {
  it('prefers the path that leaves the least open, in whatever order they were added', () => {
    const paths = [null, '/*rest', '/:a/:b', '/rooms/:id', '/rooms/lobby', '/rooms/*rest'];
    for (const list of [paths, paths.toReversed()]) {
      expect(found(list, '/rooms/lobby')).toBe('/rooms/lobby');
      expect(found(list, '/rooms/7')).toBe('/rooms/:id');
      expect(found(list, '/halls/7')).toBe('/:a/:b');
      expect(found(list, '/')).toBeNull();
    }
    expect(found(paths, '/rooms/7/8')).toBe('/*rest');
  });

  it('gives one endpoint a path and port, and none of another port', () => {
    const registry = new EndpointRegistry();
    expect(registry.at(0, '/a')).toBe(registry.at(0, '/a'));
    expect(registry.at(0, '/a')).not.toBe(registry.at(1, '/a'));
    expect(registry.find(2, '/a')).toBeUndefined();
    expect(registry.all()).toHaveLength(2);
    registry.clear();
    expect(registry.all()).toEqual([]);
  });
});

describe('Endpoint', () => {
  it.each<[string, string, Record<string, string> | null]>([
    ['/chat', '/chat', {}],
    ['/chat', '/chat/', null],
    ['/chat', '/CHAT', null],
    ['/chat', '/chat/x', null],
    ['/rooms/:id', '/rooms/%20', { id: ' ' }],
    ['/rooms/:id', '/rooms/', null],
    ['/rooms/:id/chat', '/rooms/a.b-c~d/chat', { id: 'a.b-c~d' }],
    ['/files/*path', '/files/a/b%2Fc', { path: 'a/b/c' }],
    ['/a{/:b}', '/a', {}],
    ['/a{/:b}', '/a/1', { b: '1' }],
  ])('%s on %s', (path, pathname, expected) => {
    const params = new Endpoint(0, path).match(pathname);
    expect(params === null ? null : { ...params }).toEqual(expected);
    if (params !== null) expect('toString' in params).toBe(false);
  });

  it.each(['/(', '/:', '/a:', '/{', '/a?', '/a+'])('%s cannot be read and says how to write it', (path) => {
    expect(() => new Endpoint(0, path)).toThrow(
      /cannot be read: [^]* Write it like '\/rooms\/:roomId\/chat'/,
    );
  });
});
