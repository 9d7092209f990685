import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { defaultIfEmpty, type Observable } from 'rxjs';

/**
 * Makes success visible. Nest answers `undefined` both for a handler that returned nothing and for an error that
 * a filter swallowed; with this interceptor a success is always an Observable that emitted. See `guardOutcome`.
 */
@Injectable()
export class OutcomeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const result = next.handle();
    return context.getType() === 'ws' ? result.pipe(defaultIfEmpty(undefined)) : result;
  }
}
