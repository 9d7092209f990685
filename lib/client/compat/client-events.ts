/**
 * `connecting` the first attempt is under way · `open` · `reconnecting` the connection was lost, the next
 * attempt waits or is under way · `closed` by `close()` or by a close code that says stop · `failed` all
 * attempts are used up.
 */
export type WebSocketClientState = 'connecting' | 'open' | 'reconnecting' | 'closed' | 'failed';

/** One change of state. `attempt` and `delay` (ms) are given when a reconnect has been planned. */
export interface StateChange {
  state: WebSocketClientState;
  previous: WebSocketClientState;
  code?: number;
  reason?: string;
  attempt?: number;
  delay?: number;
}

/** The end of a connection, or of an attempt to make one (code 1006). */
export interface CloseInfo {
  code: number;
  reason: string;
  willReconnect: boolean;
}

/** The next attempt, counted from 1, and the wait before it in ms. */
export interface ReconnectInfo {
  attempt: number;
  delay: number;
}

/** Events of a {@link WebSocketClient} and what their listeners are called with. */
export interface WebSocketClientEvents {
  state: [change: StateChange];
  open: [];
  close: [info: CloseInfo];
  /** `data` is the parsed JSON, or the text itself when it is no JSON; `raw` is what arrived. */
  message: [data: unknown, raw: string];
  error: [error: Error];
  reconnecting: [info: ReconnectInfo];
  /** Gave up; `reconnect()` starts again. */
  failed: [info: { code: number; reason: string; attempts: number }];
}

/** What `onopen` is called with. */
export interface OpenEventLike {
  type: 'open';
}
/** What `onmessage` is called with. */
export interface MessageEventLike {
  type: 'message';
  /** The text that arrived. */
  data: string;
}
/** What `onclose` is called with. */
export interface CloseEventLike extends CloseInfo {
  type: 'close';
  wasClean: boolean;
}
/** What `onerror` is called with. */
export interface ErrorEventLike {
  type: 'error';
  error: Error;
  message: string;
}
