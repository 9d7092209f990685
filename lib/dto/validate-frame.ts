import { validate } from 'class-validator';
import type { JsonObject } from '../protocol/json.js';
import { validationError, validationIssues } from './validation-issues.js';

/**
 * Checks the body of a built-in frame against its class. Fields the class does not know are left out: a newer client may
 * send more. Values are taken as they came: class-transformer would lose or trip over metadata keys like `__proto__` and
 * `constructor`, and there is nothing to transform.
 *
 * @throws HauynaError `validation_error` with one entry a field
 */
export async function validateFrame<T extends object>(dto: new () => T, body: JsonObject): Promise<T> {
  const frame = new dto();
  for (const [key, value] of Object.entries(body)) {
    // Not an assignment, for which `__proto__` would be special.
    Object.defineProperty(frame, key, { value, configurable: true, enumerable: true, writable: true });
  }
  const errors = await validate(frame, {
    whitelist: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw validationError(validationIssues(errors));
  return frame;
}
