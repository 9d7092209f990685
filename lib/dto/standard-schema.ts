import type { FieldIssue } from '../protocol/error-types.js';

/** The part of the Standard Schema interface that is used: zod, valibot, arktype and others have it. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
  };
}

export type SchemaResult =
  { readonly value: unknown; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Record<string, unknown>)['~standard'];
  return (
    typeof standard === 'object' &&
    standard !== null &&
    typeof (standard as { validate?: unknown }).validate === 'function'
  );
}

/** The issues of a schema in the form of an error frame's `details`, one entry a field. */
export function schemaIssues(issues: readonly SchemaIssue[]): FieldIssue[] {
  const byPath = new Map<string, string[]>();
  for (const { path = [], message } of issues) {
    const text = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    byPath.set(text, [...(byPath.get(text) ?? []), message]);
  }
  return [...byPath].map(([path, messages]) => ({ path, messages }));
}
