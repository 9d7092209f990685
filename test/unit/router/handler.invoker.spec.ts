import { EMPTY, NEVER, Subject, of, throwError, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { FrameContext } from '../../../lib/gateway/frame-context.js';
import { HandlerTable, type Handler } from '../../../lib/gateway/handler.table.js';
import { HandlerInvoker, type StreamSink } from '../../../lib/router/handler.invoker.js';
import { Session } from '../../../lib/router/session.js';
import { fakeConnection } from '../../../lib/testing/index.js';

const invoker = new HandlerInvoker({ outcomesGuarded: true, globalInterceptors: false });

function sessionOf(callback: (data: unknown) => unknown): Session {
  const session = new Session({
    connection: fakeConnection(),
    table: new HandlerTable(),
    builtIn: true,
    limits: { messagesPerSecond: 1, burst: 1, inFlight: 1, errorsPerMinute: 1 },
    now: 0,
    handle: async () => undefined,
    flow: { pause: () => undefined, resume: () => undefined },
  });
  session.callbacks.push(async (data) => callback(data));
  return session;
}

const handler = (native: boolean, slot = 0): Handler => ({
  route: { kind: 'message', name: 'x' },
  slot,
  native,
  manualAck: false,
});

const invoke = (result: unknown, native = false) => {
  const session = sessionOf(() => result);
  return invoker.invoke(session, handler(native), {}, new FrameContext(session.connection, 'x'));
};

describe('HandlerInvoker.invoke', () => {
  it('takes an Observable that emitted for success, with its last value', async () => {
    expect(await invoke(of(1, 2))).toEqual({ ok: true, value: 2 });
    expect(await invoke(of(undefined))).toEqual({ ok: true, value: undefined });
  });

  it('takes anything else for a failure that a filter swallowed: a success is always visible', async () => {
    for (const result of [undefined, null, 'value', EMPTY]) {
      expect(await invoke(result)).toMatchObject({ ok: false, error: { type: 'internal_error' } });
    }
  });

  it('of a plain Nest gateway takes what Nest gives for success', async () => {
    for (const result of [undefined, 'value', { event: 'x' }]) {
      expect(await invoke(result, true)).toEqual({ ok: true, value: result });
    }
    expect(await invoke(EMPTY, true)).toEqual({ ok: true, value: undefined });
  });

  it('never rejects: what is thrown is an outcome', async () => {
    const error = new Error('x');
    const session = sessionOf(() => {
      throw error;
    });
    const context = new FrameContext(session.connection, 'x');
    expect(await invoker.invoke(session, handler(false), {}, context)).toEqual({ ok: false, error });
    expect(await invoke(throwError(() => error))).toEqual({ ok: false, error });
    expect(await invoker.invoke(session, handler(false, 9), {}, context)).toMatchObject({ ok: false });
  });

  it('what the last-resort filter has seen is the failure, whatever came out', async () => {
    const session = sessionOf(() => of('looks fine'));
    const context = new FrameContext(session.connection, 'x');
    context.failure = { error: 'seen' };
    expect(await invoker.invoke(session, handler(false), {}, context)).toEqual({ ok: false, error: 'seen' });
  });

  it('is let go when the connection ends', async () => {
    const session = sessionOf(() => NEVER);
    const outcome = invoker.invoke(session, handler(false), {}, new FrameContext(session.connection, 'x'));
    await Promise.resolve();
    await Promise.resolve();
    session.close();
    expect(await outcome).toMatchObject({ ok: false, error: { type: 'unavailable' } });
  });
});

describe('HandlerInvoker.stream', () => {
  async function stream(result: Observable<unknown>, item = (_value: unknown): void => undefined) {
    const session = sessionOf(() => result);
    const log: unknown[] = [];
    const sink: StreamSink = {
      item: (value) => {
        item(value);
        log.push(value);
      },
      done: () => log.push('done'),
      failed: (error) => log.push(['failed', error]),
    };
    await invoker.stream(session, handler(false), {}, new FrameContext(session.connection, 'x'), sink);
    return { session, log };
  }

  it('hands on items as they come and ends once', async () => {
    const source = new Subject<number>();
    const { session, log } = await stream(source);
    source.next(1);
    expect(log).toEqual([1]);
    expect(session.streamCount).toBe(1);
    source.next(2);
    source.complete();
    expect(log).toEqual([1, 2, 'done']);
    expect(session.streamCount).toBe(0);
  });

  it('an item that cannot be sent ends it, and unsubscribes', async () => {
    const source = new Subject<number>();
    const error = new Error('no JSON');
    const { session, log } = await stream(source, () => {
      throw error;
    });
    source.next(1);
    source.next(2);
    expect(log).toEqual([['failed', error]]);
    expect(source.observed).toBe(false);
    expect(session.streamCount).toBe(0);
  });

  it('is unsubscribed with the connection: whoever repeats the request must not wait for it', async () => {
    const source = new Subject<number>();
    const { session, log } = await stream(source);
    session.close();
    source.next(1);
    expect(source.observed).toBe(false);
    expect(log).toMatchObject([['failed', { type: 'unavailable' }]]);
  });
});

describe('HandlerInvoker where nobody can swallow an error', () => {
  const call = async (result: unknown, options: { globalInterceptors?: boolean; failure?: unknown } = {}) => {
    const { globalInterceptors = false, failure } = options;
    const unguarded = new HandlerInvoker({ outcomesGuarded: false, globalInterceptors });
    const session = sessionOf(() => result);
    const context = new FrameContext(session.connection, 'x');
    if (failure !== undefined) context.failure = { error: failure };
    return unguarded.invoke(session, handler(false), {}, context);
  };

  it('takes what the method returned, nothing included, for its success', async () => {
    expect(await call('value')).toEqual({ ok: true, value: 'value' });
    expect(await call(undefined)).toEqual({ ok: true, value: undefined });
    expect(await call(EMPTY)).toEqual({ ok: true, value: undefined });
  });

  it('still believes the filter that has caught an error', async () => {
    const error = new Error('caught');
    for (const result of [undefined, 'value', EMPTY, of(1)]) {
      expect(await call(result, { failure: error })).toEqual({ ok: false, error });
    }
  });

  it('takes silence for a failure when interceptors of the whole application could have caused it', async () => {
    expect(await call(EMPTY, { globalInterceptors: true })).toMatchObject({ ok: false });
    expect(await call(of(1), { globalInterceptors: true })).toEqual({ ok: true, value: 1 });
  });
});
