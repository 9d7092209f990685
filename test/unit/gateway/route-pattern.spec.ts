import { describe, expect, it } from 'vitest';
import { OnChannelMessage, OnConnect, OnMessage } from '../../../lib/gateway/handler.decorators.js';
import { NEST_MESSAGE } from '../../../lib/gateway/metadata-keys.js';
import { RoutePattern } from '../../../lib/gateway/route-pattern.js';

describe('RoutePattern', () => {
  it('reads like the decorators it comes from, as text and as JSON', () => {
    class Target {
      @OnConnect()
      @OnMessage('say')
      @OnChannelMessage('room:{id}', { event: 'typing' })
      handle(): void {}
    }
    const pattern: unknown = Reflect.getMetadata(NEST_MESSAGE, Target.prototype.handle);
    expect(RoutePattern.is(pattern)).toBe(true);
    expect(String(pattern)).toBe('@OnChannelMessage(room:{id}, event typing), @OnMessage(say), @OnConnect()');
    expect(JSON.stringify(pattern)).toBe(JSON.stringify(String(pattern)));
  });

  it('of another copy of the package is one too', () => {
    const foreign = Object.defineProperty({ routes: [] }, Symbol.for('hauyna:route-pattern'), {
      value: true,
    });
    expect(RoutePattern.is(foreign)).toBe(true);
    expect([RoutePattern.is({}), RoutePattern.is(null), RoutePattern.is('x')]).toEqual([false, false, false]);
  });

  it('routes cannot be changed from outside', () => {
    class Target {
      @OnMessage('say')
      handle(): void {}
    }
    const pattern = Reflect.getMetadata(NEST_MESSAGE, Target.prototype.handle) as RoutePattern;
    expect(Object.isFrozen(pattern.routes[0])).toBe(true);
  });
});
