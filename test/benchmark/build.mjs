import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Builds the library if it has not been built since it was changed, and the servers under test. */
export function build() {
  if (newest(join(ROOT, 'lib')) > newest(join(ROOT, 'dist'))) run('npm', ['run', 'build']);
  const servers = join(import.meta.dirname, 'servers');
  if (newest(servers) > newest(join(import.meta.dirname, '.build'))) {
    run('npx', ['tsc', '-p', join(import.meta.dirname, 'tsconfig.json')]);
  }
}

/** When the newest file of a folder was changed, ms since the Unix epoch; 0 when there is none. */
function newest(folder) {
  let files;
  try {
    files = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return 0;
  }
  const times = files
    .filter((file) => file.isFile())
    .map((file) => statSync(join(file.parentPath, file.name)).mtimeMs);
  return Math.max(0, ...times);
}

function run(command, args) {
  console.error(`> ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`);
}
