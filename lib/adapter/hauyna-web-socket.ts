import { WebSocket, type RawData } from 'ws';
import type { Connection } from '../connection/connection.js';
import { CONNECTION } from '../connection/connection-of.js';
import type { SocketEvents } from './socket.events.js';
import type { SocketSession } from './socket.session.js';

/**
 * The socket plain Nest gateways are handed. What they send goes out after what the library has been given before, and
 * Nest's `exception` events are noticed, so that a request with an `id` gets its answer.
 */
export class HauynaWebSocket extends WebSocket {
  private session: SocketSession | undefined;
  private events: SocketEvents | undefined;

  get [CONNECTION](): Connection | undefined {
    return this.session?.connection;
  }

  /** Tells `events` first of everything that happens from now on. */
  attach(session: SocketSession, events: SocketEvents): void {
    this.session = session;
    this.events = events;
  }

  /** Listeners of our own on every socket would be a good part of the price of a connection. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const { session, events } = this;
    if (session === undefined || events === undefined) return super.emit(event, ...args);
    switch (event) {
      case 'message':
        events.message(session, args[0] as RawData, args[1] as boolean);
        break;
      case 'ping':
        events.ping(session, args[0] as Buffer);
        break;
      case 'pong':
        events.pong(session, args[0] as Buffer);
        break;
      case 'close':
        events.close(session, args[0] as number, args[1] as Buffer);
        break;
      case 'error':
        events.error(session, args[0] as Error);
        // An error nobody else listens to must not end the process.
        if (this.listenerCount('error') === 0) return true;
        break;
    }
    return super.emit(event, ...args);
  }

  override send(data: unknown, ...rest: unknown[]): void {
    const { session } = this;
    session?.connection.flush();
    if (session !== undefined && typeof data === 'string' && data.startsWith('{"event":"exception"')) {
      session.exceptionSent = true;
    }
    (super.send as (data: unknown, ...rest: unknown[]) => void).call(this, data, ...rest);
  }
}
