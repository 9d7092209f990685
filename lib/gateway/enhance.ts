import { UseFilters, UsePipes } from '@nestjs/common';
import { HauynaValidationPipe } from '../dto/hauyna-validation.pipe.js';
import { LastResortFilter } from './last-resort.filter.js';
import { ENHANCED, NEST_FILTERS } from './metadata-keys.js';

/**
 * Puts the library's pipe and filter on a gateway class, once. The filter goes before those of the
 * application: Nest asks them from the last to the first, so the application's always win.
 */
export function enhance(target: Function): void {
  if (Reflect.hasMetadata(ENHANCED, target)) return;
  Reflect.defineMetadata(ENHANCED, true, target);
  UsePipes(HauynaValidationPipe)(target);
  const filters = (Reflect.getMetadata(NEST_FILTERS, target) ?? []) as unknown[];
  Reflect.deleteMetadata(NEST_FILTERS, target);
  UseFilters(LastResortFilter)(target);
  const own = (Reflect.getOwnMetadata(NEST_FILTERS, target) ?? []) as unknown[];
  Reflect.defineMetadata(NEST_FILTERS, [...own, ...filters], target);
}
