import { WebSocketClient, type WebSocketClientOptions } from '../../../../lib/client/compat/index.js';
import type { SocketEvent, SocketEventName, WebSocketLike } from '../../../../lib/client/compat/index.js';
import type { Clock, Timer } from '../../../../lib/protocol/clock.js';

interface Planned {
  at: number;
  every: number | null;
  fn: () => void;
}

/** Time that moves only when told. */
export class HandClock implements Clock {
  private readonly planned = new Set<Planned>();
  private time = 0;

  /** Timers that would still fire. */
  get size(): number {
    return this.planned.size;
  }

  /** Repeating timers. */
  get repeating(): number {
    return [...this.planned].filter((timer) => timer.every !== null).length;
  }

  now(): number {
    return this.time;
  }

  after(ms: number, fn: () => void): Timer {
    return this.plan(ms, null, fn);
  }

  every(ms: number, fn: () => void): Timer {
    return this.plan(ms, ms, fn);
  }

  clear(timer: Timer | undefined): void {
    this.planned.delete(timer as unknown as Planned);
  }

  /** Moves on by `ms` and runs what is due, in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.planned].filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.time = next.at;
      if (next.every === null) this.planned.delete(next);
      else next.at += next.every;
      next.fn();
    }
    this.time = end;
  }

  private plan(ms: number, every: number | null, fn: () => void): Timer {
    const timer: Planned = { at: this.time + ms, every, fn };
    this.planned.add(timer);
    return timer as unknown as Timer;
  }
}

/** A WebSocket whose other end is the test. */
export class FakeSocket implements WebSocketLike {
  readyState = 0;
  readonly sent: string[] = [];
  closedWith: { code: number | undefined; reason: string | undefined } | undefined;
  private readonly listeners = new Map<SocketEventName, Set<(event: SocketEvent) => void>>();

  constructor(
    readonly url: string,
    readonly protocols?: string | string[],
  ) {}

  get alive(): boolean {
    return this.readyState < 2;
  }

  get frames(): unknown[] {
    return this.sent.map((text) => JSON.parse(text) as unknown);
  }

  send(data: string): void {
    if (this.readyState !== 1) throw new Error('not open');
    this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    if (this.readyState > 1) return;
    this.closedWith = { code, reason };
    this.readyState = 2;
  }

  addEventListener(type: SocketEventName, listener: (event: SocketEvent) => void): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: SocketEventName, listener: (event: SocketEvent) => void): void {
    this.listeners.get(type)?.delete(listener);
  }

  /** Listeners of the events that could change a client. */
  get listening(): number {
    return ['open', 'message', 'close'].reduce(
      (sum, type) => sum + (this.listeners.get(type as SocketEventName)?.size ?? 0),
      0,
    );
  }

  open(): void {
    this.readyState = 1;
    this.dispatch({ type: 'open' });
  }

  receive(data: unknown): void {
    this.dispatch({ type: 'message', data: typeof data === 'string' ? data : JSON.stringify(data) });
  }

  fail(error: Error): void {
    this.dispatch({ type: 'error', error });
  }

  end(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.dispatch({ type: 'close', code, reason });
  }

  private dispatch(event: SocketEvent): void {
    for (const listener of this.listeners.get(event.type as SocketEventName) ?? []) listener(event);
  }
}

/** A client on fake sockets and a hand-driven clock. `random` 0 makes each wait its ceiling; attempts have no limit in time. */
export function start(
  options: WebSocketClientOptions = {},
  url: ConstructorParameters<typeof WebSocketClient>[0] = 'ws://host/chat',
) {
  const clock = new HandClock();
  const sockets: FakeSocket[] = [];
  class Socket extends FakeSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  const log: [event: string, detail?: unknown][] = [];
  const client = new WebSocketClient(url, {
    WebSocket: Socket,
    clock,
    random: () => 0,
    connectTimeout: 0,
    ...options,
  });
  for (const event of ['state', 'open', 'close', 'error', 'reconnecting', 'failed'] as const) {
    client.on(event, (detail?: unknown) => log.push(detail === undefined ? [event] : [event, detail]));
  }
  const messages: unknown[] = [];
  client.on('message', (data) => messages.push(data));
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was made');
    return socket;
  };
  return { client, clock, sockets, log, messages, last };
}

/** Lets promises that are already settled be seen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
