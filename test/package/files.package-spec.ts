import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files, installed, manifest } from './installed.js';

const textOf = (file: string) => readFileSync(join(installed, file), 'utf8');

describe('the files of the package', () => {
  it('are the built code, its types, the documents and nothing else', () => {
    const expected =
      /^(dist\/.+\.(js|d\.ts)|package\.json|LICENSE|README(\.es)?\.md|PROTOCOL\.md|CHANGELOG\.md)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
  });

  it('include the licence and the documents', () => {
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'README.es.md', 'PROTOCOL.md', 'CHANGELOG.md']),
    );
  });

  it('hold no test and no sample', () => {
    expect(files.filter((file) => /(^|\/)(test|sample|coverage)\/|\.(spec|test)\./.test(file))).toEqual([]);
  });

  it('name no folder of the machine they were built on', () => {
    const machine = new Set(
      [process.cwd(), homedir(), dirname(process.cwd())].filter((path) => path !== '/'),
    );
    const found = files.filter((file) => [...machine].some((path) => textOf(file).includes(`${path}/`)));
    expect(found).toEqual([]);
  });

  it('point to no source map that is not there', () => {
    expect(files.filter((file) => file.endsWith('.js') && textOf(file).includes('sourceMappingURL'))).toEqual(
      [],
    );
  });

  it('stay below one megabyte unpacked', () => {
    const bytes = files.reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
    expect(bytes).toBeLessThan(1024 * 1024);
  });

  it('come with types for every module', () => {
    const untyped = files.filter(
      (file) => file.endsWith('.js') && !files.includes(file.replace(/\.js$/, '.d.ts')),
    );
    expect(untyped).toEqual([]);
  });

  it('import only what the package declares', () => {
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const foreign = files
      .filter((file) => file.endsWith('.js'))
      .flatMap((file) => importsOf(textOf(file)).map((name) => ({ file, name })))
      .filter(({ name }) => !name.startsWith('.') && !name.startsWith('node:'))
      .filter(({ name }) => !declared.some((each) => name === each || name.startsWith(`${each}/`)));
    expect(foreign).toEqual([]);
  });
});

function importsOf(code: string): string[] {
  return [...code.matchAll(/(?:^|\s)(?:from|import)\s*\(?\s*'([^']+)'/gm)].map((match) => match[1] ?? '');
}
