import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why an upgrade is refused: an HTTP status with a JSON body. */
export class UpgradeRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** Sent instead of `{ statusCode, message }`. */
    readonly body?: unknown,
    /** For clients that are told by a close code, where the status does not say it all. */
    readonly closeCode?: number | undefined,
  ) {
    super(message);
  }
}

/** Answers an upgrade request with plain HTTP and ends the socket. */
export function writeRefusal(socket: Duplex, refusal: UpgradeRefusal): void {
  if (socket.destroyed || !socket.writable) return;
  const reason = STATUS_CODES[refusal.status] ?? 'Error';
  const body = bodyOf(refusal, reason);
  const head = [
    `HTTP/1.1 ${refusal.status} ${reason}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(refusal.headers).map(([name, value]) => `${name}: ${oneLine(value)}`),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** The body of an application may have no JSON form; then the client is told the status and the text. */
function bodyOf({ status, message, body }: UpgradeRefusal, reason: string): string {
  const usual = { statusCode: status, message, error: reason };
  try {
    return JSON.stringify(body ?? usual) ?? JSON.stringify(usual);
  } catch {
    return JSON.stringify(usual);
  }
}

/** A header value must not be able to begin another header. */
function oneLine(value: string): string {
  return value.replaceAll('\r', ' ').replaceAll('\n', ' ');
}
