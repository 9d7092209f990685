import { Inject, Injectable } from '@nestjs/common';
import {
  from,
  isObservable,
  mergeMap,
  of,
  Subscription,
  tap,
  type Observable,
  type Observer,
  type Unsubscribable,
} from 'rxjs';
import { HauynaError } from '../errors/hauyna.error.js';
import { FrameContext } from '../gateway/frame-context.js';
import { GatewayExplorer } from '../gateway/gateway.explorer.js';
import type { Handler } from '../gateway/handler.table.js';
import type { AckFunction, Session } from './session.js';

/** How a decorated method ended. `told`: Nest's own filter has sent the client an `exception` event already. */
export type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown; told?: boolean };

/** Receives what a streaming method emits; exactly one of `done` and `failed` is called, at the end. */
export interface StreamSink {
  /** @throws when the value cannot be sent */
  item(value: unknown): void;
  done(last: unknown): void;
  failed(error: unknown, told: boolean): void;
}

/** Calls decorated methods through Nest's guards, interceptors and pipes. Never throws, never rejects. */
@Injectable()
export class HandlerInvoker {
  constructor(
    @Inject(GatewayExplorer)
    private readonly explorer: Pick<GatewayExplorer, 'outcomesGuarded' | 'globalInterceptors'>,
  ) {}

  /** Calls a method and waits for its last value. */
  async invoke(
    session: Session,
    handler: Handler,
    data: unknown,
    context: FrameContext,
    ack?: AckFunction,
  ): Promise<Outcome> {
    const result = await this.call(session, handler, data, context, ack);
    if (!isObservable(result)) return result;
    const outcome = await new LastValue().of(result, session, context.id !== undefined);
    return this.judge(session, handler, context, outcome);
  }

  /** Calls a method and hands on what it emits as it comes; resolves as soon as the method has returned. */
  async stream(
    session: Session,
    handler: Handler,
    data: unknown,
    context: FrameContext,
    sink: StreamSink,
    ack?: AckFunction,
  ): Promise<void> {
    const result = await this.call(session, handler, data, context, ack);
    if (!isObservable(result)) {
      if (!result.ok) return sink.failed(result.error, result.told === true);
      try {
        if (result.value !== undefined) sink.item(result.value);
      } catch (error) {
        return sink.failed(error, false);
      }
      return sink.done(result.value);
    }
    let last: unknown;
    let succeeded = false;
    let ended = false;
    let release: () => void = () => undefined;
    const end = (finish: () => void): void => {
      ended = true;
      release();
      finish();
    };
    const items = result.pipe(
      mergeMap((value) => {
        succeeded = true;
        return itemsOf(value);
      }),
      // An item that cannot be sent ends the stream like any other failure of it.
      tap((value) => {
        if (value !== undefined) sink.item(value);
      }),
    );
    const subscription = items.subscribe({
      next: (value) => (last = value),
      error: (error: unknown) => end(() => sink.failed(error, false)),
      complete: () =>
        end(() => {
          const outcome = this.judge(session, handler, context, succeeded ? { ok: true, value: last } : null);
          if (outcome.ok) sink.done(last);
          else sink.failed(outcome.error, outcome.told === true);
        }),
    });
    // Whoever repeats the request of a stream that was cut off must not wait for its end.
    subscription.add(() => {
      if (!ended) end(() => sink.failed(connectionEnded(), false));
    });
    if (!ended) release = session.addStream(subscription);
  }

  /** @returns what the method emits, or how it ended without emitting anything */
  private async call(
    session: Session,
    handler: Handler,
    data: unknown,
    context: FrameContext,
    ack: AckFunction | undefined,
  ): Promise<Outcome | Observable<unknown>> {
    const callback = session.callbacks[handler.slot];
    if (callback === undefined)
      return { ok: false, error: new Error(`No method is bound to slot ${handler.slot}`) };
    session.exceptionSent = false;
    let result: unknown;
    try {
      result = await callback(data, handler.native ? context.type : context, ack);
    } catch (error) {
      return { ok: false, error };
    }
    if (isObservable(result)) return result;
    if (isAsyncIterable(result) && !handler.native) return of(result);
    // Where success is always an Observable, this is a failure somebody swallowed.
    const silent = !handler.native && this.explorer.outcomesGuarded;
    return this.judge(session, handler, context, silent ? null : { ok: true, value: result });
  }

  private judge(session: Session, handler: Handler, context: FrameContext, outcome: Outcome | null): Outcome {
    if (context.failure !== undefined) return { ok: false, error: context.failure.error };
    if (!handler.native) {
      if (outcome !== null) return outcome;
      // Without anything around it, a method that emitted nothing has simply nothing to say.
      const certain = !this.explorer.outcomesGuarded && !this.explorer.globalInterceptors;
      return certain ? { ok: true, value: undefined } : { ok: false, error: swallowed() };
    }
    // Taken back at once: what goes on meanwhile must not be held responsible for it.
    const told = session.exceptionSent;
    session.exceptionSent = false;
    if (told) return { ok: false, error: swallowed(), told };
    return outcome ?? { ok: true, value: undefined };
  }
}

/** An exception filter of the application took the error and said nothing about it. */
function swallowed(): HauynaError {
  return new HauynaError('internal_error', 'The request was not carried out.');
}

function connectionEnded(): HauynaError {
  return new HauynaError('unavailable', 'The connection has ended.');
}

/** An async generator stands for what it yields. */
function itemsOf(value: unknown): Observable<unknown> {
  return isAsyncIterable(value) ? from(value) : of(value);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Waits for the last value of an Observable. An async generator among its values stands for what it yields. */
class LastValue implements Observer<unknown>, Unsubscribable {
  private outcome: Outcome | null = null;
  private source: Unsubscribable | undefined;
  private generators: Subscription | undefined;
  /** The Observable, and each generator it has emitted. */
  private running = 1;
  private ended = false;
  private release: (() => void) | undefined;
  private resolve: (outcome: Outcome | null) => void = () => undefined;

  /**
   * @param asked whether somebody may come back for the answer
   * @returns `null` when it ended without a value
   */
  of(observable: Observable<unknown>, session: Session, asked: boolean): Promise<Outcome | null> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.source = observable.subscribe(this);
      if (!this.ended) this.release = session.addStream(this, asked);
    });
  }

  next(value: unknown): void {
    if (!isAsyncIterable(value)) {
      this.outcome = { ok: true, value };
      return;
    }
    this.outcome = { ok: true, value: undefined };
    this.running++;
    this.generators ??= new Subscription();
    this.generators.add(
      from(value).subscribe({
        next: (item) => (this.outcome = { ok: true, value: item }),
        error: (error: unknown) => this.error(error),
        complete: () => this.complete(),
      }),
    );
  }

  error(error: unknown): void {
    this.end({ ok: false, error });
    this.unsubscribe();
  }

  complete(): void {
    if (--this.running === 0) this.end(this.outcome);
  }

  /** When the connection ends nothing completes any more: whoever waits must be let go. */
  unsubscribe(): void {
    this.source?.unsubscribe();
    this.generators?.unsubscribe();
    this.end({ ok: false, error: connectionEnded() });
  }

  private end(outcome: Outcome | null): void {
    if (this.ended) return;
    this.ended = true;
    this.release?.();
    this.resolve(outcome);
  }
}
