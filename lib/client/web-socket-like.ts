/** What the client reads of a WebSocket's events; the events of browsers, Node and `ws` all fit. */
export interface SocketEvent {
  type: string;
  /** `message`: what arrived. */
  data?: unknown;
  /** `close`: the close code, 1006 when the connection was lost. */
  code?: number;
  /** `close`: the close reason. */
  reason?: string;
  /** `error`: what happened, where the implementation tells. */
  error?: unknown;
}

export type SocketEventName = 'open' | 'message' | 'close' | 'error';

/** The part of a WebSocket the client uses. */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: SocketEventName, listener: (event: SocketEvent) => void): void;
  removeEventListener(type: SocketEventName, listener: (event: SocketEvent) => void): void;
}

/** A WebSocket class: the browser's own, Node's (from 22 on) or `WebSocket` of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocketLike;

/** `readyState` of an open WebSocket. */
export const SOCKET_OPEN = 1;
