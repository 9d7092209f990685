import type { WebSocket } from 'ws';
import { Session, type SessionInit } from '../router/session.js';
import type { Endpoint } from './endpoint.js';

const NONE: readonly ((code: number) => void)[] = [];

/** A session with the socket under it. */
export class SocketSession extends Session {
  /** Neighbours in the list of open sessions. */
  previous: SocketSession | undefined;
  next: SocketSession | undefined;
  /** What Nest wants to be called with when the connection has ended. */
  private endListeners: readonly ((code: number) => void)[] = NONE;

  constructor(
    init: SessionInit,
    readonly endpoint: Endpoint,
    readonly webSocket: WebSocket,
  ) {
    super(init);
  }

  /** Calls `listener` with the close code when the connection has ended. */
  addEndListener(listener: (code: number) => void): void {
    this.endListeners = [...this.endListeners, listener];
  }

  /** Tells that the connection has ended, once. */
  tellEnd(code: number): void {
    const listeners = this.endListeners;
    this.endListeners = NONE;
    for (const listener of listeners) listener(code);
  }
}
