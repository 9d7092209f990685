import { Injectable, Logger } from '@nestjs/common';
import { ResolvedOptions } from '../options/resolved-options.js';
import { Clock } from '../protocol/clock.js';
import { CloseCode } from '../protocol/close-codes.js';
import { SessionRegistry } from './session.registry.js';
import { UpgradeHandler } from './upgrade.handler.js';

/** Connections closed at once; between two waves the event loop gets to serve the others. */
const WAVE = 500;
/** Time over which clients are asked to spread their return, ms per connection and at most. */
const SPREAD_PER_CONNECTION = 2;
const MAX_SPREAD = 5000;
/** How long the clean-up of connections that were cut off may take, ms. */
const CUT_OFF_TIME = 1000;

/**
 * Ends all connections in order: no new ones, no more messages, what is being handled finishes, every client is told to come
 * back and when, `@OnDisconnect` is awaited, and what is left after the timeout is cut off.
 */
@Injectable()
export class DrainService {
  private readonly logger = new Logger('Hauyna');
  private drained: Promise<void> | undefined;

  constructor(
    private readonly options: ResolvedOptions,
    private readonly sessions: SessionRegistry,
    private readonly upgrades: UpgradeHandler,
    private readonly clock: Clock,
  ) {}

  /** Resolves when nothing is left; a second call waits for the first. Never rejects. */
  drain(): Promise<void> {
    this.drained ??= this.run();
    return this.drained;
  }

  private async run(): Promise<void> {
    this.upgrades.startDraining();
    const count = this.sessions.size;
    if (count === 0 && !this.sessions.isBusy) return;
    const deadline = this.deadline(this.options.drain.timeout);
    // Answers to questions of the server are still read: what is being handled may wait for one.
    for (const { inbox } of this.sessions.all()) inbox.stop();
    const handled = Promise.all(this.sessions.all().map(({ inbox }) => inbox.idle()));
    await Promise.race([handled, deadline.passed]);
    await this.close();
    await Promise.race([this.ended(), deadline.passed]);
    const left = this.sessions.size;
    for (const { connection } of this.sessions.all()) connection.terminate();
    if (left > 0) this.logger.warn(`${left} of ${count} connections had to be cut off`);
    deadline.clear();
    const last = this.deadline(CUT_OFF_TIME);
    await Promise.race([this.ended(), last.passed]);
    last.clear();
  }

  private async close(): Promise<void> {
    const sessions = this.sessions.all();
    const spread = Math.min(MAX_SPREAD, sessions.length * SPREAD_PER_CONNECTION);
    for (const [index, { inbox, connection, flow }] of sessions.entries()) {
      const retryAfter = Math.round((index / sessions.length) * spread);
      inbox.close();
      connection.close(CloseCode.serviceRestart, 'service restart', { reconnect: true, retryAfter });
      // The answer to the close frame has to be read.
      flow.resume();
      if ((index + 1) % WAVE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private async ended(): Promise<void> {
    await this.sessions.empty();
    await this.sessions.settled();
  }

  private deadline(ms: number): { passed: Promise<void>; clear: () => void } {
    let clear: () => void = () => undefined;
    const passed = new Promise<void>((resolve) => {
      const timer = this.clock.after(ms, resolve);
      clear = () => {
        this.clock.clear(timer);
        resolve();
      };
    });
    return { passed, clear };
  }
}
