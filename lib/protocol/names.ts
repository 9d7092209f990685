import { utf8Length } from './utf8.js';

/** Longest name of a channel, group or user, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;

/** A surrogate without its partner: it has no UTF-8 form, so two names could collide on the wire. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Checks the name of a channel, group or user. Names are compared as they are: case-sensitive, never
 * normalised, so `__proto__` and `con espacio` are plain names.
 *
 * @returns what is wrong with it, or `null`.
 */
export function nameProblem(name: unknown): string | null {
  if (typeof name !== 'string') return 'must be text';
  if (name === '') return 'must not be empty';
  if (hasControlCharacter(name)) return 'must not contain control characters';
  if (LONE_SURROGATE.test(name)) return 'must be well-formed Unicode';
  if (name.length > MAX_NAME_BYTES || utf8Length(name) > MAX_NAME_BYTES) {
    return `must be at most ${MAX_NAME_BYTES} bytes`;
  }
  return null;
}

/** Names that begin with `$` belong to the server; clients may not use them. */
export function isReservedName(name: string): boolean {
  return name.startsWith('$');
}

function hasControlCharacter(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}
