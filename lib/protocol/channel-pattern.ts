/**
 * Channel patterns use AsyncAPI address syntax: `room:{id}` binds `id`, a trailing `*` matches whatever
 * is left. Matching is linear, case-sensitive and uses no regular expression, so no channel name a client
 * invents can make it slow or make a handler and a channel key disagree.
 */
export interface ChannelPattern {
  /** The text it was made from. */
  readonly source: string;
  /** Names of the parameters, in order. */
  readonly params: readonly string[];
  /** Literal text around the parameters: always one more than there are parameters. */
  readonly literals: readonly string[];
  /** Whether the pattern ends with `*`. */
  readonly wildcard: boolean;
}

export type ChannelParams = Readonly<Record<string, string>>;

const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads a pattern.
 *
 * @throws Error that names the fault: empty pattern, unbalanced braces, a bad or repeated parameter name,
 * two parameters without text between them, `*` anywhere but at the end.
 */
export function parseChannelPattern(source: string): ChannelPattern {
  const fail = (why: string): never => {
    throw new Error(`Channel pattern "${source}" ${why}. Write it like "room:{id}" or "news:*".`);
  };
  if (source === '') fail('is empty');
  const wildcard = source.endsWith('*');
  const body = wildcard ? source.slice(0, -1) : source;
  if (body.includes('*')) fail('has a "*" before its end');
  const params: string[] = [];
  const literals: string[] = [];
  let position = 0;
  for (;;) {
    const open = body.indexOf('{', position);
    const literal = open === -1 ? body.slice(position) : body.slice(position, open);
    if (literal.includes('}')) fail('has a "}" without "{"');
    if (params.length > 0 && literal === '' && open !== -1) {
      fail('has two parameters without text between them');
    }
    literals.push(literal);
    if (open === -1) break;
    const close = body.indexOf('}', open);
    if (close === -1) fail('has a "{" without "}"');
    const name = body.slice(open + 1, close);
    if (!PARAM_NAME.test(name)) fail(`has a bad parameter name "${name}"`);
    if (params.includes(name)) fail(`uses the parameter "${name}" twice`);
    params.push(name);
    position = close + 1;
  }
  if (wildcard && params.length > 0 && literals.at(-1) === '') {
    fail('has a parameter and "*" without text between them');
  }
  return Object.freeze({ source, params, literals, wildcard });
}

/**
 * Matches a channel name. A parameter takes at least one character, as few as the rest of the pattern lets it, and
 * never spans a separator (`:` or `/`): `room:{id}` does not match `room:1:admin`.
 *
 * @returns the parameters, or `null` when the name does not match.
 */
export function matchChannel(pattern: ChannelPattern, channel: string): ChannelParams | null {
  const { literals, params, wildcard } = pattern;
  const first = literals[0] as string;
  if (!channel.startsWith(first)) return null;
  if (params.length === 0) return wildcard || channel === first ? EMPTY : null;
  const values = Object.create(null) as Record<string, string>;
  let position = first.length;
  for (let i = 0; i < params.length; i++) {
    const next = literals[i + 1] as string;
    const last = i === params.length - 1;
    let end: number;
    if (last && !wildcard) {
      end = channel.length - next.length;
      if (!channel.endsWith(next)) return null;
    } else {
      end = channel.indexOf(next, position + 1);
    }
    if (end <= position) return null;
    const value = channel.slice(position, end);
    if (crossesSeparator(value)) return null;
    values[params[i] as string] = value;
    position = end + next.length;
  }
  return wildcard || position === channel.length ? values : null;
}

/**
 * Order of patterns when several match: more literal text first, then fewer parameters, then those
 * without `*`; equal ones keep the order in which they were declared.
 */
export function compareSpecificity(a: ChannelPattern, b: ChannelPattern): number {
  return (
    Number(a.wildcard) - Number(b.wildcard) ||
    a.params.length - b.params.length ||
    literalLength(b) - literalLength(a)
  );
}

const EMPTY: ChannelParams = Object.freeze(Object.create(null) as Record<string, string>);

function literalLength(pattern: ChannelPattern): number {
  return pattern.literals.reduce((sum, literal) => sum + literal.length, 0);
}

function crossesSeparator(value: string): boolean {
  return value.includes(':') || value.includes('/');
}
