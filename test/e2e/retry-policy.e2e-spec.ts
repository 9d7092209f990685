import { describe, expect, it } from 'vitest';
import { ConnectionService, HauynaGateway, type RetryPolicy } from '../../lib/index.js';
import { type TestApp } from '../../lib/testing/index.js';
import { useApps } from './support/use-apps.js';

@HauynaGateway({ path: '/chat' })
class ChatGateway {}

const start = useApps();
const DEFAULTS = { maxAttempts: 5, baseDelay: 1000, maxDelay: 30_000, multiplier: 2, jitter: 0.1 };

function startWith(retryPolicy?: Partial<RetryPolicy>): Promise<TestApp> {
  return start({ providers: [ChatGateway], options: retryPolicy === undefined ? {} : { retryPolicy } });
}

async function welcomed(app: TestApp): Promise<unknown> {
  const client = await app.connect('/chat', { protocol: 'v1' });
  return (await client.next<{ retry: unknown }>('welcome')).retry;
}

describe('The retry policy', () => {
  it('of the original is advertised when nothing is said', async () => {
    expect(await welcomed(await startWith())).toEqual(DEFAULTS);
  });

  it('is advertised as configured, the rest by default', async () => {
    expect(await welcomed(await startWith({ maxAttempts: 10, jitter: 0.5 }))).toEqual({
      ...DEFAULTS,
      maxAttempts: 10,
      jitter: 0.5,
    });
  });

  it('without end arrives as null, which is all JSON can say', async () => {
    expect(await welcomed(await startWith({ maxAttempts: Infinity }))).toMatchObject({ maxAttempts: null });
  });

  it('that is wrong is refused at boot, every field named', async () => {
    await expect(startWith({ maxAttempts: -1, multiplier: 0.5, jitter: 2 })).rejects.toThrow(
      /retryPolicy\.maxAttempts[^]*retryPolicy\.multiplier[^]*retryPolicy\.jitter/,
    );
  });
});

describe('setRetryPolicy', () => {
  it('tells open v1 clients and new ones, and leaves plain clients alone', async () => {
    const app = await startWith();
    const [v1, plain] = await Promise.all([app.connect('/chat', { protocol: 'v1' }), app.connect('/chat')]);
    await app.get(ConnectionService).setRetryPolicy({ baseDelay: 50 });
    const retry = { ...DEFAULTS, baseDelay: 50 };
    expect(await v1.next('retry_policy')).toEqual({ type: 'retry_policy', retry });
    expect(await welcomed(app)).toEqual(retry);
    await plain.expectNone();
  });

  it('for one connection tells that one only and changes nothing for others', async () => {
    const app = await startWith();
    const one = await app.connect('/chat', { protocol: 'v1' });
    const { connectionId } = await one.next<{ connectionId: string }>('welcome');
    const other = await app.connect('/chat', { protocol: 'v1' });
    await app.get(ConnectionService).setRetryPolicy({ maxAttempts: 1 }, connectionId);
    expect(await one.next('retry_policy')).toMatchObject({ retry: { maxAttempts: 1 } });
    await other.expectNone('retry_policy');
    expect(await welcomed(app)).toEqual(DEFAULTS);
  });

  it('adds one change to the other', async () => {
    const app = await startWith();
    const connections = app.get(ConnectionService);
    await connections.setRetryPolicy({ baseDelay: 50 });
    await connections.setRetryPolicy({ jitter: 1 });
    expect(await welcomed(app)).toEqual({ ...DEFAULTS, baseDelay: 50, jitter: 1 });
  });

  it('that is wrong changes nothing and names every field', async () => {
    const app = await startWith();
    const v1 = await app.connect('/chat', { protocol: 'v1' });
    const wrong = { baseDelay: Number.NaN, maxDelay: '5' as unknown as number, colour: 'red' };
    await expect(app.get(ConnectionService).setRetryPolicy(wrong)).rejects.toThrow(
      /colour[^]*baseDelay[^]*maxDelay/,
    );
    await v1.expectNone('retry_policy');
    expect(await welcomed(app)).toEqual(DEFAULTS);
  });

  it('for somebody who is not connected is harmless', async () => {
    const app = await startWith();
    await app.get(ConnectionService).setRetryPolicy({ maxAttempts: 1 }, 'nobody');
    expect(await welcomed(app)).toEqual(DEFAULTS);
  });
});
