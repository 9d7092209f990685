import type { ValidationError } from 'class-validator';
import { HauynaError } from '../errors/hauyna.error.js';
import type { FieldIssue } from '../protocol/error-types.js';

/** class-validator's tree as a flat list, one entry a field, nested fields with a dotted path. */
export function validationIssues(errors: readonly ValidationError[], prefix = ''): FieldIssue[] {
  return errors.flatMap((error) => {
    const path = prefix === '' ? error.property : `${prefix}.${error.property}`;
    const own = Object.values(error.constraints ?? {});
    const nested = validationIssues(error.children ?? [], path);
    return own.length > 0 ? [{ path, messages: own }, ...nested] : nested;
  });
}

/** One error for all issues: the text names the fields, the details carry every message. */
export function validationError(issues: readonly FieldIssue[]): HauynaError {
  const fields = issues.map(({ path, messages }) => {
    const text = messages.join(', ');
    return path === '' || text.startsWith(path) ? text : `${path}: ${text}`;
  });
  return new HauynaError('validation_error', `The message is not valid: ${fields.join('; ')}.`, {
    details: [...issues],
  });
}
