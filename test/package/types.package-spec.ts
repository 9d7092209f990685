import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { application, entries } from './installed.js';

const run = promisify(execFile);
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

const program = entries
  .map(
    ({ name }, index) =>
      `import * as entry${index} from '${name}';\nexport const keys${index} = Object.keys(entry${index});`,
  )
  .join('\n');

/** What the compiler says about a file that uses every entry point. */
async function compile(folder: string, manifest: object, compilerOptions: object): Promise<string> {
  const cwd = join(application, folder);
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(cwd, 'use.ts'), `${program}\n`);
  const options = { target: 'es2022', strict: true, noEmit: true, types: ['node'], ...compilerOptions };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
  const failed = (error: unknown) => (error as { stdout: string }).stdout;
  return run(process.execPath, [tsc, '-p', cwd], { cwd }).then(({ stdout }) => stdout, failed);
}

describe('the types of the installed package', () => {
  it('compile in an ES module application', async () => {
    expect(await compile('esm', { type: 'module' }, { module: 'nodenext', skipLibCheck: true })).toBe('');
  });

  it('compile in a CommonJS application', async () => {
    expect(await compile('cjs', { type: 'commonjs' }, { module: 'nodenext', skipLibCheck: true })).toBe('');
  });

  it('compile with a bundler, and with the strictest options', async () => {
    const options = {
      module: 'esnext',
      moduleResolution: 'bundler',
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
    };
    expect(await compile('bundler', { type: 'module' }, options)).toBe('');
  });
});
