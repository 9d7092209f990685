import { isReservedName, nameProblem } from '../protocol/names.js';
import { HauynaError } from './hauyna.error.js';
import { messages } from './messages.js';

/**
 * Checks a name an application gives.
 *
 * @param what how the error calls it, e.g. `channel`
 * @throws HauynaError `validation_error`
 */
export function requireName(what: string, name: unknown): asserts name is string {
  const problem = nameProblem(name);
  if (problem !== null) {
    throw new HauynaError('validation_error', messages.badName(what, problem), {
      details: [{ path: what.replace(' id', 'Id'), messages: [problem] }],
    });
  }
}

/** Checks a name a client gives: the server's own names are not for clients. */
export function requireClientName(what: string, name: unknown): asserts name is string {
  requireName(what, name);
  if (isReservedName(name)) throw new HauynaError('forbidden', messages.reservedName(what));
}
