const MASK = Buffer.from([0x5a, 0xc3, 0x91, 0x2e]);

/** One masked frame as a client sends it. @param opcode 1 text, 8 close, 10 pong */
export function maskedFrame(text, opcode = 1) {
  const payload = Buffer.from(text);
  if (payload.length > 65_535) throw new RangeError('Too long for this benchmark.');
  const long = payload.length > 125;
  const frame = Buffer.alloc((long ? 8 : 6) + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (long ? 126 : payload.length);
  if (long) frame.writeUInt16BE(payload.length, 2);
  const start = frame.length - payload.length;
  MASK.copy(frame, start - 4);
  for (let i = 0; i < payload.length; i++) frame[start + i] = payload[i] ^ MASK[i % 4];
  return frame;
}

/** Placeholder of {@link Requests}; the ids that take its place have as many digits. */
export const REQUEST_ID = 1_000_000;

/**
 * Masked frames of one request, each with an id of its own: a server that answers a repeated request from memory must not
 * be measured doing that.
 */
export class Requests {
  static #last = REQUEST_ID;
  #frame;
  #start;

  /** @param text of the request, with {@link REQUEST_ID} as its id */
  constructor(text) {
    const at = text.indexOf(String(REQUEST_ID));
    if (at === -1) throw new Error(`No id in ${text}`);
    this.#frame = maskedFrame(text);
    this.#start = { frame: this.#frame.length - Buffer.byteLength(text) + at, payload: at };
  }

  /** The bytes of the next `count` requests. */
  next(count) {
    const { length } = this.#frame;
    const bytes = Buffer.allocUnsafe(length * count);
    for (let i = 0; i < count; i++) {
      this.#frame.copy(bytes, i * length);
      let rest = ++Requests.#last;
      for (let digit = 6; digit >= 0; digit--) {
        const { frame, payload } = this.#start;
        bytes[i * length + frame + digit] = (48 + (rest % 10)) ^ MASK[(payload + digit) % 4];
        rest = Math.floor(rest / 10);
      }
    }
    return bytes;
  }
}

/** Counts the frames in a stream of bytes and looks at nothing but their headers. */
export class FrameCounter {
  header = Buffer.alloc(10);
  have = 0;
  need = 2;
  skip = 0;
  opcode = 0;

  /** @returns how many data frames ended in these bytes; pings are added to `pings` */
  read(bytes, length, from = 0) {
    let frames = 0;
    let i = from;
    while (i < length) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, length - i);
        this.skip -= step;
        i += step;
        if (this.skip === 0) frames += this.end();
        continue;
      }
      this.header[this.have++] = bytes[i++];
      if (this.have === 2) this.need = extended(this.header[1]);
      if (this.have === this.need) frames += this.begin();
    }
    return frames;
  }

  pings = 0;

  begin() {
    this.opcode = this.header[0] & 0x0f;
    if (this.need === 2) this.skip = this.header[1];
    else if (this.need === 4) this.skip = this.header.readUInt16BE(2);
    else this.skip = Number(this.header.readBigUInt64BE(2));
    this.have = 0;
    this.need = 2;
    return this.skip === 0 ? this.end() : 0;
  }

  end() {
    if (this.opcode === 9) this.pings++;
    return this.opcode < 8 ? 1 : 0;
  }
}

function extended(second) {
  if (second < 126) return 2;
  return second === 126 ? 4 : 10;
}
