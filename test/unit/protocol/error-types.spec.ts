import { describe, expect, it } from 'vitest';
import { ERROR_TYPES, isRetryable } from '../../../lib/protocol/error-types.js';

describe('ERROR_TYPES', () => {
  it('has every type the library sends, each once', () => {
    expect(new Set(ERROR_TYPES).size).toBe(ERROR_TYPES.length);
    expect(ERROR_TYPES).toContain('exception');
    expect(ERROR_TYPES).toContain('token_expired');
  });

  it('only what is over in a moment is worth repeating', () => {
    expect(ERROR_TYPES.filter(isRetryable)).toEqual(['rate_limited', 'timeout', 'unavailable']);
  });
});
