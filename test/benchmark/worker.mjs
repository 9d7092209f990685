import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const pins = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

/** Whether servers and generator each have a core of their own. */
export const PINNED = pins;

/** A process of its own, on a core of its own where that is possible, that answers commands. */
export class Worker {
  #process;
  #waiting = new Map();
  #next = 1;
  #failure;

  /** @param core 0 or 1 */
  static async start(core, args) {
    const worker = new Worker(core, args);
    await worker.ready;
    return worker;
  }

  constructor(core, args) {
    const command = [process.execPath, ...args];
    const [file, ...rest] = pins ? ['taskset', '-c', String(core), ...command] : command;
    this.#process = spawn(file, rest, {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.ready = new Promise((resolve, reject) => {
      this.#process.on('message', (message) => (message.ready ? resolve() : this.#answer(message)));
      this.#process.on('exit', (code) => {
        this.#failure = new Error(`${args.join(' ')} ended with ${code}`);
        reject(this.#failure);
        for (const { reject: fail } of this.#waiting.values()) fail(this.#failure);
      });
    });
  }

  call(name, args) {
    return new Promise((resolve, reject) => {
      if (this.#failure) throw this.#failure;
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, name, args });
    });
  }

  async stop() {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.disconnect();
    await ended;
  }

  #answer({ id, value, error }) {
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  }
}
