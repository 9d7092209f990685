import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LifecycleBus } from '../events/lifecycle.bus.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock } from '../protocol/clock.js';
import { CloseCode } from '../protocol/close-codes.js';
import { IdSource } from '../protocol/id-source.js';
import { absenceOf } from './absence.js';
import { ClientSession } from './client-session.js';
import type { Connection } from './connection.js';
import { ConnectionRegistry } from './connection.registry.js';

/**
 * The sessions of v1 clients, by their private key. Whether the server has noticed the loss makes no difference: a
 * client that comes back while its old connection still looks alive takes its place.
 */
@Injectable()
export class ResumeRegistry implements OnModuleInit, OnModuleDestroy {
  private readonly sessions = new Map<string, ClientSession>();
  private off: (() => void) | undefined;

  constructor(
    private readonly options: ResolvedOptions,
    private readonly registry: ConnectionRegistry,
    private readonly bus: LifecycleBus<Connection>,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  onModuleInit(): void {
    this.off = this.bus.on('disconnected', ({ connection, info }) =>
      this.left(connection, absenceOf(connection, info, this.options)),
    );
  }

  onModuleDestroy(): void {
    this.off?.();
    for (const session of [...this.sessions.values()]) this.end(session);
  }

  /**
   * The session for a new connection: the one it asks to continue, if it is known, of the same user and place, or a fresh one.
   *
   * @param place names the path the connection came in by
   * @returns `null` when sessions are turned off
   */
  open(
    userId: string | null,
    place: string,
    resume?: string,
  ): { session: ClientSession; resumed: boolean } | null {
    if (this.options.sessionTtl === null) return null;
    const known = this.find(userId, place, resume);
    const session = known ?? new ClientSession(this.ids.next(), userId, place, '');
    if (known !== undefined) this.takeOver(known);
    session.resume = this.ids.next();
    this.sessions.set(session.resume, session);
    return { session, resumed: known !== undefined };
  }

  /** Whether a new connection of this session takes the place of one that is still counted. */
  replaces(userId: string | null, place: string, resume: string | undefined): boolean {
    const session = this.find(userId, place, resume);
    return session !== undefined && this.connectionOf(session) !== undefined;
  }

  private find(userId: string | null, place: string, resume: string | undefined): ClientSession | undefined {
    const session = resume === undefined ? undefined : this.sessions.get(resume);
    return session?.userId === userId && session.place === place ? session : undefined;
  }

  private takeOver(session: ClientSession): void {
    const connection = this.connectionOf(session);
    if (connection !== undefined) {
      connection.close(CloseCode.replaced, 'continued by another connection');
      const info = { code: CloseCode.replaced, reason: 'continued by another connection', clean: false };
      void this.registry.remove(connection, info);
    }
    this.forget(session);
  }

  private left(connection: Connection, hold: number): void {
    const { session } = connection;
    if (session === null || session.connectionId !== connection.id) return;
    if (hold === 0) this.end(session);
    else session.expiry = this.clock.after(hold, () => this.end(session));
  }

  /** The connection that has the session, if it is still counted. */
  private connectionOf({ connectionId }: ClientSession): Connection | undefined {
    return connectionId === undefined ? undefined : this.registry.get(connectionId);
  }

  private end(session: ClientSession): void {
    this.forget(session);
    session.end();
  }

  /** The key is good no more. */
  private forget(session: ClientSession): void {
    this.clock.clear(session.expiry);
    session.expiry = undefined;
    this.sessions.delete(session.resume);
  }
}
