import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The library as JavaScript, for programs that run outside of the test runner: not checked, only stripped of its types.
 *
 * @returns the file to import, and a function that takes it all away
 */
export function transpiledLibrary(): { entry: string; remove: () => void } {
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const target = mkdtempSync(join(cache, 'hauyna-'));
  for (const file of readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || /^(testing|client|redis)\//.test(file)) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, 'lib', file), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ES2022,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        verbatimModuleSyntax: true,
      },
    });
    const path = join(target, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputText);
  }
  writeFileSync(join(target, 'package.json'), '{"type":"module"}');
  return { entry: join(target, 'index.js'), remove: () => rmSync(target, { recursive: true, force: true }) };
}
