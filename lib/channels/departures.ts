import type { Clock, Timer } from '../protocol/clock.js';

interface Departure {
  timer: Timer;
}

/**
 * Subscriptions that ended with a lost connection, and of which the others have not been told yet: their user may come
 * back before anybody needs to know.
 */
export class Departures {
  private readonly byPlace = new Map<string, Departure[]>();

  constructor(private readonly clock: Clock) {}

  /** Calls `tell` after `ms`, unless {@link returned} is called for the same user and channel before. */
  hold(userId: string, channel: string, ms: number, tell: () => void): void {
    const place = key(userId, channel);
    const list = this.byPlace.get(place) ?? [];
    this.byPlace.set(place, list);
    const departure: Departure = {
      timer: this.clock.after(ms, () => {
        this.remove(place, departure);
        tell();
      }),
    };
    list.push(departure);
  }

  /** The user is in the channel again. @returns whether a departure was held back, which now never happened */
  returned(userId: string, channel: string): boolean {
    const place = key(userId, channel);
    const departure = this.byPlace.get(place)?.[0];
    if (departure === undefined) return false;
    this.clock.clear(departure.timer);
    this.remove(place, departure);
    return true;
  }

  clear(): void {
    for (const list of this.byPlace.values()) for (const { timer } of list) this.clock.clear(timer);
    this.byPlace.clear();
  }

  private remove(place: string, departure: Departure): void {
    const left = (this.byPlace.get(place) ?? []).filter((other) => other !== departure);
    if (left.length === 0) this.byPlace.delete(place);
    else this.byPlace.set(place, left);
  }
}

/** No name can contain a line break. */
function key(userId: string, channel: string): string {
  return `${userId}\n${channel}`;
}
