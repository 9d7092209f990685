// Builds what is out of date and runs a sample:
//   node sample/start.mjs 01-playground
//   node sample/start.mjs --build 01-playground 02-quick-start    builds only
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const DEFAULT_PORT = 3000;
const PORTS_TRIED = 20;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const dist = join(root, 'dist');

const args = process.argv.slice(2);
const buildOnly = args.includes('--build');
const names = args.filter((arg) => !arg.startsWith('--'));

/** Something to tell the user; no stack needed. */
class Failure extends Error {}

try {
  await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  const known = samples();
  if (names.length === 0) fail(`Which sample? One of: ${known.join(', ')}`);
  for (const name of names) {
    if (!known.includes(name)) fail(`There is no sample "${name}". There are: ${known.join(', ')}`);
  }
  await alone(() => {
    buildLibrary();
    for (const name of names) buildSample(name);
  });
  if (buildOnly) return;
  const [name] = names;
  process.env.PORT = String(await choosePort());
  await import(pathToFileURL(join(here, name, '.build', 'main.js')).href);
}

function samples() {
  return readdirSync(here).filter((name) => existsSync(join(here, name, 'main.ts')));
}

/** The package itself, which samples import by its name. */
function buildLibrary() {
  const built = Math.min(modified(join(dist, 'index.js')), modified(join(dist, 'browser', 'client.js')));
  if (newest(join(root, 'lib')) <= built) return;
  compile('the library', 'tsconfig.build.json');
  bundleClient();
}

/** The browser client as one file, as `npm run build` makes it. */
function bundleClient() {
  const { buildSync } = createRequire(import.meta.url)('esbuild');
  buildSync({
    entryPoints: [join(dist, 'client', 'index.js')],
    outfile: join(dist, 'browser', 'client.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
}

function buildSample(name) {
  const folder = join(here, name);
  const stamp = join(folder, '.build', 'stamp');
  const sources = Math.max(newest(folder, '.ts'), modified(join(here, 'tsconfig.base.json')));
  if (sources <= modified(stamp)) return;
  // Types are checked by "npm run typecheck"; here the visitor waits.
  compile(`sample/${name}`, join('sample', name, 'tsconfig.json'), ['--noCheck']);
  // The compiler leaves files alone whose text has not changed, so their age says nothing.
  writeFileSync(stamp, '');
}

function compile(what, project, options = []) {
  console.log(`Building ${what} …`);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(tsc)) fail('The packages are missing. Run "npm install" first.');
  const { status } = spawnSync(process.execPath, [tsc, '-p', project, ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail(`${what} does not compile; see above.`);
}

/** The port asked for with PORT, else 3000 or the next free one. */
async function choosePort() {
  const { PORT } = process.env;
  if (PORT !== undefined && PORT !== '') {
    const port = Number(PORT);
    if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`PORT must be 0 to 65535, got "${PORT}".`);
    if (port !== 0 && !(await isFree(port))) fail(`Port ${port} is taken. Choose another PORT.`);
    return port;
  }
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + PORTS_TRIED; port++) {
    if (!(await isFree(port))) continue;
    if (port !== DEFAULT_PORT) console.log(`Port ${DEFAULT_PORT} is taken; using ${port}.`);
    return port;
  }
  fail(
    `Ports ${DEFAULT_PORT} to ${DEFAULT_PORT + PORTS_TRIED - 1} are taken. Choose one with PORT=8080 npm start.`,
  );
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}

/** One build at a time: two samples that start together share the library's build. */
async function alone(work) {
  const folder = join(here, '.build');
  const lock = join(folder, 'lock');
  mkdirSync(folder, { recursive: true });
  while (!take(lock)) await wait(50);
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @returns whether the lock is ours now; one whose process has ended counts as free */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isBuilding(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isBuilding(lock) {
  try {
    // Signal 0 only asks whether the process is there. A lock without a number is being written this moment.
    const pid = Number(readFileSync(lock, 'utf8'));
    return pid === 0 || process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** When the newest file below a folder was changed, ms since the Unix epoch. */
function newest(folder, ending = '') {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name === 'public') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, newest(path, ending));
    else if (entry.name.endsWith(ending) || entry.name === 'tsconfig.json')
      latest = Math.max(latest, modified(path));
  }
  return latest;
}

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function fail(message) {
  throw new Failure(message);
}
