import type { JsonValue } from '../protocol/json.js';

/** The part of a Standard Schema that carries its types: zod, valibot, arktype and others have it. */
export interface SchemaLeaf {
  readonly '~standard': {
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined;
  };
}

/** A class, such as a DTO. */
export type ClassLeaf = abstract new (...args: never) => unknown;

/** What a contract made of values names the data with. */
export type Leaf = SchemaLeaf | ClassLeaf;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** What goes in: before a schema has read it. A type that is neither schema nor class stands for itself. */
export type InputOf<L> =
  IsAny<L> extends true
    ? L
    : L extends { readonly '~standard': { readonly types?: infer T } }
      ? NonNullable<T> extends { readonly input: infer I }
        ? I
        : unknown
      : L extends abstract new (...args: never) => infer I
        ? I
        : L;

/** What comes out: after a schema has read it. */
export type OutputOf<L> =
  IsAny<L> extends true
    ? L
    : L extends { readonly '~standard': { readonly types?: infer T } }
      ? NonNullable<T> extends { readonly output: infer O }
        ? O
        : unknown
      : L extends abstract new (...args: never) => infer I
        ? I
        : L;

/**
 * What is left of a value after its way through JSON: a `Date` arrives as text, methods do not arrive. A type that JSON
 * does not change keeps its name.
 */
export type Wire<T> =
  IsAny<T> extends true ? T : [T] extends [JsonValue] ? T : Same<T, Json<T>> extends true ? T : Json<T>;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

type Callable = (...args: never) => unknown;

type Json<T> = T extends { toJSON: (...args: never) => infer R }
  ? Json<R>
  : T extends Callable | bigint | symbol
    ? never
    : T extends readonly unknown[]
      ? { [K in keyof T]: Json<T[K]> }
      : T extends object
        ? { [K in keyof T as Kept<K, T[K]>]: Json<T[K]> }
        : T;

/** The key of a property JSON keeps: one that is no symbol, and not only ever a function. */
type Kept<K, V> = K extends symbol
  ? never
  : [NonNullable<V>] extends [never]
    ? K
    : NonNullable<V> extends Callable
      ? never
      : K;
