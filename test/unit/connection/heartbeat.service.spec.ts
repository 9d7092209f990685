import { describe, expect, it } from 'vitest';
import { ConnectionRegistry } from '../../../lib/connection/connection.registry.js';
import { ConnectionStates } from '../../../lib/connection/connection-states.js';
import { HeartbeatService } from '../../../lib/connection/heartbeat.service.js';
import type { Connection } from '../../../lib/connection/connection.js';
import { LifecycleBus } from '../../../lib/events/lifecycle.bus.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { ManualClock, fakeConnection } from '../../../lib/testing/index.js';

/** A clock whose timers come late, as after a long block of the event loop. */
class LateClock extends ManualClock {
  lag = 0;

  override now(): number {
    return super.now() + this.lag;
  }
}

function setUp() {
  const clock = new LateClock();
  const bus = new LifecycleBus<Connection>();
  const options = resolveOptions({ heartbeat: { interval: 1000, timeout: 3000 }, idleTimeout: false });
  const registry = new ConnectionRegistry(bus, new ConnectionStates(), clock);
  const service = new HeartbeatService(options, registry, bus, clock);
  const connection = fakeConnection({ connectedAt: clock.now() });
  service.watch(connection, undefined);
  return { clock, service, connection };
}

describe('HeartbeatService', () => {
  it('ends a connection that was silent for the timeout', () => {
    const { clock, connection } = setUp();
    clock.advance(2999);
    expect(connection.isClosing).toBe(false);
    clock.advance(100);
    expect(connection.closedWith).toEqual({ code: 4203, reason: 'Heartbeat timeout' });
    expect(clock.pending).toBe(0);
  });

  it('does not hold a block of its own event loop against a client: it looks once more', () => {
    const { clock, service, connection } = setUp();
    clock.advance(1000);
    clock.lag = 60_000;
    clock.advance(100);
    expect(connection.isClosing).toBe(false);
    // The answers that had been waiting are read now.
    service.pong(connection, '');
    clock.advance(1000);
    expect(connection.isClosing).toBe(false);
  });

  it('and ends it if there was no answer after all', () => {
    const { clock, connection } = setUp();
    clock.lag = 60_000;
    clock.advance(100);
    expect(connection.isClosing).toBe(false);
    clock.advance(100);
    expect(connection.isClosing).toBe(true);
  });

  it('unwatching twice, or somebody unknown, is harmless', () => {
    const { clock, service, connection } = setUp();
    service.unwatch(fakeConnection());
    expect(clock.pending).toBe(1);
    service.unwatch(connection);
    service.unwatch(connection);
    expect(clock.pending).toBe(0);
  });

  it('a pong nobody asked for has no latency', () => {
    const { service, connection } = setUp();
    service.pong(connection, '');
    expect(connection.latency).toBeNull();
  });

  it('the sweep becomes finer when a faster heartbeat joins', () => {
    const { clock, service } = setUp();
    const fast = fakeConnection({ connectedAt: clock.now() });
    service.watch(fast, { interval: 50, timeout: 100 });
    expect(clock.pending).toBe(1);
    clock.advance(110);
    expect(fast.isClosing).toBe(true);
  });
});
