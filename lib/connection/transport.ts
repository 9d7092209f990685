/** The socket under a connection. The connection writes ready WebSocket frames and knows nothing else of it. */
export abstract class Transport {
  /** Bytes handed over and not yet taken by the operating system. */
  abstract readonly bufferedAmount: number;
  /** Whether the socket is full; {@link onDrain} is called when it is not any more. */
  abstract readonly blocked: boolean;
  /** Writes one or more complete frames, in order. Never throws; a dead socket swallows them. */
  abstract write(bytes: Buffer): void;
  /** Sends a protocol ping. */
  abstract ping(): void;
  /** Starts the closing handshake; the transport makes sure that the socket ends, answered or not. */
  abstract close(code: number, reason: string): void;
  /** Ends the socket at once. */
  abstract terminate(): void;
  /** Stops and restarts reading. */
  abstract pause(): void;
  abstract resume(): void;
  /** Set by the outbox. */
  onDrain: (() => void) | undefined;
}
