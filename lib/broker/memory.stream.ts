import type { HistoryPolicy, HistoryQuery, Publication, StreamPosition } from './broker.js';

/** The stream of one channel: counts publications and keeps the latest ones. */
export class MemoryStream {
  private entries: { publication: Publication; expires: number }[] = [];
  private top = 0;
  /** Of the newest publication that had one. */
  private version = -1;

  constructor(readonly epoch: string) {}

  get position(): StreamPosition {
    return { offset: this.top, epoch: this.epoch };
  }

  /** @returns whether the version is newer than all before it */
  advance(version: number): boolean {
    if (version <= this.version) return false;
    this.version = version;
    return true;
  }

  nextOffset(): number {
    return ++this.top;
  }

  keep(publication: Publication, policy: HistoryPolicy, now: number): void {
    this.entries.push({ publication, expires: now + policy.ttl });
    if (this.entries.length > policy.size) this.entries.splice(0, this.entries.length - policy.size);
    this.expire(now);
  }

  read(query: HistoryQuery, now: number): Publication[] {
    this.expire(now);
    const { since, limit, reverse = false } = query;
    const all = this.entries.map((entry) => entry.publication);
    if (reverse) {
      all.reverse();
      return (since === undefined ? all : all.filter((entry) => entry.offset < since.offset)).slice(0, limit);
    }
    if (since !== undefined) return all.filter((entry) => entry.offset > since.offset).slice(0, limit);
    return all.slice(0, limit);
  }

  /** Drops what is too old. @returns whether anything is left */
  expire(now: number): boolean {
    const keep = this.entries.findIndex((entry) => entry.expires > now);
    if (keep === -1) this.entries = [];
    else if (keep > 0) this.entries.splice(0, keep);
    return this.entries.length > 0;
  }
}
