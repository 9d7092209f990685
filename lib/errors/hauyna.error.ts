import { isRetryable, type ErrorType, type FieldIssue } from '../protocol/error-types.js';
import type { JsonValue } from '../protocol/json.js';

const BRAND = Symbol.for('hauyna:error');

export interface HauynaErrorOptions {
  /** What a client may know beyond the text: field issues, or any JSON value. */
  details?: FieldIssue[] | JsonValue;
  /** Whether the same request can succeed later. @default by type */
  retryable?: boolean;
  /** The error behind it; logged, never sent. */
  cause?: unknown;
}

/**
 * An error a client may see. Thrown from a handler, guard or pipe it becomes one `error` frame with this
 * type and text; any other value that is thrown becomes `internal_error` without its text.
 *
 * ```ts
 * throw new HauynaError('conflict', 'The seat is taken. Choose another one.');
 * ```
 */
export class HauynaError extends Error {
  override readonly name: string = 'HauynaError';
  /** One of the built-in types, or the application's own. */
  readonly type: ErrorType;
  readonly retryable: boolean;
  readonly details: FieldIssue[] | JsonValue | undefined;

  /** @param message what happened · why · what to do; it is sent to the client */
  constructor(type: ErrorType, message: string, options: HauynaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.type = type;
    this.retryable = options.retryable ?? isRetryable(type);
    this.details = options.details;
    // A brand instead of `instanceof`: two installed copies of the package must understand each other.
    Object.defineProperty(this, BRAND, { value: true });
  }

  static is(value: unknown): value is HauynaError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** Something is wrong with how the application uses the library; thrown at boot, names the fix. */
export class HauynaConfigurationError extends HauynaError {
  override readonly name: string = 'HauynaConfigurationError';

  constructor(message: string, options: HauynaErrorOptions = {}) {
    super('configuration_error', message, { retryable: false, ...options });
  }
}
