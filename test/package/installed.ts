import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';

const run = promisify(execFile);

interface Manifest {
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

/** The application the package is installed in. */
export const application = inject('application');
/** The folder of the installed package. */
export const installed = join(application, 'node_modules', '@hauyna', 'nestjs');
export const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;

/** The files of the installed package, as paths inside it. */
export const files = readdirSync(installed, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
  .sort();

/** The code entry points: the name an application imports, and its built file. */
export const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [{ name: `@hauyna/nestjs${subpath.slice(1)}`, ...target }],
);

/** What plain Node prints for a script inside the application. Fails when it exits with an error or not at all. */
export async function node(kind: 'module' | 'commonjs', script: string): Promise<string> {
  const args = [`--input-type=${kind}`, '--no-warnings', '-e', script];
  const { stdout } = await run(process.execPath, args, { cwd: application, timeout: 20_000 });
  return stdout.trim();
}
