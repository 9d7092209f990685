import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of an application that has the packed package installed. */
    application: string;
  }
}

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Builds and packs the package away from the repository, and installs it into an empty application: from the
 * tarball, without a registry. What it depends on comes from the repository's own node_modules, one folder up.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const base = await mkdtemp(join(tmpdir(), 'hauyna-package-'));
  const source = join(base, 'source');
  const application = join(base, 'application');
  await mkdir(source);
  const installed = join(application, 'node_modules', '@hauyna');
  await mkdir(installed, { recursive: true });
  await symlink(join(repository, 'node_modules'), join(base, 'node_modules'));

  const files = (await readdir(repository)).filter((name) => /\.md$|^LICENSE$|^package\.json$/.test(name));
  await Promise.all(files.map((name) => cp(join(repository, name), join(source, name))));
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  await tell(
    process.execPath,
    [tsc, '-p', 'tsconfig.build.json', '--outDir', join(source, 'dist')],
    repository,
  );

  await tell('npm', ['pack', '--ignore-scripts', '--offline', '--silent'], source);
  const [tarball] = (await readdir(source)).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack left no tarball.');
  await tell('tar', ['-xzf', join(source, tarball), '-C', installed], source);
  await rename(join(installed, 'package'), join(installed, 'nestjs'));

  project.provide('application', application);
  return () => rm(base, { recursive: true, force: true });
}

/** Runs a program; what it printed is in the error when it fails. */
async function tell(program: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(program, args, { cwd, env: { ...process.env, npm_config_update_notifier: 'false' } });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
