import { Injectable, Logger } from '@nestjs/common';
import { errorText } from '../protocol/error-text.js';
import type { Flushable, SharedJoin } from './shared-join.js';

/**
 * Writes what the connections collected during one turn of the event loop. Receivers with the same frames
 * waiting share one joined buffer, so a room in which fifty speak costs one copy and one write each.
 */
@Injectable()
export class FlushScheduler {
  private readonly logger = new Logger('Hauyna');
  private dirty: Flushable[] = [];
  private scheduled = false;

  /** Called by an outbox when it gets its first frame of the turn. */
  add(outbox: Flushable): void {
    this.dirty.push(outbox);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Writes everything now. */
  flush(): void {
    this.scheduled = false;
    const outboxes = this.dirty;
    this.dirty = [];
    let shared: SharedJoin | undefined;
    for (const outbox of outboxes) {
      try {
        shared = outbox.flush(shared);
      } catch (error) {
        // One socket that cannot be written to must not cost the others what waits for them.
        this.logger.error('A connection cannot be written to', errorText(error));
      }
    }
  }
}
