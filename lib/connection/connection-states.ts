import { Injectable } from '@nestjs/common';
import { HauynaError } from '../errors/hauyna.error.js';
import { CONNECTION_STATES, type ConnectionState } from '../protocol/server-frames.js';

const DEFAULT_TRANSITIONS: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  connected: ['idle', 'disconnected', 'error'],
  idle: ['connected', 'disconnected', 'error'],
  disconnected: ['reconnecting', 'error'],
  reconnecting: ['connected', 'error'],
  error: ['reconnecting'],
};

/** Which state may follow which; one table per application. */
@Injectable()
export class ConnectionStates {
  private readonly table = new Map<ConnectionState, Set<ConnectionState>>(
    CONNECTION_STATES.map((state) => [state, new Set(DEFAULT_TRANSITIONS[state])]),
  );

  /** A state may always follow itself. */
  allows(from: ConnectionState, to: ConnectionState): boolean {
    return from === to || (this.table.get(from)?.has(to) ?? false);
  }

  /** Allows one more transition in this application. */
  add(from: ConnectionState, to: ConnectionState): void {
    checkState('from', from);
    checkState('to', to);
    this.table.get(from)?.add(to);
  }
}

export function checkState(field: string, state: unknown): asserts state is ConnectionState {
  if (!CONNECTION_STATES.includes(state as ConnectionState)) {
    throw new HauynaError(
      'validation_error',
      `${field} must be one of ${CONNECTION_STATES.join(', ')}, got ${String(state)}.`,
    );
  }
}
