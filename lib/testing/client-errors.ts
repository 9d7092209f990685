import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorType } from '../protocol/error-types.js';
import type { ErrorFrame } from '../protocol/server-frames.js';

/** The server refused the upgrade. */
export class UpgradeError extends Error {
  override readonly name = 'UpgradeError';

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** The body: parsed if it is JSON, otherwise text. */
    readonly body: unknown,
    readonly headers: IncomingHttpHeaders,
  ) {
    super(
      `The upgrade was refused with ${status}: ${typeof body === 'string' ? body : JSON.stringify(body)}`,
    );
  }
}

/** A request was answered with an `error` frame; its fields are those of the frame. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly error_type: ErrorType;
  readonly details: ErrorFrame['details'];
  readonly retryable: boolean;

  constructor(
    /** The frame as it was received. */
    readonly frame: ErrorFrame,
  ) {
    super(frame.message);
    this.error_type = frame.error_type;
    this.details = frame.details;
    this.retryable = frame.retryable;
  }
}
