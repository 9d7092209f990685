import type { Clock, Timer } from '../../protocol/clock.js';
import { CloseCode } from '../../protocol/close-codes.js';
import { isJsonObject } from '../../protocol/json.js';

export interface HeartbeatOptions {
  /** ms between two heartbeats, 0 for none. */
  interval: number;
  /** ms to wait for the answer, 0 for not asking for one. */
  timeout: number;
  send: (text: string) => void;
  /** The answer did not come in time. Called with the code and reason to close with. */
  onDead: (code: number, reason: string) => void;
}

/** Sends one heartbeat after the other while it runs and, if asked to, notices that nobody answers. */
export class Heartbeat {
  private beat: Timer | undefined;
  private deadline: Timer | undefined;
  private pending: string | undefined;
  private count = 0;

  constructor(
    private readonly clock: Clock,
    private readonly options: HeartbeatOptions,
  ) {}

  /** Starts from the beginning; there is never a second timer. */
  start(): void {
    this.stop();
    const { interval } = this.options;
    if (interval > 0) this.beat = this.clock.every(interval, () => this.tick());
  }

  stop(): void {
    this.clock.clear(this.beat);
    this.beat = undefined;
    this.settle();
  }

  /** Whether this message answers the heartbeat under way. An error answer is a sign of life, too. */
  takesAnswer(message: unknown): boolean {
    if (this.pending === undefined || !isJsonObject(message) || message['id'] !== this.pending) return false;
    if (message['type'] !== 'ack' && message['type'] !== 'error') return false;
    this.settle();
    return true;
  }

  private tick(): void {
    const { timeout, send, onDead } = this.options;
    if (timeout === 0) {
      send('{"type":"heartbeat"}');
      return;
    }
    if (this.pending !== undefined) return;
    this.pending = `hauyna:heartbeat:${++this.count}`;
    this.deadline = this.clock.after(timeout, () => onDead(CloseCode.pingTimeout, 'Heartbeat timeout'));
    send(JSON.stringify({ type: 'heartbeat', id: this.pending }));
  }

  private settle(): void {
    this.clock.clear(this.deadline);
    this.deadline = undefined;
    this.pending = undefined;
  }
}
