import type { SocketEvent, SocketEventName, WebSocketLike } from '../../../lib/client/web-socket-like.js';
import type { JsonObject, JsonValue } from '../../../lib/protocol/json.js';
import { decodeOffer } from '../../../lib/protocol/subprotocol.js';

export type Frame = Record<string, unknown> & { type: string };

export interface FakeSession {
  id: string;
  user: string;
  answers: Map<number, Frame>;
}

/** What a socket needs of its server. */
export interface SocketHost {
  sockets: FakeSocket[];
  later(job: () => void): void;
  accept(socket: FakeSocket): void;
  handle(socket: FakeSocket, frame: Frame): void;
  gone(socket: FakeSocket): void;
}

/** The server's end of one socket, and the socket itself. Everything that is sent waits in the server's queue. */
export class FakeSocket implements WebSocketLike {
  readyState = 0;
  /** What the client has sent. */
  readonly received: Frame[] = [];
  readonly subscriptions = new Map<string, { metadata: JsonObject; present: boolean }>();
  closedWith: { code: number | undefined; reason: string | undefined } | undefined;
  user = '';
  token: string | undefined;
  resume: string | undefined;
  session: FakeSession | undefined;
  /** Pushes that are delivered after the next one. */
  late: Frame[] = [];
  /** Whether the network swallows everything without a word. */
  frozen = false;
  private readonly listeners = new Map<string, Set<(event: SocketEvent) => void>>();

  constructor(
    private readonly server: SocketHost,
    readonly url: string,
    readonly protocols: string[],
  ) {
    Object.assign(this, decodeOffer(protocols));
    server.sockets.push(this);
    server.later(() => server.accept(this));
  }

  send(text: string): void {
    if (this.readyState === 0) throw new Error('InvalidStateError');
    if (this.readyState !== 1) return;
    const frame = JSON.parse(text) as Frame;
    this.server.later(() => {
      if (this.readyState === 1 && !this.frozen) this.server.handle(this, frame);
    });
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) {
      throw new Error('InvalidAccessError');
    }
    if (new TextEncoder().encode(reason).length > 123) throw new Error('SyntaxError');
    if (this.readyState === 3) return;
    this.closedWith = { code, reason };
    this.end(code ?? 1005, reason ?? '');
  }

  addEventListener(type: SocketEventName, listener: (event: SocketEvent) => void): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: SocketEventName, listener: (event: SocketEvent) => void): void {
    this.listeners.get(type)?.delete(listener);
  }

  /** What the client hears; late events of a socket that is gone included. */
  emit(type: SocketEventName, event: Omit<SocketEvent, 'type'> = {}): void {
    for (const listener of this.listeners.get(type) ?? []) listener({ type, ...event });
  }

  /** Puts a frame on its way to the client. */
  push(frame: Frame | JsonValue): void {
    const data = JSON.stringify(frame);
    this.server.later(() => {
      if (this.readyState === 1 && !this.frozen) this.emit('message', { data });
    });
  }

  /** The connection ends, for both sides. */
  end(code = 1006, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.server.gone(this);
    this.server.later(() => this.emit('close', { code, reason }));
  }
}

/** The class to give to a client of this server. */
export function socketClassOf(
  server: SocketHost,
): new (url: string, protocols?: string | string[]) => FakeSocket {
  return class extends FakeSocket {
    constructor(url: string, protocols: string | string[] = []) {
      super(server, url, [protocols].flat());
    }
  };
}
