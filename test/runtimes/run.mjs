/* oxlint-disable no-console */
// The built client in five runtimes, against a server that drops it five times while 40 messages are published. In each
// of them all 40 have to arrive, once and in order.
//
//   npm run test:runtimes
//
// The runtimes come from the npm registry and are kept in test/runtimes/.build, which git ignores.

import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runtimes } from './install.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const build = join(here, '.build');

const MESSAGES = 40;
const DROPS = 5;
const PATIENCE = 60_000;

const dist = library();
const installed = runtimes(join(build, 'runtimes'));
const server = fork(join(here, 'server.mjs'), [dist], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
const rows = [];
try {
  const [{ port }] = await once(server, 'message');
  for (const [index, runtime] of installed.entries()) rows.push(await play(runtime, `user${index}`, port));
} finally {
  server.disconnect();
}
print(rows);
if (rows.length < 5 || rows.some(({ result }) => result !== 'ok')) process.exitCode = 1;

/** The built package: the one that is there, or one made for this run. */
function library() {
  const built = join(root, 'dist');
  if (existsSync(join(built, 'client', 'index.js'))) return built;
  const outDir = join(build, 'dist');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('The package does not build.');
  return outDir;
}

/** One runtime, from its start to its end. */
async function play({ name, command, args }, user, port) {
  const env = { ...process.env, NO_COLOR: '1', DENO_DIR: join(build, 'deno'), DENO_NO_UPDATE_CHECK: '1' };
  const version = spawnSync(command, ['--version'], { encoding: 'utf8', env });
  const [number = '?'] = /\d+\.\d+\.\d+/.exec(version.stdout ?? '') ?? [];
  const row = {
    runtime: `${name} ${number}`,
    WebSocket: '',
    heard: '',
    drops: '',
    'brought back': '',
    result: '',
  };
  const client = pathToFileURL(join(dist, 'client', 'index.js')).href;
  const script = [join(here, 'client.mjs'), client, `ws://127.0.0.1:${port}/chat`, user, String(MESSAGES)];
  const child = spawn(command, [...args, ...script], { cwd: here, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complained = '';
  child.stderr.on('data', (chunk) => (complained += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  try {
    const ended = once(child, 'close');
    const ready = new Promise((resolve) => {
      child.stdout.on('data', (chunk) => {
        printed += chunk;
        if (printed.includes('ready')) resolve();
      });
    });
    await Promise.race([ready, ended]);
    if (!printed.includes('ready'))
      return { ...row, result: `did not start: ${complained.trim().split('\n')[0]}` };
    const played = once(server, 'message');
    server.send(user);
    const [[{ published, drops, error }]] = await Promise.all([played, ended]);
    const last = printed.trim().split('\n').at(-1);
    if (!last.startsWith('{'))
      return { ...row, result: error ?? `no report: ${complained.trim().split('\n')[0]}` };
    return judged(row, JSON.parse(last), published, drops);
  } catch (error) {
    return { ...row, result: String(error) };
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

function judged(row, { heard, losses, brought, incomplete, builtIn }, published, drops) {
  const inOrder = heard.length === MESSAGES && heard.every((value, index) => value === index);
  const problems = [
    published === MESSAGES ? '' : `${published} published`,
    inOrder ? '' : `heard ${heard.join(' ')}`,
    drops === DROPS && losses === DROPS ? '' : `dropped ${drops} times, noticed ${losses}`,
    incomplete === 0 ? '' : `${incomplete} gaps`,
    brought > 0 ? '' : 'nothing was missed, so nothing was shown',
  ].filter((problem) => problem !== '');
  return {
    ...row,
    WebSocket: builtIn ? 'built in' : 'ws',
    heard: `${heard.length} of ${MESSAGES}${inOrder ? ', in order' : ''}`,
    drops: losses,
    'brought back': brought,
    result: problems.join('; ') || 'ok',
  };
}

function print(lines) {
  const keys = Object.keys(lines[0]);
  const table = [keys, ...lines.map((line) => keys.map((key) => String(line[key])))];
  const widths = keys.map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  for (const cells of table) console.log(cells.map((cell, column) => cell.padEnd(widths[column])).join('  '));
}
