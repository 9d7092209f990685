import { fileURLToPath } from 'node:url';
import { createContext, runInContext, type Context } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../../../lib/client/index.ts', import.meta.url));
let code = '';
let inputs: string[] = [];

beforeAll(async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'hauyna',
    target: 'es2022',
    // Nothing to fall back on: a module of Node or a package would be an error.
    platform: 'neutral',
  });
  code = outputFiles[0]!.text;
  inputs = Object.keys(metafile.inputs);
});

/** What an application does while a server renders it. */
const USE = `
  const client = hauyna.createClient('wss://example.test/chat', { token: () => 'secret', params: { a: '1' } });
  const room = client.channel('room:1');
  const offs = [
    client.on('state', () => undefined),
    client.once('connected', () => undefined),
    client.handle('status', () => ({})),
    room.on('message', () => undefined),
    room.on('$state', () => undefined),
    room.presence.on('change', () => undefined),
  ];
  const states = [client.state, room.state, room.presence.members.size, room.offset ?? null, client.latency];
  for (const off of offs) off();
  JSON.stringify(states);`;

/** A world in which whatever is opened, started or listened to is written down. */
function watchedWorld(): { world: Context; done: string[] } {
  const done: string[] = [];
  const note = (what: string) => () => void done.push(what);
  const target = { addEventListener: note('listen'), removeEventListener: note('listen') };
  class WebSocket {
    constructor() {
      done.push('WebSocket');
    }
  }
  const timers = [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'requestAnimationFrame',
    'fetch',
  ];
  const watched = Object.fromEntries(timers.map((name) => [name, note(name)]));
  return {
    world: createContext({ ...watched, ...target, WebSocket, document: target, window: target }),
    done,
  };
}

describe('the client, where an application is rendered on a server', () => {
  it('is made of lib/client and lib/protocol only', () => {
    expect(inputs.length).toBeGreaterThan(10);
    for (const file of inputs) expect(file).toMatch(/(^|\/)lib\/(client|contract|protocol)\//);
  });

  it('is imported and set up in a world without anything', () => {
    const world = createContext({});
    expect(runInContext(`${code};${USE}`, world)).toBe('["idle","idle",0,null,null]');
    expect(Object.keys(world)).toEqual(['hauyna']);
  });

  it('opens no socket, starts no timer and listens to nothing until it is used', () => {
    const { world, done } = watchedWorld();
    expect(runInContext(`${code};${USE}`, world)).toBe('["idle","idle",0,null,null]');
    expect(done).toEqual([]);
  });

  it('leaves a world that is changed as little as one without it: no global, no prototype', () => {
    const { world } = watchedWorld();
    const names =
      'JSON.stringify([Object, Array, Promise, Map, Function].map((one) => Reflect.ownKeys(one.prototype).length))';
    const before: unknown = runInContext(names, world);
    const globals = Object.keys(world);
    runInContext(`{${code};${USE}}`, world);
    expect(runInContext(names, world)).toBe(before);
    expect(Object.keys(world).filter((name) => name !== 'hauyna')).toEqual(globals);
  });

  it('would be seen opening a socket: connecting does', () => {
    const { world, done } = watchedWorld();
    runInContext(
      `${code}; hauyna.createClient('wss://example.test/chat').connect().catch(() => undefined)`,
      world,
    );
    expect(done).toContain('setTimeout');
  });
});
