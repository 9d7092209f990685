import { HttpException, Injectable, Logger } from '@nestjs/common';
import { HauynaError } from '../errors/hauyna.error.js';
import { messages } from '../errors/messages.js';
import { errorText } from '../protocol/error-text.js';
import { isRetryable, type ErrorType } from '../protocol/error-types.js';
import { Clock } from '../protocol/clock.js';
import { CloseCode } from '../protocol/close-codes.js';
import type { JsonValue } from '../protocol/json.js';
import type { ErrorFrame, RequestId } from '../protocol/server-frames.js';

/** Turns anything that was thrown into one error frame; what was not meant for clients is logged instead. */
@Injectable()
export class ErrorReply {
  private readonly logger = new Logger('Hauyna');

  constructor(private readonly clock: Clock) {}

  frame(error: unknown, id?: RequestId): ErrorFrame {
    const { type, message, details, retryable } = this.sendable(error);
    return {
      type: 'error',
      error_type: type,
      message,
      timestamp: this.clock.now(),
      ...(id === undefined ? {} : { id }),
      ...(details === undefined ? {} : { details }),
      retryable,
    };
  }

  /** The error in the shape of Nest's own exceptions, for clients that sent `{event, data}`. */
  exception(error: unknown, id?: RequestId): object {
    const { type: _type, ...rest } = this.frame(error, id);
    return { event: 'exception', data: { status: 'error', ...rest } };
  }

  /** Logs an error no client hears of. */
  log(what: string, error: unknown): void {
    this.logger.error(`${what} failed`, errorText(error));
  }

  /** An error is made by the application: reading it can fail, and its details may have no JSON form. */
  private sendable(error: unknown): Description {
    try {
      const description = this.describe(error);
      const details = jsonForm(description.details);
      if (details === undefined && description.details !== undefined) {
        this.log('Sending the details of an error', error);
      }
      return { ...description, message: String(description.message), details };
    } catch (failure) {
      this.log('Reading an error', failure);
      return plain('internal_error', messages.internal());
    }
  }

  private describe(error: unknown): Description {
    if (HauynaError.is(error)) {
      const { type, message, details, retryable } = error;
      return { type, message, details: details as JsonValue | undefined, retryable };
    }
    if (error instanceof HttpException) return describeHttp(error);
    if (isWsException(error)) return describeWs(error);
    this.log('A message handler', error);
    return plain('internal_error', messages.internal());
  }
}

/** How to close a connection whose opening was refused. */
export function closeCodeFor(frame: ErrorFrame): number {
  const { error_type: type } = frame;
  return (Object.hasOwn(CLOSE_CODES, type) ? CLOSE_CODES[type] : undefined) ?? CloseCode.forbidden;
}

const CLOSE_CODES: Readonly<Record<string, number>> = {
  unauthorized: CloseCode.unauthorized,
  token_expired: CloseCode.tokenExpired,
  validation_error: CloseCode.badRequest,
  rate_limited: CloseCode.rateLimited,
  unavailable: CloseCode.overloaded,
  timeout: CloseCode.serverError,
  internal_error: CloseCode.serverError,
};

interface Description {
  type: ErrorType;
  message: string;
  details: JsonValue | undefined;
  retryable: boolean;
}

/** A copy of details that can be sent, `undefined` when there is none. */
function jsonForm(details: JsonValue | undefined): JsonValue | undefined {
  try {
    const text: string | undefined = JSON.stringify(details);
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  } catch {
    return undefined;
  }
}

function plain(type: ErrorType, message: string, details?: JsonValue): Description {
  return { type, message, details, retryable: isRetryable(type) };
}

const BY_STATUS: Readonly<Record<number, ErrorType>> = {
  400: 'validation_error',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  413: 'limit_exceeded',
  422: 'validation_error',
  429: 'rate_limited',
  503: 'unavailable',
  504: 'timeout',
};

function describeHttp(error: HttpException): Description {
  const status = error.getStatus();
  const type = BY_STATUS[status] ?? (status >= 500 ? 'internal_error' : 'exception');
  if (type === 'internal_error') return plain(type, messages.internal());
  const response = error.getResponse();
  const body =
    typeof response === 'string' ? response : (response as { message?: unknown } | undefined)?.message;
  if (Array.isArray(body)) {
    const texts = body.map(String);
    return plain(type, texts.join('; '), [{ path: '', messages: texts }]);
  }
  return plain(type, typeof body === 'string' ? body : error.message);
}

interface WsExceptionLike {
  getError(): string | object;
}

/** By its shape: the application's copy of @nestjs/websockets may be another one. */
function isWsException(error: unknown): error is WsExceptionLike {
  return (
    error instanceof Error &&
    'getError' in error &&
    typeof (error as { getError: unknown }).getError === 'function'
  );
}

/** What Nest throws when a guard answers false. */
const GUARD_REFUSAL = 'Forbidden resource';

function describeWs(exception: WsExceptionLike): Description {
  const error = exception.getError();
  if (typeof error === 'string') return plain(error === GUARD_REFUSAL ? 'forbidden' : 'exception', error);
  const { error_type: type, message, details } = error as Record<string, unknown>;
  return plain(
    typeof type === 'string' ? type : 'exception',
    typeof message === 'string' ? message : 'The message was refused.',
    details as JsonValue | undefined,
  );
}
