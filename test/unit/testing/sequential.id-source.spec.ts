import { expect, it } from 'vitest';
import { SequentialIdSource } from '../../../lib/testing/index.js';

it('SequentialIdSource counts from 1, every source by itself', () => {
  const ids = new SequentialIdSource();
  expect([ids.next(), ids.next()]).toEqual(['id-1', 'id-2']);
  expect(new SequentialIdSource('connection').next()).toBe('connection-1');
});
