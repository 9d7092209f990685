import type { ErrorType, FieldIssue } from '../protocol/error-types.js';
import type { JsonValue } from '../protocol/json.js';
import type { ErrorFrame } from '../protocol/server-frames.js';

/**
 * What can go wrong at the client itself; everything else is the `error_type` of the server.
 * `closed`: the connection ended before the answer came, and whether it was carried out is not known.
 */
export type ClientErrorCode =
  'timeout' | 'closed' | 'aborted' | 'buffer_full' | 'no_websocket' | 'invalid_argument' | ErrorType;

/** The one kind of error the client throws. The text says what happened and what to do. */
export class HauynaClientError extends Error {
  override readonly name = 'HauynaClientError';

  /** A word for what went wrong: of the client, of the server, or of the application. */
  declare readonly code: ClientErrorCode;
  /** Whether the same call may succeed later. */
  declare readonly retryable: boolean;
  /** What the server said beyond the text: one entry a faulty field, as a rule. */
  declare readonly details?: FieldIssue[] | JsonValue;

  constructor(
    code: ClientErrorCode,
    message: string,
    /** @default false */
    retryable = false,
    details?: FieldIssue[] | JsonValue,
  ) {
    super(message);
    Object.assign(this, { code, retryable, details });
  }
}

/** The error a server has answered with. */
export function fromFrame({ error_type, message, retryable, details }: ErrorFrame): HauynaClientError {
  return new HauynaClientError(error_type, message, retryable, details);
}
