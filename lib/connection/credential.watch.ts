import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LifecycleBus } from '../events/lifecycle.bus.js';
import { Clock, type Timer } from '../protocol/clock.js';
import { CloseCode } from '../protocol/close-codes.js';
import type { Connection } from './connection.js';

/** How long after their end credentials may still be renewed, ms. */
export const CREDENTIAL_GRACE = 25_000;
/** Longest delay a timer can have, ms. */
const MAX_DELAY = 2_147_483_647;

/** Closes connections whose credentials have run out and were not renewed. */
@Injectable()
export class CredentialWatch implements OnModuleInit, OnModuleDestroy {
  private readonly timers = new Map<Connection, Timer>();
  private readonly offs: (() => void)[] = [];

  constructor(
    private readonly bus: LifecycleBus<Connection>,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.offs.push(
      this.bus.on('connected', ({ connection }) => {
        if (connection.expiresAt !== null) this.watch(connection);
      }),
      this.bus.on('disconnected', ({ connection }) => this.unwatch(connection)),
    );
  }

  onModuleDestroy(): void {
    for (const off of this.offs) off();
    for (const timer of this.timers.values()) this.clock.clear(timer);
    this.timers.clear();
  }

  /** The connection has new credentials. @param expiresAt ms since the Unix epoch, `null` for never */
  renew(connection: Connection, expiresAt: number | null): void {
    connection.expiresAt = expiresAt;
    this.watch(connection);
  }

  private watch(connection: Connection): void {
    this.unwatch(connection);
    const { expiresAt } = connection;
    if (expiresAt === null || !connection.isOpen) return;
    const left = expiresAt + CREDENTIAL_GRACE - this.clock.now();
    const timer = this.clock.after(Math.min(MAX_DELAY, Math.max(0, left)), () => {
      if (left > MAX_DELAY) this.watch(connection);
      else connection.close(CloseCode.tokenExpired, 'the credentials have expired');
    });
    this.timers.set(connection, timer);
  }

  private unwatch(connection: Connection): void {
    this.clock.clear(this.timers.get(connection));
    this.timers.delete(connection);
  }
}
