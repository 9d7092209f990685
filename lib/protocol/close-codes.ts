import { utf8Length } from './utf8.js';

/**
 * Close codes of the protocol. The hundred says what a client should do:
 * 40xx stop · 41xx reconnect with back-off · 42xx reconnect soon · 43xx get new credentials first ·
 * 44xx application, reconnect · 45xx–49xx application, stop.
 */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  unsupportedData: 1003,
  policyViolation: 1008,
  messageTooBig: 1009,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badRequest: 4000,
  unauthorized: 4001,
  authTimeout: 4002,
  forbidden: 4003,
  connectionLimit: 4004,
  kicked: 4005,
  replaced: 4006,
  unsupportedVersion: 4007,
  tooManyErrors: 4009,
  overloaded: 4100,
  rateLimited: 4102,
  slowConsumer: 4103,
  serverError: 4104,
  draining: 4200,
  forceReconnect: 4201,
  pingTimeout: 4203,
  tokenExpired: 4301,
  credentialsRevoked: 4302,
} as const;

/** What a client does after a connection has ended. */
export type CloseAction = 'stop' | 'backoff' | 'soon' | 'refresh';

/** Codes below 4000 after which coming back cannot help: the client or its message is at fault. */
const TERMINAL_STANDARD: ReadonlySet<number> = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1010]);

/** What to do after `code`. Unknown codes of a known hundred follow the hundred; all others back off. */
export function closeAction(code: number): CloseAction {
  if (code < 4000) return TERMINAL_STANDARD.has(code) ? 'stop' : 'backoff';
  const hundred = Math.floor(code / 100);
  if (hundred === 40 || hundred >= 45) return 'stop';
  if (hundred === 42) return 'soon';
  if (hundred === 43) return 'refresh';
  return 'backoff';
}

/** Whether a client is expected to come back after `code`. */
export function reconnects(code: number): boolean {
  return closeAction(code) !== 'stop';
}

/** Whether a server may send this code (RFC 6455 §7.4: 1004–1006 and 1015 are never on the wire). */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

/** Cuts a close reason to the 123 bytes a close frame can carry, at a code-point boundary. */
export function fitCloseReason(reason: string): string {
  if (utf8Length(reason) <= 123) return reason;
  let fitted = '';
  let bytes = 0;
  for (const character of reason) {
    bytes += utf8Length(character);
    if (bytes > 123) break;
    fitted += character;
  }
  return fitted;
}
