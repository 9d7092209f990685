import { Logger } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { FlushScheduler } from '../../../lib/connection/flush-scheduler.js';

Logger.overrideLogger(false);

describe('FlushScheduler', () => {
  it('writes for all the others when one outbox throws', () => {
    const scheduler = new FlushScheduler();
    const written: string[] = [];
    const outbox = (name: string) => ({
      flush: () => {
        if (name === 'broken') throw new Error('EPIPE');
        written.push(name);
        return undefined;
      },
    });
    for (const name of ['first', 'broken', 'last']) scheduler.add(outbox(name));
    expect(() => scheduler.flush()).not.toThrow();
    expect(written).toEqual(['first', 'last']);
    scheduler.add(outbox('next'));
    scheduler.flush();
    expect(written).toEqual(['first', 'last', 'next']);
  });
});
