/** The names a pattern stands for: `room:{id}` → `room:${string}`. */
export type NameOf<Pattern> = Pattern extends `${infer Head}{${string}}${infer Tail}`
  ? `${Head}${string}${NameOf<Tail>}`
  : Pattern extends `${infer Head}*`
    ? `${Head}${string}`
    : Pattern;

/** The pattern the server takes for a name: a parameter never spans `:`, and of several the narrowest counts. */
export type PatternOf<Patterns, Name extends string> = Narrowest<Fitting<Patterns, Name>>;

type Fitting<Patterns, Name extends string> = Patterns extends string
  ? Fits<Patterns, Name> extends true
    ? Patterns
    : never
  : never;

type Fits<Pattern extends string, Name extends string> = Pattern extends `${infer Head}:${infer Tail}`
  ? Name extends `${infer First}:${infer Rest}`
    ? First extends NameOf<Head>
      ? Fits<Tail, Rest>
      : false
    : false
  : Pattern extends `${infer Head}*`
    ? Name extends `${NameOf<Head>}${string}`
      ? true
      : false
    : Name extends `${string}:${string}`
      ? false
      : Name extends NameOf<Pattern>
        ? true
        : false;

type Narrowest<Pattern, All = Pattern> = Pattern extends string
  ? [NarrowerThan<Pattern, Exclude<All, Pattern>>] extends [never]
    ? Pattern
    : never
  : never;

/** Of two patterns with the same names, the one that ends with `*` counts less. */
type NarrowerThan<Pattern extends string, Others> = Others extends string
  ? NameOf<Others> extends NameOf<Pattern>
    ? NameOf<Pattern> extends NameOf<Others>
      ? Pattern extends `${string}*`
        ? Others
        : never
      : Others
    : never
  : never;
