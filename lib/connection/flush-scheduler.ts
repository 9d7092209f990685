import { Injectable } from '@nestjs/common';
import type { Outbox } from './outbox.js';

/**
 * Writes what the connections collected during one turn of the event loop. Receivers with the same frames
 * waiting share one joined buffer, so a room in which fifty speak costs one copy and one write each.
 */
@Injectable()
export class FlushScheduler {
  private dirty: Outbox[] = [];
  private scheduled = false;

  /** Called by an outbox when it gets its first frame of the turn. */
  add(outbox: Outbox): void {
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
    for (const outbox of outboxes) shared = outbox.flush(shared);
  }
}

/** The frames the previous receiver got, and the buffer they were joined to. */
export interface SharedJoin {
  frames: readonly Buffer[];
  joined: Buffer;
}
