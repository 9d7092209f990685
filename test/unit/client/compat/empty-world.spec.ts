import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from 'vite';

const entry = fileURLToPath(new URL('../../../../lib/client/compat/index.ts', import.meta.url));
let code = '';
let modules: string[] = [];

beforeAll(async () => {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'client' } },
  });
  const bundle = (Array.isArray(output) ? output[0] : output) as {
    output: { type: string; code: string; moduleIds: string[]; imports: string[] }[];
  };
  const chunk = bundle.output[0]!;
  expect(chunk.imports).toEqual([]);
  ({ code, moduleIds: modules } = chunk);
});

describe('the client bundle', () => {
  it('is made of lib/client and lib/protocol only', () => {
    expect(modules.length).toBeGreaterThan(5);
    for (const id of modules.filter((name) => !name.startsWith('\0')))
      expect(id).toMatch(/\/lib\/(client|protocol)\//);
  });

  it('loads where there is no browser and no Node, and says what is missing when it is used', () => {
    const world = createContext({});
    runInContext(`${code}; globalThis.client = client`, world);
    expect(runInContext('typeof client.WebSocketClient', world)).toBe('function');
    expect(
      runInContext("try { new client.WebSocketClient('ws://x') } catch (e) { String(e) }", world),
    ).toMatch(/this runtime has no WebSocket/);
  });

  it('runs on nothing but a WebSocket and timers', () => {
    const world = createContext({ setTimeout, setInterval, clearTimeout });
    const run = `
      const made = [];
      class WebSocket {
        constructor(url) { made.push(url); }
        addEventListener() {}
        removeEventListener() {}
        close() {}
      }
      const ws = new client.WebSocketClient('ws://x', { WebSocket });
      ws.close();
      JSON.stringify([made, ws.state]);`;
    expect(runInContext(`${code}; ${run}`, world)).toBe('[["ws://x"],"closed"]');
  });
});
