import { describe, expect, it } from 'vitest';
import { matchesFrame } from '../../../lib/testing/frame-matcher.js';

describe('matchesFrame', () => {
  it('matches everything without a matcher, bare values too', () => {
    for (const value of [{}, [], 'text', 0, null]) expect(matchesFrame(value, undefined)).toBe(true);
  });

  it('text stands for the type, or for the event of a frame without one', () => {
    expect(matchesFrame({ type: 'ack' }, 'ack')).toBe(true);
    expect(matchesFrame({ event: 'ack', data: 1 }, 'ack')).toBe(true);
    expect(matchesFrame({ type: 'error', event: 'ack' }, 'ack')).toBe(false);
    for (const value of ['ack', ['ack'], null, 7]) expect(matchesFrame(value, 'ack')).toBe(false);
  });

  it('an object stands for its fields, to any depth', () => {
    const frame = { type: 'publication', data: { text: 'hi', from: { id: 1 } }, list: [1, { a: 1, b: 2 }] };
    expect(matchesFrame(frame, { type: 'publication', data: { from: { id: 1 } } })).toBe(true);
    expect(matchesFrame(frame, { data: { from: { id: 2 } } })).toBe(false);
    expect(matchesFrame(frame, { list: [1, { a: 1 }] })).toBe(true);
    expect(matchesFrame(frame, { list: [1] })).toBe(false);
    expect(matchesFrame(frame, { missing: undefined })).toBe(false);
    expect(matchesFrame('text', { length: 4 })).toBe(false);
    expect(matchesFrame(null, {})).toBe(false);
  });

  it('a function decides by itself', () => {
    expect(matchesFrame({ n: 3 }, (frame) => frame['n'] === 3)).toBe(true);
    expect(matchesFrame({ n: 4 }, (frame) => frame['n'] === 3)).toBe(false);
  });
});
