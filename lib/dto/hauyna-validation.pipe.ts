import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { isStandardSchema, schemaIssues, type StandardSchema } from './standard-schema.js';
import { hasRules, validateClass } from './validate-class.js';
import { validationError } from './validation-issues.js';

const VALIDATED = Symbol.for('hauyna:validated');

/**
 * Validates the body of messages and, in `@OnUpgrade`, query and path parameters that are declared as a class. Put on
 * every gateway by its decorators; an application needs no `ValidationPipe` of its own there.
 *
 * A parameter with a Standard Schema (`@MessageBody({ schema })`) is checked by the schema; a class by its class-validator
 * rules (unknown keys are an error, the handler gets an instance); text, number and boolean by their type. Throws
 * `HauynaError` `validation_error` with the path and messages of every field.
 */
@Injectable()
export class HauynaValidationPipe implements PipeTransform {
  /** A promise only where something is validated: most values have nothing to wait for. */
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    if (metadata.type === 'custom') return value;
    const schema: unknown = (metadata as { schema?: unknown }).schema;
    if (isStandardSchema(schema)) return this.bySchema(schema, value, metadata.data);
    const { metatype } = metadata;
    if (metatype === undefined) return value;
    if (metadata.type === 'body' && PRIMITIVES.has(metatype)) return requirePrimitive(value, metadata);
    if (!hasRules(metatype)) return value;
    return this.byRules(metatype as ClassConstructor<object>, value, metadata.type === 'body');
  }

  private async bySchema(
    schema: StandardSchema,
    value: unknown,
    field: string | undefined,
  ): Promise<unknown> {
    return remember(value, await parse(schema, value, field));
  }

  private async byRules(
    metatype: ClassConstructor<object>,
    value: unknown,
    strict: boolean,
  ): Promise<unknown> {
    return remember(value, await validateClass(metatype, value, strict));
  }
}

/** What a value has become by validation; the value itself when nothing validated it. */
export function validatedForm(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.hasOwn(value, VALIDATED) ? (value as { [VALIDATED]?: unknown })[VALIDATED] : value;
}

const PRIMITIVES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
]);

/** A publication without an answer of its handler is delivered in its validated form, so that form must be findable. */
function remember(value: unknown, validated: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    Object.defineProperty(value, VALIDATED, { value: validated, configurable: true });
  }
  return validated;
}

async function parse(schema: StandardSchema, value: unknown, field: string | undefined): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const issues = schemaIssues(result.issues);
  throw validationError(
    field === undefined ? issues : issues.map((issue) => ({ ...issue, path: join(field, issue.path) })),
  );
}

function requirePrimitive(value: unknown, { metatype, data }: ArgumentMetadata): unknown {
  const expected = PRIMITIVES.get(metatype);
  if (typeof value === expected) return value;
  throw validationError([{ path: data ?? '', messages: [`must be a ${expected ?? ''}`] }]);
}

function join(field: string, path: string): string {
  return path === '' ? field : `${field}.${path}`;
}
