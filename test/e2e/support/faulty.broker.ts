import type { Publication, PublicationListener } from '../../../lib/broker/broker.js';
import { MemoryBroker } from '../../../lib/broker/memory.broker.js';

/** What becomes of a publication on its way from the broker to the node. */
export type Fate = 'ok' | 'lost' | 'twice' | 'late';

/** A broker whose fan-out is not to be relied on: what it keeps is right, what it tells may be lost, doubled or swapped. */
export class FaultyBroker extends MemoryBroker {
  /** Asked once for every publication. */
  fate: (publication: Publication) => Fate = () => 'ok';
  /** What the stream is called from now on, as if it had begun anew; `null` for its own name. */
  epoch: string | null = null;

  override onPublication(listener: PublicationListener): () => void {
    let late: (() => void) | undefined;
    return super.onPublication((publication, except) => {
      const { epoch = null } = this;
      const told = epoch === null ? publication : { ...publication, epoch };
      const tell = (): void => listener(told, except);
      const before = late;
      late = undefined;
      switch (this.fate(publication)) {
        case 'lost':
          break;
        case 'twice':
          tell();
          tell();
          break;
        case 'late':
          late = tell;
          break;
        case 'ok':
          tell();
      }
      before?.();
    });
  }
}
