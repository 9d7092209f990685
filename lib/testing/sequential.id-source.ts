import { IdSource } from '../protocol/id-source.js';

/** Ids that can be foreseen: `id-1`, `id-2`, … Connections and channel epochs get theirs from it. */
export class SequentialIdSource extends IdSource {
  private count = 0;

  /** @param prefix what every id begins with. @default 'id' */
  constructor(private readonly prefix = 'id') {
    super();
  }

  next(): string {
    return `${this.prefix}-${++this.count}`;
  }
}
