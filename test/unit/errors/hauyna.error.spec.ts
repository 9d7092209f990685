import { describe, expect, it } from 'vitest';
import { HauynaConfigurationError, HauynaError } from '../../../lib/errors/hauyna.error.js';
import { requireClientName, requireName } from '../../../lib/errors/require-name.js';

describe('HauynaError', () => {
  it('knows whether trying again can help, unless it is told', () => {
    expect(new HauynaError('rate_limited', 'x').retryable).toBe(true);
    expect(new HauynaError('conflict', 'x').retryable).toBe(false);
    expect(new HauynaError('conflict', 'x', { retryable: true }).retryable).toBe(true);
    expect(new HauynaError('my_own', 'x').retryable).toBe(false);
  });

  it('is an Error with a cause, and has none unless given', () => {
    const cause = new Error('behind it');
    expect(new HauynaError('conflict', 'x', { cause })).toMatchObject({
      name: 'HauynaError',
      message: 'x',
      cause,
    });
    expect('cause' in new HauynaError('conflict', 'x')).toBe(false);
    expect(new HauynaConfigurationError('x')).toBeInstanceOf(HauynaError);
    expect(new HauynaConfigurationError('x').name).toBe('HauynaConfigurationError');
  });

  it('is recognised across copies of the package, and nothing else is', () => {
    expect(HauynaError.is(new HauynaError('conflict', 'x'))).toBe(true);
    for (const other of [new Error('x'), { type: 'conflict' }, null, undefined, 'x']) {
      expect(HauynaError.is(other)).toBe(false);
    }
  });
});

describe('requireName', () => {
  it('lets plain names pass, those that look special included', () => {
    for (const name of ['a', '__proto__', 'con espacio', 'ñ', '👍', '$server']) {
      expect(() => requireName('channel', name)).not.toThrow();
    }
  });

  it('names what is wrong, and where', () => {
    expect(() => requireName('user id', '')).toThrow(
      expect.objectContaining({
        type: 'validation_error',
        message: 'The user id must not be empty.',
        details: [{ path: 'userId', messages: ['must not be empty'] }],
      }) as Error,
    );
  });

  it('keeps clients off the names of the server', () => {
    expect(() => requireClientName('channel', '$all')).toThrow(
      expect.objectContaining({ type: 'forbidden' }) as Error,
    );
  });
});
