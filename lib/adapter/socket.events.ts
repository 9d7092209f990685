import type { RawData } from 'ws';
import type { SocketSession } from './socket.session.js';

/** Told what happens on a socket, with the session it belongs to. */
export interface SocketEvents {
  message(session: SocketSession, data: RawData, isBinary: boolean): void;
  ping(session: SocketSession, payload: Buffer): void;
  pong(session: SocketSession, payload: Buffer): void;
  close(session: SocketSession, code: number, reason: Buffer): void;
  error(session: SocketSession, error: Error): void;
}
