import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Transport } from '../connection/transport.js';
import { Clock, type Timer } from '../protocol/clock.js';

/** How long a client may take to answer a close frame, ms. */
const CLOSE_TIMEOUT = 3000;
/** How long a client that does not read may take, ms. */
const BLOCKED_CLOSE_TIMEOUT = 1000;

/** A `ws` WebSocket and the socket under it. Ready frames go straight to the socket; the protocol is left to `ws`. */
export class SocketTransport extends Transport {
  private closeTimer: Timer | undefined;
  private listensForDrain = false;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Duplex,
    private readonly clock: Clock,
  ) {
    super();
    (socket as Socket).setNoDelay?.(true);
  }

  override get bufferedAmount(): number {
    return this.socket.writableLength;
  }

  override get blocked(): boolean {
    const blocked = this.socket.writableNeedDrain;
    // Most sockets are never full; who is told that this one is will be told when it is not any more.
    if (blocked && !this.listensForDrain) {
      this.listensForDrain = true;
      this.socket.on('drain', () => this.onDrain?.());
    }
    return blocked;
  }

  override write(bytes: Buffer): void {
    // After a close frame nothing may follow it.
    if (this.webSocket.readyState === this.webSocket.OPEN && this.socket.writable) this.socket.write(bytes);
  }

  override ping(): void {
    if (this.webSocket.readyState === this.webSocket.OPEN) this.webSocket.ping('', false, ignore);
  }

  override close(code: number, reason: string): void {
    const timeout = this.blocked ? BLOCKED_CLOSE_TIMEOUT : CLOSE_TIMEOUT;
    this.webSocket.close(code, reason);
    if (this.webSocket.readyState === this.webSocket.CLOSED || this.closeTimer !== undefined) return;
    this.closeTimer = this.clock.after(timeout, () => this.webSocket.terminate());
    this.webSocket.once('close', () => this.clock.clear(this.closeTimer));
  }

  override terminate(): void {
    this.webSocket.terminate();
  }

  override pause(): void {
    this.webSocket.pause();
  }

  override resume(): void {
    this.webSocket.resume();
  }
}

/** A ping to a socket that is going away may fail; its close event says the rest. */
function ignore(): void {
  // Nothing to do.
}
