import type {
  CloseEventLike,
  ErrorEventLike,
  MessageEventLike,
  OpenEventLike,
  WebSocketClientEvents,
} from './client-events.js';
import { type ClientLogger, Emitter } from '../emitter.js';

/** The listening side of the client: `on`, `once`, and the four handlers of a WebSocket, which come first. */
export class ClientEventTarget {
  onopen: ((event: OpenEventLike) => unknown) | null = null;
  onmessage: ((event: MessageEventLike) => unknown) | null = null;
  onclose: ((event: CloseEventLike) => unknown) | null = null;
  onerror: ((event: ErrorEventLike) => unknown) | null = null;
  private readonly emitter: Emitter<WebSocketClientEvents>;

  constructor(logger: ClientLogger) {
    this.emitter = new Emitter(logger);
    this.on('open', () => this.onopen?.({ type: 'open' }));
    this.on('message', (_, data) => this.onmessage?.({ type: 'message', data }));
    this.on('close', (info) => this.onclose?.({ type: 'close', wasClean: info.code !== 1006, ...info }));
    this.on('error', (error) => this.onerror?.({ type: 'error', error, message: error.message }));
  }

  /**
   * Calls `listener` on every `event`. What it throws is reported to the `logger` and stops nobody.
   *
   * @returns removes it
   */
  on<Name extends keyof WebSocketClientEvents>(
    event: Name,
    listener: (...args: WebSocketClientEvents[Name]) => unknown,
  ): () => void {
    return this.emitter.on(event, listener);
  }

  /**
   * Calls `listener` on the next `event` only.
   *
   * @returns removes it
   */
  once<Name extends keyof WebSocketClientEvents>(
    event: Name,
    listener: (...args: WebSocketClientEvents[Name]) => unknown,
  ): () => void {
    return this.emitter.once(event, listener);
  }

  protected emit<Name extends keyof WebSocketClientEvents>(
    event: Name,
    ...args: WebSocketClientEvents[Name]
  ): void {
    this.emitter.emit(event, ...args);
  }
}
