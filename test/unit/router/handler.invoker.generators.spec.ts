import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../../lib/connection/client-session.js';
import { FrameContext } from '../../../lib/gateway/frame-context.js';
import { HandlerTable, type Handler } from '../../../lib/gateway/handler.table.js';
import { HandlerInvoker, type StreamSink } from '../../../lib/router/handler.invoker.js';
import { Session } from '../../../lib/router/session.js';
import { fakeConnection } from '../../../lib/testing/index.js';

const handler: Handler = { route: { kind: 'message', name: 'x' }, slot: 0, native: false, manualAck: false };

function setUp(result: unknown, clientSession: ClientSession | null = null) {
  const session = new Session({
    connection: fakeConnection({ dialect: 'v1', session: clientSession }),
    table: new HandlerTable(),
    builtIn: true,
    limits: { messagesPerSecond: 1, burst: 1, inFlight: 1, errorsPerMinute: 1 },
    now: 0,
    handle: async () => undefined,
    flow: { pause: () => undefined, resume: () => undefined },
  });
  session.callbacks.push(async () => result);
  const context = new FrameContext(session.connection, 'x', { id: 1 });
  const invoker = new HandlerInvoker({ outcomesGuarded: true, globalInterceptors: false });
  return {
    session,
    invoke: () => invoker.invoke(session, handler, {}, context),
    stream: (sink: StreamSink) => invoker.stream(session, handler, {}, context, sink),
  };
}

async function* count(to: number): AsyncGenerator<number> {
  for (let n = 1; n <= to; n++) yield n;
}

async function* broken(): AsyncGenerator<number> {
  yield 1;
  throw new Error('half-way');
}

async function* endless(): AsyncGenerator<number> {
  yield 1;
  await new Promise(() => undefined);
}

describe('an async generator of a method without { stream: true }', () => {
  it('is answered with its last item', async () => {
    expect(await setUp(of(count(3))).invoke()).toEqual({ ok: true, value: 3 });
  });

  it('that yields nothing is answered with nothing', async () => {
    expect(await setUp(of(count(0))).invoke()).toEqual({ ok: true, value: undefined });
  });

  it('that breaks is an error', async () => {
    expect(await setUp(of(broken())).invoke()).toMatchObject({ ok: false, error: { message: 'half-way' } });
  });
});

describe('a stream', () => {
  const sinkOf = () => {
    const told: string[] = [];
    const sink: StreamSink = {
      item: (value) => told.push(`item ${String(value)}`),
      done: () => told.push('done'),
      failed: (error) => told.push(`failed ${(error as { type?: string }).type}`),
    };
    return { told, sink };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('without items is done, not failed', async () => {
    const { told, sink } = sinkOf();
    await setUp(of(count(0))).stream(sink);
    await settled();
    expect(told).toEqual(['done']);
  });

  it('that ends with its connection has failed for the moment, and says so once', async () => {
    const { told, sink } = sinkOf();
    const { session, stream } = setUp(of(endless()), new ClientSession('s', null, '0 /', 'key'));
    await stream(sink);
    await settled();
    session.close();
    session.close();
    expect(told).toEqual(['item 1', 'failed unavailable']);
  });
});

describe('a request whose connection is lost', () => {
  it('goes on as long as its client can come back for the answer', async () => {
    const client = new ClientSession('s', null, '0 /', 'key');
    const { session, invoke } = setUp(of(endless()), client);
    const outcome = invoke();
    let known = false;
    void outcome.then(() => (known = true));
    await new Promise((resolve) => setImmediate(resolve));
    session.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(known).toBe(false);
    client.end();
    expect(await outcome).toMatchObject({ ok: false, error: { type: 'unavailable' } });
  });
});
