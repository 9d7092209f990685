import { Injectable } from '@nestjs/common';
import type { RawData, WebSocket } from 'ws';
import type { Connection } from '../connection/connection.js';
import { connectionOf } from '../connection/connection-of.js';
import type { Session } from '../router/session.js';

/** The sessions of this node, by what Nest calls the client, and the work on them that shutdown waits for. */
@Injectable()
export class SessionRegistry {
  /** The application's own parser for plain clients, `null` for JSON. */
  parser: ((data: RawData) => unknown) | null = null;
  private readonly byConnection = new Map<Connection, { session: Session; webSocket: WebSocket }>();
  private readonly onEnd = new Map<Connection, ((code: number) => void)[]>();
  private readonly whenEmpty: (() => void)[] = [];
  private readonly work = new Set<Promise<void>>();

  add(connection: Connection, webSocket: WebSocket, session: Session): void {
    this.byConnection.set(connection, { session, webSocket });
  }

  /** The session of a client of Nest: a connection or a socket. */
  of(client: unknown): Session | undefined {
    const connection = connectionOf(client);
    return connection === undefined ? undefined : this.byConnection.get(connection)?.session;
  }

  /** The open sessions. */
  all(): IterableIterator<{ session: Session; webSocket: WebSocket }> {
    return this.byConnection.values();
  }

  get size(): number {
    return this.byConnection.size;
  }

  /** Calls `listener` with the close code when the connection has ended. */
  addEndListener(connection: Connection, listener: (code: number) => void): void {
    const listeners = this.onEnd.get(connection) ?? [];
    listeners.push(listener);
    this.onEnd.set(connection, listeners);
  }

  end(connection: Connection, code: number): void {
    this.byConnection.delete(connection);
    if (this.byConnection.size === 0) for (const resolve of this.whenEmpty.splice(0)) resolve();
    const listeners = this.onEnd.get(connection) ?? [];
    this.onEnd.delete(connection);
    for (const listener of listeners) listener(code);
  }

  /** Resolves when no session is left. */
  async empty(): Promise<void> {
    if (this.byConnection.size > 0) await new Promise<void>((resolve) => this.whenEmpty.push(resolve));
  }

  /** Whether noted work is under way. */
  get isBusy(): boolean {
    return this.work.size > 0;
  }

  /** Notes work that shutdown waits for; it must not reject. */
  track(work: Promise<void>): void {
    this.work.add(work);
    void work.finally(() => this.work.delete(work));
  }

  /** Resolves when all noted work has finished. */
  async settled(): Promise<void> {
    while (this.work.size > 0) await Promise.all(this.work);
  }
}
