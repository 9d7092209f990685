import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { getMetadataStorage, validate } from 'class-validator';
import { isJsonObject, type JsonObject } from '../protocol/json.js';
import { validationError, validationIssues } from './validation-issues.js';

/** Classes with rules; one that has any never loses them. */
const withRules = new WeakSet<Function>();

/** Whether class-validator knows rules for the class, its own or inherited. */
export function hasRules(metatype: Function): boolean {
  // What `unknown` and interfaces leave behind.
  if (metatype === Object) return false;
  if (withRules.has(metatype)) return true;
  const found = getMetadataStorage().getTargetValidationMetadatas(metatype, '', false, false).length > 0;
  if (found) withRules.add(metatype);
  return found;
}

/**
 * An instance of the class, if the value satisfies its rules.
 *
 * @param strict whether keys without a rule are an error; else they are left out
 * @throws HauynaError `validation_error` with one entry a field
 */
export async function validateClass<T extends object>(
  metatype: ClassConstructor<T>,
  value: unknown,
  strict: boolean,
): Promise<T> {
  if (!isJsonObject(value)) throw validationError([{ path: '', messages: ['must be an object'] }]);
  const instance = toInstance(metatype, value);
  const errors = await validate(instance, {
    whitelist: true,
    forbidNonWhitelisted: strict,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw validationError(validationIssues(errors));
  return instance;
}

/** class-transformer takes a key named `constructor` for the class of its object and fails; the client is to blame. */
function toInstance<T extends object>(metatype: ClassConstructor<T>, value: JsonObject): T {
  try {
    return plainToInstance(metatype, value);
  } catch (error) {
    if (!hasKey(value, 'constructor')) throw error;
    throw validationError([{ path: '', messages: ['must not have a key named "constructor"'] }]);
  }
}

function hasKey(value: unknown, key: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, key) || Object.values(value).some((inner) => hasKey(inner, key));
}
