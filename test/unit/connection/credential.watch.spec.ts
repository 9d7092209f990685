import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../lib/connection/connection.js';
import { CREDENTIAL_GRACE, CredentialWatch } from '../../../lib/connection/credential.watch.js';
import { LifecycleBus } from '../../../lib/events/lifecycle.bus.js';
import { fakeConnection, ManualClock } from '../../../lib/testing/index.js';

function setUp() {
  const clock = new ManualClock();
  const bus = new LifecycleBus<Connection>();
  const watch = new CredentialWatch(bus, clock);
  watch.onModuleInit();
  return { clock, bus, watch };
}

describe('CredentialWatch', () => {
  it('closes 25 s after the end, not a millisecond before', () => {
    const { clock, bus } = setUp();
    const connection = fakeConnection({ expiresAt: clock.now() + 1000 });
    bus.emit('connected', { connection });
    clock.advance(1000 + CREDENTIAL_GRACE - 1);
    expect(connection.isOpen).toBe(true);
    clock.advance(1);
    expect(connection.closedWith).toMatchObject({ code: 4301 });
    expect(clock.pending).toBe(0);
  });

  it('waits for ends that are further away than a timer can reach', () => {
    const { clock, bus } = setUp();
    const year = 365 * 24 * 3_600_000;
    const connection = fakeConnection({ expiresAt: clock.now() + year });
    bus.emit('connected', { connection });
    clock.advance(year + CREDENTIAL_GRACE - 1);
    expect(connection.isOpen).toBe(true);
    clock.advance(1);
    expect(connection.isOpen).toBe(false);
  });

  it('starts anew with every renewal, and stops when there is no end any more', () => {
    const { clock, bus, watch } = setUp();
    const connection = fakeConnection({ expiresAt: clock.now() + 1000 });
    bus.emit('connected', { connection });
    watch.renew(connection, clock.now() + 50_000);
    clock.advance(50_000);
    expect(connection.expiresAt).toBe(clock.now());
    watch.renew(connection, null);
    expect(clock.pending).toBe(0);
    clock.advance(1_000_000);
    expect(connection.isOpen).toBe(true);
  });

  it('keeps no timer for connections that have ended, nor after the application', () => {
    const { clock, bus, watch } = setUp();
    const [one, two] = [1, 2].map((id) => fakeConnection({ id: `c-${id}`, expiresAt: clock.now() + 1000 }));
    for (const connection of [one, two]) bus.emit('connected', { connection: connection as Connection });
    bus.emit('disconnected', {
      connection: one as Connection,
      info: { code: 1000, reason: '', clean: true },
    });
    expect(clock.pending).toBe(1);
    watch.onModuleDestroy();
    expect(clock.pending).toBe(0);
  });
});
