import type { Identify } from './hauyna.options.js';

/** Marks the helper, so that a boot warning can tell it from an application's own function. */
export const IDENTIFY_BY_QUERY = Symbol.for('hauyna:identify-by-query');

/**
 * Takes the user id from a query parameter, as the original did: `ws://…/chat?user_id=ana`.
 * Anybody can claim to be anybody, so it is for demos and tests; in production it logs a warning at boot.
 *
 * ```ts
 * HauynaModule.forRoot({ identify: identifyByQuery('user_id') });
 * ```
 *
 * @param parameter name of the query parameter; absent or empty means an anonymous connection
 */
export function identifyByQuery(parameter = 'user_id'): Identify {
  const identify: Identify = (request) => request.query[parameter] || null;
  return Object.assign(identify, { [IDENTIFY_BY_QUERY]: true });
}
