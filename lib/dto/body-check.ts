import { isStandardSchema } from './standard-schema.js';
import { hasRules } from './validate-class.js';

/**
 * Why a body parameter can't be validated, or `null`. Interfaces, unions and generics leave no trace at run time, so a
 * pipe would let everything through without a word; better to say so at boot.
 */
export function bodyProblem(metatype: unknown, schema: unknown): string | null {
  if (isStandardSchema(schema)) return null;
  if (schema !== undefined) return 'its schema is no Standard Schema (zod, valibot, arktype …)';
  if (metatype === String || metatype === Number || metatype === Boolean) return null;
  if (metatype === undefined || metatype === Object) {
    return 'its type leaves nothing to check at run time (an interface, a union, unknown or any)';
  }
  if (metatype === Array) return 'an array type does not say what is in it';
  if (typeof metatype !== 'function') return 'its type cannot be checked at run time';
  if (!hasRules(metatype)) return `class ${metatype.name} has no class-validator rules`;
  return null;
}
