import type { ClassConstructor } from 'class-transformer';
import type { JsonObject } from '../protocol/json.js';
import { validateClass } from './validate-class.js';

/**
 * Checks the body of a built-in frame against its class. Fields the class does not know are left out: a newer client may
 * send more.
 *
 * @throws HauynaError `validation_error` with one entry a field
 */
export function validateFrame<T extends object>(dto: ClassConstructor<T>, body: JsonObject): Promise<T> {
  return validateClass(dto, body, false);
}
