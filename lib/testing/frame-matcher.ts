import { isDeepStrictEqual } from 'node:util';

/** What a client receives: an object with a `type` as a rule; a plain client may get any JSON value. */
export type Frame = Record<string, unknown>;

/**
 * Which frame is meant:
 * - text: the frame's `type`, or its `event` when it has no `type`
 * - an object: the frame has at least these fields; nested objects are compared the same way, arrays item by item
 * - a function: returns whether it is the one
 */
export type FrameMatcher = string | object | ((frame: Frame) => boolean);

/** Whether a received value is the one that is meant; without a matcher, every one is. */
export function matchesFrame(value: unknown, matcher: FrameMatcher | undefined): boolean {
  if (matcher === undefined) return true;
  if (typeof matcher === 'function') return (matcher as (frame: Frame) => boolean)(value as Frame);
  if (typeof matcher === 'string') return isObject(value) && (value['type'] ?? value['event']) === matcher;
  return includes(value, matcher);
}

/** For the messages of failed waits. */
export function describeMatcher(matcher: FrameMatcher | undefined): string {
  if (matcher === undefined) return 'a frame';
  if (typeof matcher === 'function') return `a frame that satisfies ${matcher.name || 'the given function'}`;
  return typeof matcher === 'string' ? `a "${matcher}" frame` : `a frame like ${JSON.stringify(matcher)}`;
}

function includes(value: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    if (!Array.isArray(value) || value.length !== expected.length) return false;
    return expected.every((item, index) => includes(value[index], item));
  }
  if (!isObject(expected)) return isDeepStrictEqual(value, expected);
  if (!isObject(value)) return false;
  return Object.entries(expected).every(
    ([key, field]) => Object.hasOwn(value, key) && includes(value[key], field),
  );
}

function isObject(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
