import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entries, installed, node } from './installed.js';

describe('the entry points of the installed package', () => {
  it('are the server, the client and the testing tools', () => {
    const names = entries.map((entry) => entry.name);
    expect(names).toEqual(
      expect.arrayContaining(['@hauyna/nestjs', '@hauyna/nestjs/client', '@hauyna/nestjs/testing']),
    );
  });

  for (const { name, types, default: file } of entries) {
    it(`${name} loads with import in plain Node and leaves nothing running`, async () => {
      const printed = await node('module', `console.log(Object.keys(await import('${name}')).length)`);
      expect(Number(printed)).toBeGreaterThan(0);
    });

    it(`${name} loads with require, and is the very module import gives`, async () => {
      const script = `import('${name}').then((m) => console.log(require('${name}') === m || Object.keys(m).every((k) => m[k] === require('${name}')[k])))`;
      expect(await node('commonjs', script)).toBe('true');
    });

    it(`${name} ships its code and its types`, () => {
      expect(existsSync(join(installed, file))).toBe(true);
      expect(existsSync(join(installed, types))).toBe(true);
    });

    it(`${name} has no default export and no undefined one`, async () => {
      const script = `const m = await import('${name}'); console.log(JSON.stringify(Object.keys(m).filter((k) => k === 'default' || m[k] === undefined)))`;
      expect(JSON.parse(await node('module', script))).toEqual([]);
    });
  }

  it('are the only ways in: a deep import is refused', async () => {
    for (const path of ['dist/index.js', 'dist/router/message.router.js', 'adapter/endpoint.js']) {
      const script = `await import('@hauyna/nestjs/${path}').then(() => console.log('loaded'), (e) => console.log(e.code))`;
      expect(await node('module', script), path).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
    }
  });

  it('give the version to tools that ask for package.json', async () => {
    const script = `console.log(require('@hauyna/nestjs/package.json').name)`;
    expect(await node('commonjs', script)).toBe('@hauyna/nestjs');
  });

  it('load the server without its optional peers', async () => {
    const script = `
      import { register } from 'node:module';
      const hook = 'export async function resolve(s, c, n) { if (/^@nestjs\\\\/(testing|platform-(express|fastify|socket))/.test(s)) throw new Error("asked for " + s); return n(s, c); }';
      register('data:text/javascript,' + encodeURIComponent(hook));
      const { HauynaModule } = await import('@hauyna/nestjs');
      console.log(typeof HauynaModule.forRoot);`;
    expect(await node('module', script)).toBe('function');
  });
});
