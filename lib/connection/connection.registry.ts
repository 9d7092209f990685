import { Injectable } from '@nestjs/common';
import { LifecycleBus, type DisconnectInfo } from '../events/lifecycle.bus.js';
import { Clock } from '../protocol/clock.js';
import type { ConnectionState } from '../protocol/server-frames.js';
import { ConnectionStates } from './connection-states.js';
import type { Connection } from './connection.js';

/** The open connections of this node: by id and by user. */
@Injectable()
export class ConnectionRegistry {
  private readonly byId = new Map<string, Connection>();
  /** Most users have one connection, which needs no set around it. */
  private readonly byUser = new Map<string, Connection | Set<Connection>>();

  constructor(
    private readonly bus: LifecycleBus<Connection>,
    private readonly states: ConnectionStates,
    private readonly clock: Clock,
  ) {}

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Connection | undefined {
    return this.byId.get(id);
  }

  all(): IterableIterator<Connection> {
    return this.byId.values();
  }

  ofUser(userId: string): ReadonlySet<Connection> {
    const known = this.byUser.get(userId);
    if (known === undefined) return NONE;
    return known instanceof Set ? known : new Set([known]);
  }

  /** The users with at least one connection here. */
  users(): IterableIterator<string> {
    return this.byUser.keys();
  }

  /** Registers an open connection; from here on it receives. Emits `connected` and its first state. */
  add(connection: Connection): void {
    this.byId.set(connection.id, connection);
    if (connection.userId !== null) {
      const known = this.byUser.get(connection.userId);
      if (known === undefined) this.byUser.set(connection.userId, connection);
      else if (known instanceof Set) known.add(connection);
      else this.byUser.set(connection.userId, new Set([known, connection]));
    }
    this.bus.emit('connected', { connection });
    if (!this.bus.has('stateChanged')) return;
    this.bus.emit('stateChanged', { connection, from: null, to: connection.state, at: this.clock.now() });
  }

  /**
   * Removes a connection that has ended. Emits `disconnected`, and `userGone` after the user's last one.
   *
   * @returns when the listeners have finished; a second call for the same connection does nothing.
   */
  async remove(connection: Connection, info: DisconnectInfo): Promise<void> {
    if (this.byId.get(connection.id) !== connection) return;
    this.byId.delete(connection.id);
    const last = this.removeOfUser(connection);
    const from = connection.state;
    // Whatever the table says, a socket that has ended is disconnected.
    connection.end();
    if (from !== 'disconnected') {
      this.bus.emit('stateChanged', { connection, from, to: 'disconnected', at: this.clock.now() });
    }
    const finished = this.bus.emitAndWait('disconnected', { connection, info });
    if (last && connection.userId !== null)
      this.bus.emit('userGone', { userId: connection.userId, connection, info });
    await finished;
  }

  /**
   * Moves a connection to another state, if the table allows it. The client is told of the change.
   *
   * @returns whether the state is now `to`
   */
  setState(connection: Connection, to: ConnectionState): boolean {
    const from = connection.state;
    if (from === to) return true;
    if (!this.states.allows(from, to)) return false;
    const at = this.clock.now();
    const tell = (): void => {
      connection.sendFrame({ type: 'connection_state', user: connection.userId, state: to, timestamp: at });
    };
    // While it is disconnected it is sent nothing, so of that it is told before.
    if (to === 'disconnected') tell();
    connection.applyState(to);
    if (to !== 'disconnected') tell();
    this.bus.emit('stateChanged', { connection, from, to, at });
    return true;
  }

  private removeOfUser(connection: Connection): boolean {
    if (connection.userId === null) return false;
    const known = this.byUser.get(connection.userId);
    if (known instanceof Set) {
      known.delete(connection);
      if (known.size > 0) return false;
    } else if (known !== connection) {
      return false;
    }
    this.byUser.delete(connection.userId);
    return true;
  }
}

const NONE: ReadonlySet<Connection> = new Set();
