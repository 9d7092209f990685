/** Collects everything that is wrong with a set of options, so that one error can name it all. */
export class OptionChecks {
  readonly problems: string[] = [];

  /** The object at `path`, or `{}` when it is absent or wrong; keys that are not known are problems. */
  section<T extends object>(path: string, value: T | undefined, known: readonly string[]): Partial<T> {
    if (value === undefined) return {};
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.problems.push(`${path} must be an object`);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) {
        const name = path === 'options' ? key : `${path}.${key}`;
        this.problems.push(`${name} is not an option; known are ${known.join(', ')}`);
      }
    }
    return value;
  }

  /** A number within bounds, or the default. */
  number(path: string, value: unknown, fallback: number, rule: NumberRule = {}): number {
    if (value === undefined) return fallback;
    const { min = 0, max = Infinity, integer = false, infinite = true } = rule;
    const valid =
      typeof value === 'number' &&
      value >= min &&
      value <= max &&
      (infinite || Number.isFinite(value)) &&
      (!integer || value === Infinity || Number.isInteger(value));
    if (valid) return value;
    const kind = integer ? 'a whole number' : 'a number';
    const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
    this.problems.push(`${path} must be ${kind} ${range}, got ${describe(value)}`);
    return fallback;
  }

  oneOf<T extends string>(path: string, value: unknown, fallback: T, choices: readonly T[]): T {
    if (value === undefined) return fallback;
    if (choices.includes(value as T)) return value as T;
    const list = choices.map((choice) => `'${choice}'`).join(' or ');
    this.problems.push(`${path} must be ${list}, got ${describe(value)}`);
    return fallback;
  }

  boolean(path: string, value: unknown, fallback: boolean): boolean {
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    this.problems.push(`${path} must be true or false, got ${describe(value)}`);
    return fallback;
  }

  texts(path: string, value: unknown, fallback: readonly string[]): string[] {
    if (value === undefined) return [...fallback];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')) {
      return [...(value as string[])];
    }
    this.problems.push(`${path} must be a list of texts, got ${describe(value)}`);
    return [...fallback];
  }
}

export interface NumberRule {
  min?: number;
  max?: number;
  integer?: boolean;
  infinite?: boolean;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}
