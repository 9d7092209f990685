import { Module, forwardRef } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { HauynaModule } from '../../../lib/index.js';
import { hasRoot } from '../../../lib/testing/find-root.js';

@Module({})
class EmptyModule {}

@Module({ imports: [HauynaModule.forRoot()] })
class RootModule {}

@Module({ imports: [EmptyModule, forwardRef(() => RootModule)] })
class OuterModule {}

describe('hasRoot', () => {
  it('finds no root where there is none', async () => {
    expect(await hasRoot([])).toBe(false);
    expect(await hasRoot([EmptyModule, { module: EmptyModule }])).toBe(false);
  });

  it('finds a root wherever it is imported: nested, forward, dynamic, promised', async () => {
    expect(await hasRoot([OuterModule])).toBe(true);
    expect(await hasRoot([{ module: EmptyModule, imports: [RootModule] }])).toBe(true);
    expect(await hasRoot([Promise.resolve(HauynaModule.forRootAsync({ useFactory: () => ({}) }))])).toBe(
      true,
    );
  });
});
