import { CloseCode } from '../protocol/close-codes.js';

/** The close code that says to a client what an HTTP status says. */
export function closeCodeOf(status: number): number {
  return BY_STATUS[status] ?? (status >= 500 ? CloseCode.serverError : CloseCode.forbidden);
}

const BY_STATUS: Readonly<Record<number, number>> = {
  400: CloseCode.badRequest,
  401: CloseCode.unauthorized,
  403: CloseCode.forbidden,
  429: CloseCode.rateLimited,
  503: CloseCode.overloaded,
  504: CloseCode.serverError,
};
