import {
  type SocketEvent,
  type SocketEventName,
  SOCKET_OPEN,
  type WebSocketLike,
} from '../web-socket-like.js';

/** What one socket has to tell; never called again once the link has been dropped. */
export interface SocketLinkEvents {
  opened(): void;
  received(raw: unknown): void;
  erred(error: unknown): void;
  closed(code: number, reason: string): void;
}

/** Code of a close event that carries none: lost without a close frame. */
const LOST = 1006;
const ignore = (): void => {};

/** The client's hold on one WebSocket. Letting go detaches everything, so a late event changes nothing. */
export class SocketLink {
  readonly #handlers: Record<SocketEventName, (event: SocketEvent) => void>;

  constructor(
    readonly socket: WebSocketLike,
    events: SocketLinkEvents,
  ) {
    this.#handlers = {
      open: () => events.opened(),
      message: (event) => events.received(event.data),
      error: (event) => events.erred(event.error ?? event),
      close: (event) => events.closed(event.code ?? LOST, event.reason ?? ''),
    };
    this.#each((name, handler) => socket.addEventListener(name, handler));
  }

  /** @returns whether the socket took the text */
  write(text: string): boolean {
    if (this.socket.readyState !== SOCKET_OPEN) return false;
    try {
      this.socket.send(text);
      return true;
    } catch {
      return false;
    }
  }

  /** Detaches from the socket and closes it, if it is not closed already. */
  drop(code: number, reason: string): void {
    this.#each((name, handler) => this.socket.removeEventListener(name, handler));
    // `ws` reports a handshake that is cut off as an error, and an error nobody hears ends the process.
    this.socket.addEventListener('error', ignore);
    try {
      if (isClientCloseCode(code)) this.socket.close(code, reason);
      else this.socket.close();
    } catch {
      // It was beyond closing.
    }
  }

  #each(visit: (name: SocketEventName, handler: (event: SocketEvent) => void) => void): void {
    for (const name of ['open', 'message', 'error', 'close'] as const) visit(name, this.#handlers[name]);
  }
}

/** Whether `WebSocket.close()` accepts this code. */
export function isClientCloseCode(code: number): boolean {
  return Number.isInteger(code) && (code === 1000 || (code >= 3000 && code <= 4999));
}
