import { Injectable } from '@nestjs/common';
import type { RawData } from 'ws';
import { connectionOf } from '../connection/connection-of.js';
import { sessionOf } from '../router/session.js';
import type { SocketSession } from './socket.session.js';

/** The sessions of this node, by what Nest calls the client, and the work on them that shutdown waits for. */
@Injectable()
export class SessionRegistry {
  /** The application's own parser for plain clients, `null` for JSON. */
  parser: ((data: RawData) => unknown) | null = null;
  // A list through the sessions themselves: nobody looks for one in here, and a table would be paid for by every connection.
  private first: SocketSession | undefined;
  private last: SocketSession | undefined;
  private count = 0;
  private readonly whenEmpty: (() => void)[] = [];
  private readonly work = new Set<Promise<void>>();

  add(session: SocketSession): void {
    this.count++;
    session.previous = this.last;
    if (this.last === undefined) this.first = session;
    else this.last.next = session;
    this.last = session;
  }

  /** The session of a client of Nest: a connection or a socket. */
  of(client: unknown): SocketSession | undefined {
    const connection = connectionOf(client);
    return connection === undefined ? undefined : (sessionOf(connection) as SocketSession | undefined);
  }

  /** The open sessions, the oldest first. */
  all(): SocketSession[] {
    const all: SocketSession[] = [];
    for (let session = this.first; session !== undefined; session = session.next) all.push(session);
    return all;
  }

  get size(): number {
    return this.count;
  }

  end(session: SocketSession, code: number): void {
    this.remove(session);
    if (this.count === 0) for (const resolve of this.whenEmpty.splice(0)) resolve();
    session.tellEnd(code);
  }

  /** Resolves when no session is left. */
  async empty(): Promise<void> {
    if (this.count > 0) await new Promise<void>((resolve) => this.whenEmpty.push(resolve));
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

  private remove(session: SocketSession): void {
    const { previous, next } = session;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    session.previous = session.next = undefined;
    this.count--;
  }
}
