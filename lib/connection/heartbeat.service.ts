import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { LifecycleBus } from '../events/lifecycle.bus.js';
import type { ResolvedHeartbeat } from '../options/hauyna.options.js';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock, type Timer } from '../protocol/clock.js';
import { CloseCode } from '../protocol/close-codes.js';
import type { Connection } from './connection.js';
import { ConnectionRegistry } from './connection.registry.js';

interface Watch {
  heartbeat: ResolvedHeartbeat | null;
  nextPing: number;
  /** When the ping that is under way was sent. */
  pingSent: number | null;
}

/** Ticks per shortest interval: how finely pings are spread and how late a timeout may be noticed. */
const RESOLUTION = 10;
const MIN_TICK = 5;
const MAX_TICK = 1000;

/**
 * One sweep for all connections: pings those whose turn has come, ends those that were silent for too long,
 * notices idle ones. There is one timer for the whole application, and none while nobody is connected.
 */
@Injectable()
export class HeartbeatService implements OnModuleDestroy {
  private readonly watches = new Map<Connection, Watch>();
  private timer: Timer | undefined;
  private tick = MAX_TICK;
  private watched = 0;
  private lastSweep = 0;

  constructor(
    private readonly options: ResolvedOptions,
    private readonly registry: ConnectionRegistry,
    private readonly bus: LifecycleBus<Connection>,
    private readonly clock: Clock,
  ) {}

  /** Watches a connection. @param heartbeat its gateway's own settings; `undefined` for the application's */
  watch(connection: Connection, heartbeat: ResolvedHeartbeat | null | undefined): void {
    const effective = heartbeat === undefined ? this.options.heartbeat : heartbeat;
    if (effective === null && this.options.idleTimeout === null) return;
    // After a mass reconnect not all may be due at once. Multiples of the golden ratio spread evenly.
    const share = 0.5 + ((++this.watched * 0.618_033_988_75) % 1) / 2;
    const first = effective === null ? Infinity : effective.interval * share;
    this.watches.set(connection, {
      heartbeat: effective,
      nextPing: this.clock.now() + first,
      pingSent: null,
    });
    this.schedule(Math.min(effective?.interval ?? Infinity, this.options.idleTimeout ?? Infinity));
  }

  unwatch(connection: Connection): void {
    this.watches.delete(connection);
    if (this.watches.size === 0) this.stop();
  }

  /** A pong has come. */
  pong(connection: Connection, payload: string): void {
    const now = this.clock.now();
    connection.lastSeen = now;
    const watch = this.watches.get(connection);
    let latency: number | null = null;
    if (watch?.pingSent != null) {
      latency = now - watch.pingSent;
      connection.latency = latency;
      watch.pingSent = null;
    }
    if (this.bus.has('pong')) this.bus.emit('pong', { connection, payload, latency });
  }

  /** A message has come: the connection is alive, and unless it is only a heartbeat, not idle. */
  message(connection: Connection, heartbeat: boolean): void {
    if (heartbeat) return;
    connection.lastMessage = this.clock.now();
    if (connection.state === 'idle') this.registry.setState(connection, 'connected');
  }

  onModuleDestroy(): void {
    this.stop();
  }

  private schedule(shortest: number): void {
    const wanted = Math.max(MIN_TICK, Math.min(MAX_TICK, Math.floor(shortest / RESOLUTION)));
    if (this.timer !== undefined && wanted >= this.tick) return;
    this.stop();
    this.tick = wanted;
    this.lastSweep = this.clock.now();
    this.timer = this.clock.every(wanted, () => this.sweep());
  }

  private stop(): void {
    this.clock.clear(this.timer);
    this.timer = undefined;
  }

  private sweep(): void {
    const now = this.clock.now();
    // After a long block of the event loop the answers of the clients are here and not read yet: it was us who was silent.
    const late = now - this.lastSweep >= 2 * this.tick;
    this.lastSweep = now;
    for (const [connection, watch] of this.watches) {
      if (watch.heartbeat !== null) this.beat(connection, watch, watch.heartbeat, now, late);
      this.checkIdle(connection, now);
    }
  }

  private beat(
    connection: Connection,
    watch: Watch,
    heartbeat: ResolvedHeartbeat,
    now: number,
    late: boolean,
  ): void {
    if (!late && now - connection.lastSeen >= heartbeat.timeout) {
      this.unwatch(connection);
      connection.close(CloseCode.pingTimeout, 'Heartbeat timeout');
      return;
    }
    if (now < watch.nextPing) return;
    watch.nextPing = now + heartbeat.interval;
    // A pong that is still missing must not be taken for the answer to this ping.
    watch.pingSent ??= now;
    connection.ping();
  }

  private checkIdle(connection: Connection, now: number): void {
    const { idleTimeout } = this.options;
    if (idleTimeout === null || connection.state !== 'connected') return;
    if (now - connection.lastMessage >= idleTimeout) this.registry.setState(connection, 'idle');
  }
}
