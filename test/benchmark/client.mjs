import { connect } from 'node:net';
import { FrameCounter, maskedFrame } from './frames.mjs';

const PONG = maskedFrame('', 10);
const SOCKET_IO_CONNECT = maskedFrame('40');
/** Its open packet and its answer to the connect packet. */
const SOCKET_IO_GREETINGS = 2;
const HEAD_END = Buffer.from('\r\n\r\n');

// One buffer for all sockets: every read is consumed before the next one.
const shared = Buffer.allocUnsafeSlow(256 * 1024);

/** The cheapest WebSocket client there is: it counts what it gets. */
export class Client {
  frames = 0;
  /** Called with the number of frames that have just ended. */
  onFrames = undefined;
  counter = new FrameCounter();
  head = Buffer.alloc(0);
  upgraded = false;

  /** Resolves when the peer takes messages. */
  static open(target) {
    return new Promise((resolve, reject) => {
      const client = new Client(target, resolve, reject);
      client.socket.on('error', reject);
      client.socket.on('close', () =>
        reject(new Error(`Connection closed: ${client.head.toString('latin1')}`)),
      );
    });
  }

  constructor(target, ready, failed) {
    this.target = target;
    this.ready = ready;
    this.failed = failed;
    this.socket = connect({
      port: target.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: shared, callback: (length, bytes) => this.data(length, bytes) },
    });
    const protocol = target.protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${target.protocol}\r\n`;
    this.socket.write(
      `GET ${target.path} HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${protocol}\r\n`,
    );
  }

  send(bytes) {
    this.socket.write(bytes);
  }

  data(length, bytes) {
    if (!this.upgraded) {
      this.upgrade(bytes.subarray(0, length));
      return true;
    }
    this.count(bytes, length, 0);
    return true;
  }

  upgrade(bytes) {
    this.head = Buffer.concat([this.head, bytes]);
    const end = this.head.indexOf(HEAD_END);
    if (end === -1) return;
    if (!this.head.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
      this.failed(new Error(`Refused: ${this.head.toString('latin1')}`));
      return;
    }
    this.upgraded = true;
    const { head } = this;
    this.head = Buffer.alloc(0);
    if (this.target.socketIo) this.send(SOCKET_IO_CONNECT);
    else this.ready(this);
    this.count(head, head.length, end + 4);
  }

  count(bytes, length, from) {
    const frames = this.counter.read(bytes, length, from);
    if (this.counter.pings > 0) {
      this.counter.pings--;
      this.send(PONG);
    }
    if (frames === 0) return;
    const before = this.frames;
    this.frames += frames;
    if (this.target.socketIo && before < SOCKET_IO_GREETINGS && this.frames >= SOCKET_IO_GREETINGS) {
      this.ready(this);
    }
    this.onFrames?.(frames);
  }
}
