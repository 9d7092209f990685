/* oxlint-disable no-console */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const { platform, arch } = process;
const exe = platform === 'win32' ? '.exe' : '';
/** Node as npm packages it: one package a platform. */
const node = `${platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${platform === 'win32' ? 'win' : platform}-${arch}`;

const packages = {
  'node-22': `npm:${node}@22.23.3`,
  'node-24': `npm:${node}@24.9.0`,
  deno: '2.9.6',
  bun: '1.4.5',
};

/** Installs the runtimes from the registry, unless they are there. @returns name, command and arguments of each */
export function runtimes(folder) {
  const manifest = `${JSON.stringify({ private: true, dependencies: packages }, null, 2)}\n`;
  const file = join(folder, 'package.json');
  const done = join(folder, 'installed.json');
  if (!existsSync(done) || readFileSync(done, 'utf8') !== manifest) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, manifest);
    console.log(
      `installing ${Object.entries(packages)
        .map((entry) => entry.join('@'))
        .join(', ')}`,
    );
    const args = [
      'install',
      '--ignore-scripts',
      '--no-package-lock',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    const { status } = spawnSync('npm', args, {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: exe !== '',
    });
    if (status !== 0) throw new Error('The runtimes could not be installed; that needs the npm registry.');
    // Scripts of packages may be switched off; these two put the program for this machine in its place.
    for (const script of [join('deno', 'install.cjs'), join('bun', 'install.js')]) {
      const path = join(folder, 'node_modules', script);
      const { status } = spawnSync(process.execPath, [path], { cwd: dirname(path), stdio: 'inherit' });
      if (status !== 0) throw new Error(`${script} has failed.`);
    }
    writeFileSync(done, manifest);
  }
  const inside = (...path) => join(folder, 'node_modules', ...path);
  const deno = ['run', '--quiet', '--allow-all', '--no-config', '--no-lock', '--node-modules-dir=none'];
  return [
    { name: 'node', command: process.execPath, args: [] },
    { name: 'node', command: inside('node-22', 'bin', `node${exe}`), args: [] },
    { name: 'node', command: inside('node-24', 'bin', `node${exe}`), args: [] },
    { name: 'deno', command: inside('.bin', 'deno'), args: deno },
    { name: 'bun', command: inside('.bin', 'bun'), args: ['run'] },
  ];
}
