/** Cuts the bytes a server writes after its handshake into WebSocket frames (RFC 6455 §5.2, without a mask). */
export class FrameSplitter {
  private rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that are complete now, each with its header */
  push(chunk: Buffer): Buffer[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames: Buffer[] = [];
    for (let size = sizeOf(this.rest); size <= this.rest.length; size = sizeOf(this.rest)) {
      frames.push(this.rest.subarray(0, size));
      this.rest = this.rest.subarray(size);
    }
    return frames;
  }
}

/** Bytes of the first frame; more than there are when even that cannot be told yet. */
function sizeOf(bytes: Buffer): number {
  if (bytes.length < 2) return Infinity;
  const short = bytes.readUInt8(1) & 0x7f;
  if (short < 126) return 2 + short;
  if (short === 126) return bytes.length < 4 ? Infinity : 4 + bytes.readUInt16BE(2);
  return bytes.length < 10 ? Infinity : 10 + Number(bytes.readBigUInt64BE(2));
}
