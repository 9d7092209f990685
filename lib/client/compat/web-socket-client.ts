import { fitCloseReason } from '../../protocol/close-codes.js';
import { ClientEventTarget } from './client-event-target.js';
import type { WebSocketClientState } from './client-events.js';
import {
  resolveClientOptions,
  type ResolvedClientOptions,
  type WebSocketClientOptions,
} from './client-options.js';
import { ConnectionLoop } from './connection-loop.js';
import { Dialer } from './dialer.js';
import { Heartbeat } from './heartbeat.js';
import { messageText, messageValue } from './message-text.js';
import { SendBuffer } from './send-buffer.js';
import { isClientCloseCode } from './socket-link.js';
import { checkAddress, type WebSocketAddress } from './web-socket-address.js';
import type { WebSocketLike } from '../web-socket-like.js';

/**
 * A WebSocket that comes back. Connects at once, reconnects with growing random waits, sends heartbeats,
 * keeps what is sent meanwhile, and stops when the close code says that coming back cannot help.
 *
 * @example
 * const ws = new WebSocketClient('ws://localhost:3000/chat', { maxReconnectAttempts: Infinity });
 * ws.on('state', ({ state }) => console.log(state));
 * ws.on('message', (data) => console.log(data));
 * ws.send({ type: 'broadcast', message: 'Hello' });
 *
 * @throws TypeError when the url or an option cannot be used, or the runtime has no WebSocket
 */
export class WebSocketClient extends ClientEventTarget {
  readonly options: ResolvedClientOptions;
  private readonly dialer: Dialer;
  private readonly loop: ConnectionLoop;
  private readonly heartbeat: Heartbeat;
  private readonly buffer: SendBuffer;

  constructor(url: WebSocketAddress, options: WebSocketClientOptions = {}) {
    const resolved = resolveClientOptions(options);
    super(resolved.logger);
    this.options = resolved;
    this.buffer = new SendBuffer(resolved.bufferSize);
    this.dialer = new Dialer(url, resolved);
    this.heartbeat = new Heartbeat(resolved.clock, {
      interval: resolved.heartbeatInterval,
      timeout: resolved.heartbeatTimeout,
      send: (text) => this.loop.write(text),
      onDead: (code, reason) => this.loop.lost(code, reason),
    });
    this.loop = new ConnectionLoop(this.dialer, resolved, {
      emit: (event, ...args) => this.emit(event, ...args),
      made: () => this.setupReconnection(),
      opened: () => this.opened(),
      received: (raw) => this.received(raw),
      released: () => this.heartbeat.stop(),
      stopped: () => this.buffer.clear(),
    });
    this.connect();
  }

  /** Where the next attempt goes. Set it and call `reconnect()` to move. */
  get url(): WebSocketAddress {
    return this.dialer.url;
  }

  set url(url: WebSocketAddress) {
    this.dialer.url = checkAddress(url);
  }

  /** The current WebSocket, or the last one; `undefined` until a `url` function has answered once. */
  get ws(): WebSocketLike | undefined {
    return this.loop.socket;
  }

  get state(): WebSocketClientState {
    return this.loop.state;
  }

  /** As on a WebSocket: 0 while connecting or reconnecting, 1 open, 3 closed or failed. */
  get readyState(): 0 | 1 | 3 {
    if (this.loop.isStopped) return 3;
    return this.state === 'open' ? 1 : 0;
  }

  /** Reconnect attempts since the last connection that lasted (`stableAfter`). */
  get reconnectAttempts(): number {
    return this.loop.attempts;
  }

  /**
   * Connects now: ends a wait, or starts again after `failed` or a stop by the server. Does nothing while an
   * attempt is under way or the connection is open. The constructor calls it.
   *
   * @returns `false` after `close()`, which is final
   */
  connect(): boolean {
    return this.loop.connect();
  }

  /**
   * Drops the connection, if there is one, and makes a new one at once, with all attempts left.
   *
   * @returns `false` after `close()`, which is final
   */
  reconnect(): boolean {
    return this.loop.reconnect();
  }

  /**
   * Sends a value as JSON, a string as it is. Without a connection it waits, in order, for the next one.
   *
   * @returns `false` if it was not taken: the buffer is full (`bufferSize`) or the client has stopped
   * @throws TypeError for what has no JSON form and for binary data
   */
  send(data: unknown): boolean {
    const text = messageText(data);
    if (this.loop.isStopped) return false;
    if (this.state === 'open' && this.flush() && this.loop.write(text)) return true;
    return this.buffer.add(text);
  }

  /**
   * Ends the client for good: no timer, no listener on the page and no reconnect are left, and what waited
   * to be sent is dropped. `close` and `state` are told at once, not when the server has answered.
   *
   * @param code 1000 or 3000 to 4999
   * @param reason cut to the 123 bytes a close frame can carry
   * @throws TypeError for another code
   */
  close(code = 1000, reason = ''): void {
    if (!isClientCloseCode(code))
      throw new TypeError('close(code, reason): code must be 1000 or 3000 to 4999.');
    this.loop.close(code, fitCloseReason(reason));
  }

  /** Called for each connection that has opened: starts the one heartbeat. */
  protected setupHeartbeat(): void {
    this.heartbeat.start();
  }

  /** Called for each new `this.ws`. The client reconnects by itself; a subclass may add listeners of its own. */
  protected setupReconnection(): void {}

  private opened(): void {
    this.setupHeartbeat();
    for (const text of this.firstTexts()) this.loop.write(text);
    this.flush();
  }

  private firstTexts(): string[] {
    try {
      return (this.options.firstFrames?.() ?? []).map(messageText);
    } catch (error) {
      this.options.logger.error('WebSocketClient: firstFrames failed; nothing was sent first.', error);
      return [];
    }
  }

  private flush(): boolean {
    return this.buffer.flush((text) => this.loop.write(text));
  }

  private received(raw: unknown): void {
    const data = messageValue(raw);
    if (!this.heartbeat.takesAnswer(data)) this.emit('message', data, raw as string);
  }
}
