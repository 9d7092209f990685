import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { getMetadataStorage, validate } from 'class-validator';
import { isJsonObject } from '../protocol/json.js';
import { validationError, validationIssues } from './validation-issues.js';

/** Whether class-validator knows rules for the class, its own or inherited. */
export function hasRules(metatype: Function): boolean {
  return getMetadataStorage().getTargetValidationMetadatas(metatype, '', false, false).length > 0;
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
  const instance = plainToInstance(metatype, value);
  const errors = await validate(instance, {
    whitelist: true,
    forbidNonWhitelisted: strict,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw validationError(validationIssues(errors));
  return instance;
}
