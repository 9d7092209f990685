/** Injection token of the options as the application gave them; `ResolvedOptions` has the defaults filled in. */
export const HAUYNA_OPTIONS = Symbol.for('hauyna:options');
