import { Injectable } from '@nestjs/common';
import type { Connection } from '../connection/connection.js';
import type { Session } from './session.js';

/** What the router keeps for a connection, for those who only have the connection. */
@Injectable()
export class SessionOfConnection {
  private readonly sessions = new WeakMap<Connection, Session>();

  set(session: Session): void {
    this.sessions.set(session.connection, session);
  }

  get(connection: Connection): Session | undefined {
    return this.sessions.get(connection);
  }
}
