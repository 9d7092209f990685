import { Logger } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { guardHooks } from '../../../lib/adapter/guard-hooks.js';
import type { ProviderWrapper } from '../../../lib/gateway/discovered.js';
import { fakeConnection } from '../../../lib/testing/index.js';

Logger.overrideLogger(false);

/** A promise that is none of the runtime's own, as ORMs have them. */
class OtherPromise {
  constructor(private readonly failure?: Error) {}

  then(resolve?: (value: string) => unknown, reject?: (error: Error) => unknown): void {
    if (this.failure === undefined) resolve?.('done');
    else reject?.(this.failure);
  }
}

function guarded(handleConnection: () => unknown) {
  const instance = { handleConnection };
  const openings: Promise<boolean>[] = [];
  const wrapper = { instance, metatype: class Gateway {}, isDependencyTreeStatic: () => true };
  guardHooks([wrapper as unknown as ProviderWrapper], (_client, succeeded) => openings.push(succeeded));
  const client = fakeConnection();
  (instance.handleConnection as (client: unknown) => unknown)(client);
  return { client, openings };
}

describe('handleConnection', () => {
  it('that returns any kind of promise holds the messages back until that is fulfilled', async () => {
    for (const result of [Promise.resolve(), new OtherPromise()]) {
      const { openings, client } = guarded(() => result);
      expect(openings).toHaveLength(1);
      expect(await openings[0]).toBe(true);
      expect(client.isOpen).toBe(true);
    }
  });

  it('that fails, at once or in any kind of promise, closes the connection', async () => {
    const failures = [
      () => {
        throw new Error('x');
      },
      () => Promise.reject(new Error('x')),
      () => new OtherPromise(new Error('x')),
    ];
    for (const failure of failures) {
      const { openings, client } = guarded(failure);
      expect(await openings[0]).toBe(false);
      expect(client.closedWith).toMatchObject({ code: 4104 });
    }
  });
});
