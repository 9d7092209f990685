import { Connection, type ConnectionInit } from '../connection/connection.js';
import { FlushScheduler } from '../connection/flush-scheduler.js';
import { DIALECTS, PLAIN_DIALECT } from '../protocol/dialect.js';
import { MemoryTransport } from './memory.transport.js';

export interface FakeConnectionOptions extends Partial<Omit<ConnectionInit, 'dialect' | 'transport'>> {
  /** How frames look in `sent`. @default 'plain' */
  dialect?: 'plain' | 'v1';
  /** Bytes that may wait before the connection is closed with 4103. @default 1048576 */
  outboxBytes?: number;
  /** Messages that may wait before the connection is closed with 4103. @default 1000 */
  outboxMessages?: number;
}

/** A real connection without a socket. See {@link fakeConnection}. */
export class FakeConnection extends Connection {
  private readonly memory: MemoryTransport;

  constructor(options: FakeConnectionOptions = {}) {
    const { dialect, outboxBytes = 1_048_576, outboxMessages = 1000, ...given } = options;
    const memory = new MemoryTransport();
    super(
      {
        id: 'connection-1',
        userId: null,
        info: {},
        meta: {},
        path: '/',
        params: {},
        query: {},
        connectedAt: Date.now(),
        ...given,
        dialect: DIALECTS.find(({ name }) => name === dialect) ?? PLAIN_DIALECT,
        transport: memory,
      },
      { scheduler: new FlushScheduler(), limits: { outboxBytes, outboxMessages } },
    );
    this.memory = memory;
  }

  /** What was sent so far, decoded, as the client would see it. Empty while {@link blocked}. */
  get sent(): readonly unknown[] {
    this.flush();
    return this.memory.sent;
  }

  /** Pings sent so far. */
  get pings(): number {
    return this.memory.pings;
  }

  get terminated(): boolean {
    return this.memory.terminated;
  }

  /** Whether the client has stopped reading: what is sent waits, as long as the limits allow. @default false */
  get blocked(): boolean {
    return this.memory.blocked;
  }

  set blocked(blocked: boolean) {
    this.memory.blocked = blocked;
    if (!blocked) this.memory.onDrain?.();
  }
}

/**
 * A connection for unit tests of gateways and services: the real class, without a server under it.
 *
 * ```ts
 * const client = fakeConnection({ userId: 'user1' });
 * gateway.welcome(client);
 * expect(client.sent).toEqual([{ hello: 'user1' }]);
 *
 * gateway.kick(client);
 * expect(client.closedWith).toEqual({ code: 4005, reason: 'kicked' });
 * ```
 */
export function fakeConnection(options: FakeConnectionOptions = {}): FakeConnection {
  return new FakeConnection(options);
}
