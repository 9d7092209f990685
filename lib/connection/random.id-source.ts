import { IdSource } from '../protocol/id-source.js';

const BYTES_PER_ID = 16;
/** Asking for randomness costs more than the randomness: it is fetched for so many ids at once. */
const IDS_AT_ONCE = 64;

/** 128 random bits as hexadecimal text. */
export class RandomIdSource extends IdSource {
  private readonly pool = Buffer.alloc(BYTES_PER_ID * IDS_AT_ONCE);
  private used = this.pool.length;

  next(): string {
    if (this.used === this.pool.length) {
      globalThis.crypto.getRandomValues(this.pool);
      this.used = 0;
    }
    const start = this.used;
    this.used += BYTES_PER_ID;
    return this.pool.toString('hex', start, this.used);
  }
}
