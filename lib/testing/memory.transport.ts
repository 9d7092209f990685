import { Transport } from '../connection/transport.js';

/** A socket without a network: keeps what is written and decodes it. */
export class MemoryTransport extends Transport {
  readonly sent: unknown[] = [];
  pings = 0;
  paused = false;
  terminated = false;
  override blocked = false;
  override readonly bufferedAmount = 0;

  override write(bytes: Buffer): void {
    for (const text of readTexts(bytes)) this.sent.push(JSON.parse(text));
  }

  override ping(): void {
    this.pings++;
  }

  override close(): void {
    // The connection itself knows with what it was closed.
  }

  override terminate(): void {
    this.terminated = true;
  }

  override pause(): void {
    this.paused = true;
  }

  override resume(): void {
    this.paused = false;
  }
}

/** The texts of complete, unmasked text frames. */
function* readTexts(bytes: Buffer): Generator<string> {
  let at = 0;
  while (at < bytes.length) {
    const short = bytes.readUInt8(at + 1);
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    let length = short;
    if (short === 126) length = bytes.readUInt16BE(at + 2);
    else if (short === 127) length = Number(bytes.readBigUInt64BE(at + 2));
    at = start + length;
    yield bytes.toString('utf8', start, at);
  }
}
