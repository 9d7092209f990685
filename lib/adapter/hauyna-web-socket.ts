import { WebSocket } from 'ws';
import type { Connection } from '../connection/connection.js';
import { CONNECTION } from '../connection/connection-of.js';

/**
 * The socket plain Nest gateways are handed. What they send goes out after what the library has been given before, and
 * Nest's `exception` events are noticed, so that a request with an `id` gets its answer.
 */
export class HauynaWebSocket extends WebSocket {
  [CONNECTION]: Connection | undefined;
  onExceptionEvent: (() => void) | undefined;

  override send(data: unknown, ...rest: unknown[]): void {
    this[CONNECTION]?.flush();
    if (typeof data === 'string' && data.startsWith('{"event":"exception"')) this.onExceptionEvent?.();
    (super.send as (data: unknown, ...rest: unknown[]) => void).call(this, data, ...rest);
  }
}
