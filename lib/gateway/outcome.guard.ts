import { UseInterceptors } from '@nestjs/common';
import { LastResortFilter } from './last-resort.filter.js';
import { NEST_FILTERS, NEST_INTERCEPTORS, OUTCOME_GUARDED } from './metadata-keys.js';
import { OutcomeInterceptor } from './outcome.interceptor.js';

/** Whether the application has put anything on the class or a method that could take an error and say nothing of it. */
export function canSwallow(metatype: Function, methods: readonly string[]): boolean {
  const prototype = metatype.prototype as Record<string, object>;
  return [metatype, ...methods.map((name) => prototype[name] as object)].some((target) => {
    const filters = (Reflect.getMetadata(NEST_FILTERS, target) ?? []) as unknown[];
    const interceptors = (Reflect.getMetadata(NEST_INTERCEPTORS, target) ?? []) as unknown[];
    return (
      filters.some((filter) => filter !== LastResortFilter) ||
      interceptors.some((interceptor) => !(interceptor instanceof OutcomeInterceptor))
    );
  });
}

/**
 * Makes the outcome of a class's methods certain. Not done for every class: an interceptor costs a message a third of its
 * way, and where nobody can swallow an error its outcome is known without one. The interceptor is put on as an
 * instance, since by now Nest makes no more of them.
 */
export function guardOutcome(metatype: Function): void {
  if (Reflect.hasOwnMetadata(OUTCOME_GUARDED, metatype)) return;
  Reflect.defineMetadata(OUTCOME_GUARDED, true, metatype);
  UseInterceptors(new OutcomeInterceptor())(metatype);
}
