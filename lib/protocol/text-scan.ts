export interface TextLimits {
  /** Deepest nesting of arrays and objects. */
  maxDepth: number;
  /** Most object keys in the whole text. */
  maxKeys: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;

/**
 * Counts nesting and keys of JSON text before it is parsed: five thousand levels parse without
 * complaint and then overflow the stack of whoever walks the result, and fifty thousand keys
 * stall a validator for a second. One pass, no allocation.
 *
 * @returns which limit is exceeded, or `null`. Text that is not JSON passes; the parser will say so.
 */
export function scanJsonText(text: string, limits: TextLimits): 'depth' | 'keys' | null {
  let depth = 0;
  let keys = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > limits.maxDepth) return 'depth';
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
      case COLON:
        if (++keys > limits.maxKeys) return 'keys';
        break;
    }
  }
  return null;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}
