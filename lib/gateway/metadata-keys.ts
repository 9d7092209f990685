/** Keys of the metadata the decorators write. `Symbol.for`: two installed copies must find each other's. */
export const GATEWAY_CONFIG = Symbol.for('hauyna:gateway');
export const ENHANCED = Symbol.for('hauyna:enhanced');
export const OUTCOME_GUARDED = Symbol.for('hauyna:outcome-guarded');
export const UPGRADE_METHOD = Symbol.for('hauyna:upgrade-method');
export const NOTIFICATIONS = Symbol.for('hauyna:notifications');
export const ROUTES = Symbol.for('hauyna:routes');

/**
 * Keys Nest keeps without exporting them from a public entry point; `test/e2e/nest-canary.e2e-spec.ts`
 * fails when one of them changes.
 */
export const NEST_FILTERS = '__exceptionFilters__';
export const NEST_INTERCEPTORS = '__interceptors__';
export const NEST_MESSAGE = 'message';
export const NEST_ROUTE_ARGUMENTS = '__routeArguments__';
export const NEST_IS_GATEWAY = 'websockets:is_gateway';
