import { describe, expect, it } from 'vitest';
import type { ClientSession } from '../../../lib/connection/client-session.js';
import type { Connection } from '../../../lib/connection/connection.js';
import { ConnectionRegistry } from '../../../lib/connection/connection.registry.js';
import { ConnectionStates } from '../../../lib/connection/connection-states.js';
import { ResumeRegistry } from '../../../lib/connection/resume.registry.js';
import { LifecycleBus } from '../../../lib/events/lifecycle.bus.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { fakeConnection, ManualClock, SequentialIdSource } from '../../../lib/testing/index.js';

const LOST = { code: 1006, reason: '', clean: false };
const PLACE = '0 /chat';

function setUp(session: { ttl: number } | false = { ttl: 1000 }) {
  const clock = new ManualClock();
  const bus = new LifecycleBus<Connection>();
  const registry = new ConnectionRegistry(bus, new ConnectionStates(), clock);
  const resumes = new ResumeRegistry(
    resolveOptions({ session }),
    registry,
    bus,
    clock,
    new SequentialIdSource('key'),
  );
  resumes.onModuleInit();
  let count = 0;
  const arrive = (userId: string | null, resume?: string, place = PLACE) => {
    const opened = resumes.open(userId, place, resume);
    const connection = fakeConnection({
      id: `c-${++count}`,
      userId,
      dialect: 'v1',
      session: opened?.session ?? null,
    });
    if (opened !== null) opened.session.connectionId = connection.id;
    registry.add(connection);
    return { connection, resumed: opened?.resumed, key: opened?.session.resume, session: opened?.session };
  };
  return { clock, bus, registry, resumes, arrive };
}

describe('ResumeRegistry', () => {
  it('continues a session once per key', async () => {
    const { arrive, registry } = setUp();
    const first = arrive('ana');
    await registry.remove(first.connection, LOST);
    const second = arrive('ana', first.key);
    expect(second).toMatchObject({ resumed: true });
    expect(second.session).toBe(first.session);
    expect(second.key).not.toBe(first.connection.id);
    expect(arrive('ana', first.key).session).not.toBe(first.session);
  });

  it('continues it for its user, at its place, in its time', async () => {
    const { arrive, registry, clock } = setUp();
    const { connection, key } = arrive('ana');
    await registry.remove(connection, LOST);
    expect(arrive('eve', key).resumed).toBe(false);
    expect(arrive(null, key).resumed).toBe(false);
    expect(arrive('ana', key, '0 /other').resumed).toBe(false);
    clock.advance(1000);
    expect(arrive('ana', key).resumed).toBe(false);
  });

  it('of a user nobody knows continues the session of whoever has the key', async () => {
    const { arrive, registry } = setUp();
    const { connection, key } = arrive(null);
    await registry.remove(connection, LOST);
    expect(arrive(null, key).resumed).toBe(true);
  });

  it('ends the connection that still looks alive, and does not end with it', () => {
    const { arrive, registry, clock } = setUp();
    const first = arrive('ana');
    const second = arrive('ana', first.key);
    expect(first.connection.closedWith).toMatchObject({ code: 4006 });
    expect([...registry.ofUser('ana')]).toEqual([second.connection]);
    clock.advance(10_000);
    expect(arrive('ana', second.key).resumed).toBe(true);
  });

  it('knows what would replace a connection that is counted', async () => {
    const { arrive, registry, resumes } = setUp();
    const { connection, key } = arrive('ana');
    expect(resumes.replaces('ana', PLACE, key)).toBe(true);
    expect(resumes.replaces('eve', PLACE, key)).toBe(false);
    expect(resumes.replaces('ana', '0 /other', key)).toBe(false);
    expect(resumes.replaces('ana', PLACE, undefined)).toBe(false);
    await registry.remove(connection, LOST);
    expect(resumes.replaces('ana', PLACE, key)).toBe(false);
  });

  it('lets go of what a session was still doing when nobody can come back', async () => {
    const { arrive, registry, resumes, clock } = setUp();
    const ended: string[] = [];
    const work = (session: ClientSession | undefined, name: string): void => {
      session?.addCall({ unsubscribe: () => ended.push(name) });
    };
    const [late, polite, last] = [arrive('ana'), arrive('bob'), arrive('eve')];
    work(late.session, 'late');
    work(polite.session, 'polite');
    work(last.session, 'last');
    await registry.remove(late.connection, LOST);
    await registry.remove(polite.connection, { ...LOST, clean: true });
    expect(ended).toEqual(['polite']);
    clock.advance(1000);
    expect(ended).toEqual(['polite', 'late']);
    resumes.onModuleDestroy();
    expect(ended).toEqual(['polite', 'late', 'last']);
    expect(clock.pending).toBe(0);
  });

  it('gives no sessions when they are turned off', () => {
    const { arrive } = setUp(false);
    expect(arrive('ana')).toMatchObject({ resumed: undefined });
  });
});
