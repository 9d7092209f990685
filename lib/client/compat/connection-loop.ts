import type { Timer } from '../../protocol/clock.js';
import { type CloseAction, closeAction, CloseCode } from '../../protocol/close-codes.js';
import { reconnectDelay } from './backoff.js';
import type { CloseInfo, StateChange, WebSocketClientEvents, WebSocketClientState } from './client-events.js';
import type { ResolvedClientOptions } from './client-options.js';
import type { Dialer } from './dialer.js';
import { SocketLink } from './socket-link.js';
import { onWake } from '../wake.js';
import type { WebSocketLike } from '../web-socket-like.js';

/** What the loop tells the client it drives. */
export interface ConnectionLoopHooks {
  emit<Name extends keyof WebSocketClientEvents>(event: Name, ...args: WebSocketClientEvents[Name]): void;
  /** There is a new WebSocket. */
  made(): void;
  /** It is open; listeners are told afterwards. */
  opened(): void;
  received(raw: unknown): void;
  /** The connection or attempt is over, whatever follows. */
  released(): void;
  /** There will be no connection unless somebody asks for one. */
  stopped(): void;
}

/** Code of an attempt that failed or a connection that was lost. */
const LOST = 1006;

/**
 * Connect, notice the end, decide by its code, wait, connect again. It has at most one socket and one timer;
 * whatever ends a phase clears both before listeners are told.
 */
export class ConnectionLoop {
  state: WebSocketClientState = 'connecting';
  /** Attempts since the last connection that lasted. */
  attempts = 0;
  socket: WebSocketLike | undefined;
  private link: SocketLink | undefined;
  /** The timer of the phase: limit of an attempt, wait before the next, or time until stable. */
  private timer: Timer | undefined;
  private stopWaking: (() => void) | undefined;
  /** Counts phases, so that whoever told listeners sees whether one of them has changed the course. */
  private turn = 0;
  private ended = false;

  constructor(
    private readonly dialer: Dialer,
    private readonly options: ResolvedClientOptions,
    private readonly hooks: ConnectionLoopHooks,
  ) {}

  get isStopped(): boolean {
    return this.state === 'closed' || this.state === 'failed';
  }

  /** Begins, ends a wait, or starts again after a stop. @throws what is wrong with a fixed url, the first time */
  connect(): boolean {
    if (this.isStopped) return this.reconnect();
    if (this.turn === 0 || this.stopWaking !== undefined) this.dial();
    return true;
  }

  reconnect(): boolean {
    if (this.ended) return false;
    const close: CloseInfo = {
      code: CloseCode.forceReconnect,
      reason: 'Reconnect',
      willReconnect: true,
    };
    const turn = this.release(close.code, close.reason);
    this.attempts = 0;
    const wasOpen = this.state === 'open';
    const returns = wasOpen || this.state === 'reconnecting';
    this.enter(turn, { state: returns ? 'reconnecting' : 'connecting' }, wasOpen ? close : undefined);
    if (turn === this.turn) this.dial();
    return !this.ended;
  }

  /** Ends for good. */
  close(code: number, reason: string): void {
    if (this.ended) return;
    this.ended = true;
    const turn = this.release(code, reason);
    this.hooks.stopped();
    const close = this.isStopped ? undefined : { code, reason, willReconnect: false };
    this.enter(turn, { state: 'closed', code, reason }, close);
  }

  /** The connection is over, or counts as such: lets go of it and does what the code says. */
  lost(code: number, reason: string): void {
    const turn = this.release(code, reason);
    const action = closeAction(code);
    const change = this.plan(action, code, reason);
    const willReconnect = change.state === 'reconnecting';
    if (change.state === 'closed') this.hooks.stopped();
    this.enter(turn, change, { code, reason, willReconnect });
    if (turn !== this.turn) return;
    if (change.state === 'failed') this.hooks.emit('failed', { code, reason, attempts: this.attempts });
    const { attempt, delay } = change;
    if (attempt !== undefined && delay !== undefined) this.hooks.emit('reconnecting', { attempt, delay });
  }

  /** @returns whether the socket took the text */
  write(text: string): boolean {
    return this.link?.write(text) ?? false;
  }

  private plan(action: CloseAction, code: number, reason: string): Omit<StateChange, 'previous'> {
    if (action === 'stop' || (action === 'refresh' && !this.dialer.canRefresh)) {
      return { state: 'closed', code, reason };
    }
    if (this.attempts >= this.options.maxReconnectAttempts) return { state: 'failed', code, reason };
    if (action === 'refresh') this.dialer.refreshDue = true;
    const attempt = ++this.attempts;
    const delay = reconnectDelay(this.options, action, attempt, this.options.random());
    this.wait(delay, () => this.dial());
    this.stopWaking = onWake(() => this.dial());
    return { state: 'reconnecting', code, reason, attempt, delay };
  }

  private dial(): void {
    const turn = this.release();
    const { connectTimeout } = this.options;
    if (connectTimeout > 0) this.wait(connectTimeout, () => this.lost(LOST, 'Connect timeout'));
    try {
      this.dialer.dial(
        (socket) => this.take(socket),
        (error) => this.attemptFailed(error),
      );
    } catch (cause) {
      if (turn > 1) return this.attemptFailed(cause);
      this.release();
      throw new TypeError(`new WebSocketClient(url): cannot connect to "${String(this.dialer.url)}".`, {
        cause,
      });
    }
  }

  private take(socket: WebSocketLike): void {
    this.socket = socket;
    this.link = new SocketLink(socket, {
      opened: () => this.opened(),
      received: (raw) => this.hooks.received(raw),
      erred: (cause) => this.hooks.emit('error', toError(cause)),
      closed: (code, reason) => this.lost(code, reason),
    });
    this.hooks.made();
  }

  private opened(): void {
    const { stableAfter } = this.options;
    const forgive = (): void => void (this.attempts = 0);
    if (stableAfter > 0) this.wait(stableAfter, forgive);
    else {
      this.clearTimer();
      forgive();
    }
    const turn = ++this.turn;
    this.hooks.opened();
    if (turn !== this.turn) return;
    this.enter(turn, { state: 'open' });
    if (turn === this.turn) this.hooks.emit('open');
  }

  private attemptFailed(cause: unknown): void {
    const { turn } = this;
    const error = toError(cause);
    this.hooks.emit('error', error);
    if (turn === this.turn) this.lost(LOST, error.message);
  }

  /** Ends the phase: no socket, no timer, nothing under way. @returns the number of the new phase */
  private release(code = LOST, reason = ''): number {
    this.clearTimer();
    this.stopWaking?.();
    this.stopWaking = undefined;
    this.dialer.cancel();
    this.link?.drop(code, reason);
    this.link = undefined;
    this.hooks.released();
    return ++this.turn;
  }

  private enter(turn: number, change: Omit<StateChange, 'previous'>, close?: CloseInfo): void {
    const previous = this.state;
    this.state = change.state;
    if (close !== undefined) this.hooks.emit('close', close);
    if (previous !== change.state && turn === this.turn) this.hooks.emit('state', { ...change, previous });
  }

  private wait(ms: number, fn: () => void): void {
    this.clearTimer();
    this.timer = this.options.clock.after(ms, fn);
  }

  private clearTimer(): void {
    this.options.clock.clear(this.timer);
    this.timer = undefined;
  }
}

function toError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('The WebSocket reported an error.', { cause });
}
