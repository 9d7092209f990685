/** The `error_type` values the library sends. An application may add its own through `HauynaError`. */
export const ERROR_TYPES = [
  'parse_error',
  'validation_error',
  'unknown_type',
  'unauthorized',
  'token_expired',
  'forbidden',
  'not_subscribed',
  'not_found',
  'rate_limited',
  'limit_exceeded',
  'conflict',
  'timeout',
  'unavailable',
  'internal_error',
  'exception',
] as const;

export type BuiltInErrorType = (typeof ERROR_TYPES)[number];

/** A built-in type, or an application's own. */
export type ErrorType = BuiltInErrorType | (string & {});

const RETRYABLE: ReadonlySet<string> = new Set(['rate_limited', 'timeout', 'unavailable']);

/** Whether repeating the same request later can succeed; the default of `retryable` in an error frame. */
export function isRetryable(type: ErrorType): boolean {
  return RETRYABLE.has(type);
}

/** One thing that is wrong with a frame: where, and what. */
export interface FieldIssue {
  /** Path of the field, e.g. `message.items.0.price`; empty for the value as a whole. */
  path: string;
  messages: string[];
}
