import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Building comes first, so the first start of a clean checkout takes a while. */
const START_TIMEOUT = 50_000;

/** A sample that runs in a process of its own, started as `npm start` does. */
export interface RunningSample {
  /** `localhost:12345` */
  host: string;
  url: string;
  /** What it has printed so far. */
  output(): string;
  /** As Ctrl-C does. Resolves to everything it has printed, once it has ended. */
  stop(): Promise<string>;
}

/** @param port a port to come back on; by default any that is free */
export async function startSample(name: string, port = '0'): Promise<RunningSample> {
  const child = spawn(process.execPath, ['sample/start.mjs', name], {
    cwd: ROOT,
    env: { ...process.env, PORT: port, NODE_ENV: 'development', NO_COLOR: '1' },
  });
  let printed = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const listening = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`sample ${name} ${why}. It printed:\n${printed}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not start in time');
    }, START_TIMEOUT);
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const found = /http:\/\/\S+?:(\d+)\s/.exec(printed);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[1] as string);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => fail(`ended with ${String(code)}`));
  });
  const host = `localhost:${listening}`;
  return {
    host,
    url: `http://${host}`,
    output: () => printed,
    stop: () => stop(child, ended, () => printed),
  };
}

async function stop(child: ChildProcess, ended: Promise<void>, printed: () => string): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
  return printed();
}
