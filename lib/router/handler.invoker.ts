import { Injectable } from '@nestjs/common';
import { from, isObservable, mergeMap, of, tap, type Observable } from 'rxjs';
import { HauynaError } from '../errors/hauyna.error.js';
import { FrameContext } from '../gateway/frame-context.js';
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
  /** Calls a method and waits for its last value. */
  async invoke(
    session: Session,
    handler: Handler,
    data: unknown,
    context: FrameContext,
    ack?: AckFunction,
  ): Promise<Outcome> {
    const result = await this.call(session, handler, data, context, ack);
    if (!('observable' in result)) return result;
    const outcome = await this.last(session, result.observable);
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
    if (!('observable' in result)) {
      if (!result.ok) return sink.failed(result.error, result.told === true);
      try {
        if (result.value !== undefined) sink.item(result.value);
      } catch (error) {
        return sink.failed(error, false);
      }
      return sink.done(result.value);
    }
    let last: unknown;
    let emitted = false;
    let ended = false;
    let release: () => void = () => undefined;
    const end = (finish: () => void): void => {
      ended = true;
      release();
      finish();
    };
    const items = result.observable.pipe(
      mergeMap((value) => (isAsyncIterable(value) ? from(value) : of(value))),
      // An item that cannot be sent ends the stream like any other failure of it.
      tap((value) => {
        if (value !== undefined) sink.item(value);
      }),
    );
    const subscription = items.subscribe({
      next: (value) => {
        emitted = true;
        last = value;
      },
      error: (error: unknown) => end(() => sink.failed(error, false)),
      complete: () =>
        end(() => {
          const outcome = this.judge(session, handler, context, emitted ? { ok: true, value: last } : null);
          if (outcome.ok) sink.done(last);
          else sink.failed(outcome.error, outcome.told === true);
        }),
    });
    if (!ended) release = session.addStream(subscription);
  }

  private async call(
    session: Session,
    handler: Handler,
    data: unknown,
    context: FrameContext,
    ack: AckFunction | undefined,
  ): Promise<Outcome | { observable: Observable<unknown> }> {
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
    if (isObservable(result)) return { observable: result };
    if (handler.native) return this.judge(session, handler, context, { ok: true, value: result });
    // The outcome interceptor makes every success an Observable, so this is a failure somebody swallowed.
    return { ok: false, error: context.failure?.error ?? swallowed() };
  }

  /** The last value of an Observable; `null` when it ended without one. */
  private last(session: Session, observable: Observable<unknown>): Promise<Outcome | null> {
    return new Promise((resolve) => {
      let outcome: Outcome | null = null;
      let ended = false;
      let release: () => void = () => undefined;
      const end = (result: Outcome | null): void => {
        ended = true;
        release();
        resolve(result);
      };
      const subscription = observable.subscribe({
        next: (value) => (outcome = { ok: true, value }),
        error: (error: unknown) => end({ ok: false, error }),
        complete: () => end(outcome),
      });
      // Unsubscribing, when the connection ends, completes nothing: whoever waits must be let go.
      subscription.add(() => {
        if (!ended) end({ ok: false, error: new HauynaError('unavailable', 'The connection has ended.') });
      });
      if (!ended) release = session.addStream(subscription);
    });
  }

  private judge(session: Session, handler: Handler, context: FrameContext, outcome: Outcome | null): Outcome {
    if (context.failure !== undefined) return { ok: false, error: context.failure.error };
    if (!handler.native) return outcome ?? { ok: false, error: swallowed() };
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

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
