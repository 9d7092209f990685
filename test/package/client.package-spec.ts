import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';
import { build, type Rolldown } from 'vite';
import { describe, expect, it } from 'vitest';
import { application, entries } from './installed.js';

const clients = entries.filter((entry) => /\/client(\/|$)/.test(entry.name));

async function bundle(name: string): Promise<Rolldown.OutputChunk> {
  const file = join(application, `bundle-${clients.findIndex((entry) => entry.name === name)}.js`);
  writeFileSync(file, `export * from '${name}';\n`);
  const built = (await build({
    root: application,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry: file, formats: ['iife'], name: 'hauyna' },
    },
  })) as Rolldown.RolldownOutput[];
  const [chunk] = built.flatMap((output) => output.output).filter((part) => part.type === 'chunk');
  if (chunk === undefined) throw new Error('Vite built nothing.');
  return chunk;
}

describe('the browser client, bundled as an application bundles it', () => {
  for (const { name } of clients) {
    it(`${name} pulls in its own modules and the protocol, nothing of Node or Nest`, async () => {
      const { moduleIds, imports } = await bundle(name);
      const own = new RegExp(
        String.raw`/@hauyna/nestjs/dist/(client|protocol)/|/bundle-\d+\.js$|^\0|^rolldown/runtime`,
      );
      const foreign = moduleIds.filter((id) => !own.test(id));
      expect([...foreign, ...imports]).toEqual([]);
    });

    it(`${name} loads where there is no window, no document, no socket and no process`, async () => {
      const { code } = await bundle(name);
      const context = vm.createContext({ TextEncoder, TextDecoder });
      vm.runInContext(`${code}\nglobalThis.loaded = Object.keys(hauyna);`, context);
      expect(vm.runInContext('loaded.length', context)).toBeGreaterThan(0);
    });
  }
});
