import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineContract } from '../../../lib/contract/index.js';
import * as contract from '../../../lib/contract/index.js';

describe('defineContract', () => {
  it('returns what it is given, so its schemas are the ones the server validates with', () => {
    const say = z.object({ text: z.string() });
    const given = { channels: { 'room:{id}': { publish: { message: say } } } };
    const made = defineContract(given);
    expect(made).toBe(given);
    expect(made.channels['room:{id}'].publish.message).toBe(say);
  });

  it('is all there is at run time', () => {
    expect(Object.keys(contract)).toEqual(['defineContract']);
  });
});
