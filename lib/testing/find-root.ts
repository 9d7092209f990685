import type { DynamicModule, ForwardReference, ModuleMetadata, Type } from '@nestjs/common';
import { HauynaModule } from '../index.js';

type Imported = NonNullable<ModuleMetadata['imports']>[number];

/** Whether one of these modules, or one it imports, has `HauynaModule.forRoot()` or `forRootAsync()`. */
export async function hasRoot(imports: readonly Imported[], seen = new Set<unknown>()): Promise<boolean> {
  for (const imported of imports) {
    const entry = unwrap(await imported);
    // A file that imports itself in a circle leaves a hole here; Nest explains it better.
    if (entry === undefined || seen.has(entry)) continue;
    seen.add(entry);
    const dynamic = typeof entry === 'function' ? undefined : entry;
    const type = dynamic === undefined ? entry : dynamic.module;
    if (dynamic !== undefined && type === HauynaModule) return true;
    // `@Module()` leaves each of its fields on the class, under the field's name.
    const fixed = (Reflect.getMetadata('imports', type) ?? []) as Imported[];
    if (await hasRoot([...fixed, ...(dynamic?.imports ?? [])], seen)) return true;
  }
  return false;
}

function unwrap(imported: Type | DynamicModule | ForwardReference): Type | DynamicModule | undefined {
  if (typeof imported === 'object' && imported !== null && 'forwardRef' in imported) {
    return (imported.forwardRef as () => Type | DynamicModule)();
  }
  return imported;
}
