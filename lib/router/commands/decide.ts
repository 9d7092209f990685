import { HauynaError } from '../../errors/hauyna.error.js';
import { messages } from '../../errors/messages.js';
import type { Outcome } from '../handler.invoker.js';

/** What a decision method said: a failure is thrown on, `false` denies, everything else is its value. */
export function decided(outcome: Outcome): unknown {
  if (!outcome.ok) throw outcome.error;
  if (outcome.value === false) throw new HauynaError('forbidden', messages.forbidden());
  return outcome.value;
}

/** What to deliver after a decision: the message itself, or what the method returned in its place. */
export function deliverable(value: unknown, message: unknown): unknown {
  return value === undefined || value === true ? message : value;
}
