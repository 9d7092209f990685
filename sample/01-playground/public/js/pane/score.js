/** How long what was sent may take to come back before it counts as missing, ms. */
const PATIENCE = 5000;

/**
 * Counts what arrives by the numbers it carries: a number that is left out is missing, one that comes again is a duplicate.
 * Nothing here asks the library; it is the library that is being checked.
 */
export class Score {
  sent = 0;
  received = 0;
  duplicates = 0;
  recovered = 0;
  reconnects = 0;
  /** Longest time without a connection, ms. */
  longestGap = 0;
  /** stream → the number that comes next, and those before it that have not come. */
  #streams = new Map();
  /** Own numbers the server has accepted and that have not come back, with the time of their acceptance. */
  #accepted = new Map();
  #heardAt = Date.now();
  #lostAt = null;
  #whole = Date.now();

  /** Takes the number of a message in its stream. */
  take(stream, n) {
    this.received += 1;
    const known = this.#streams.get(stream);
    if (known === undefined) {
      this.#streams.set(stream, { next: n + 1, holes: new Set() });
      return;
    }
    for (; known.next <= n; known.next += 1) known.holes.add(known.next);
    if (!known.holes.delete(n)) this.duplicates += 1;
  }

  /** The server has accepted an own number; by now or soon it comes back. */
  accepted(stream, n) {
    this.sent += 1;
    if (n >= (this.#streams.get(stream)?.next ?? 0))
      this.#accepted.set(`${stream} ${n}`, { stream, n, at: Date.now() });
  }

  get missing() {
    const holes = [...this.#streams.values()].reduce((sum, stream) => sum + stream.holes.size, 0);
    const since = this.#lostAt === null ? Date.now() - PATIENCE : 0;
    let overdue = 0;
    for (const [key, { stream, n, at }] of this.#accepted) {
      if (n < (this.#streams.get(stream)?.next ?? 0)) this.#accepted.delete(key);
      else if (Math.max(at, this.#whole) < since) overdue += 1;
    }
    return holes + overdue;
  }

  /** Anything has come. */
  heard() {
    this.#heardAt = Date.now();
  }

  /** @param silently whether the connection may have been dead for a while already, which only its silence has told */
  lost(silently) {
    this.#lostAt ??= silently ? this.#heardAt : Date.now();
  }

  /** The connection is back. @returns ms without one, `null` if there was one all the time */
  back() {
    if (this.#lostAt === null) return null;
    const gap = Date.now() - this.#lostAt;
    this.#lostAt = null;
    this.#whole = Date.now();
    this.reconnects += 1;
    this.longestGap = Math.max(this.longestGap, gap);
    return gap;
  }

  toJSON() {
    const { sent, received, missing, duplicates, recovered, reconnects, longestGap } = this;
    return { sent, received, missing, duplicates, recovered, reconnects, longestGap };
  }
}
