import type { Dialect } from '../protocol/dialect.js';
import type { ServerFrame } from '../protocol/server-frames.js';
import { textFrame } from './websocket-frame.js';

/** A server frame that is encoded once per dialect, however many connections receive it. */
export class EncodedFrame {
  private readonly cache: (Buffer | null | undefined)[] = [];

  constructor(readonly frame: ServerFrame) {}

  /** The bytes for a dialect, or `null` when that dialect does not carry the frame. */
  bytes(dialect: Dialect): Buffer | null {
    let bytes = this.cache[dialect.index];
    if (bytes === undefined) {
      const text = dialect.encode(this.frame);
      bytes = text === null ? null : textFrame(text);
      this.cache[dialect.index] = bytes;
    }
    return bytes;
  }
}
