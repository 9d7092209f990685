import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const tool = fileURLToPath(new URL('../tools/check-readme.mjs', import.meta.url));

interface Outcome {
  ok: boolean;
  output: string;
}

function check(...folder: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [tool, ...folder], (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stderr + stdout });
    });
  });
}

describe('the documents of this repository', () => {
  it('compile, link to what exists and say the same in both languages', async () => {
    const { output, ok } = await check();
    expect(output).toMatch(/, 0 problems\n$/);
    expect(ok).toBe(true);
  });
});

describe('the check of the documents', () => {
  const fence = '```';
  const code = `${fence}ts\nimport { HauynaModule } from '@hauyna/nestjs';\nexport const root = HauynaModule.forRoot();\n${fence}\n`;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'documents-'));
    await write('README.md', `# One\n\n## Two\n\n[protocol](PROTOCOL.md#frames)\n\n${code}`);
    await write('README.es.md', `# Uno\n\n## Dos\n\n${code}`);
    await write('PROTOCOL.md', '# Protocol\n\n## Frames\n');
    await write('CHANGELOG.md', '# Changelog\n');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFile(join(folder, name), text);

  it('accepts documents that are right', async () => {
    expect(await check(folder)).toEqual({ ok: true, output: expect.stringContaining('0 problems') });
  });

  it('finds each kind of mistake, and says where', async () => {
    const wrong = `${fence}ts\nimport { HauynaModule } from '@hauyna/nestjs';\nHauynaModule.forRoute();\n${fence}\n`;
    const both = `${wrong}\n${fence}json\n{ nope }\n${fence}\n`;
    await write('README.md', `# One\n\n[gone](gone.md) [heading](PROTOCOL.md#nothing)\n\n${both}`);
    const { ok, output } = await check(folder);
    expect(ok).toBe(false);
    expect(output).toMatch(/README\.md:7 Property 'forRoute' does not exist/);
    expect(output).toMatch(/README\.md:11 is not JSON/);
    expect(output).toMatch(/README\.md links to gone\.md, which is not there/);
    expect(output).toMatch(/links to PROTOCOL\.md#nothing, but no such heading/);
    expect(output).toMatch(/README\.md has the headings 1, README\.es\.md has 1 2/);
    expect(output).toMatch(/README\.md has 2 blocks, README\.es\.md has 1/);
    expect(output).toMatch(/block at README\.md:6 differs from the one at README\.es\.md:6/);
  });

  it('misses no document', async () => {
    await rm(join(folder, 'README.es.md'));
    const { ok, output } = await check(folder);
    expect(ok).toBe(false);
    expect(output).toContain('README.es.md is missing');
  });

  it('lets a block import what an earlier one defines, and leaves out what is marked', async () => {
    const first = `${fence}ts\n// src/say.dto.ts\nexport class SayDto {\n  text!: string;\n}\n${fence}\n`;
    const second = `${fence}ts\n// src/use.ts\nimport type { SayDto } from './say.dto.js';\nexport const f = (say: SayDto): string => say.text;\n${fence}\n`;
    const loose = `${fence}ts no-check\nthis is not TypeScript\n${fence}\n`;
    await write('README.md', `# One\n\n## Two\n\n${first}${second}${loose}`);
    await write('README.es.md', `# Uno\n\n## Dos\n\n${first}${second}${loose}`);
    expect(await check(folder)).toMatchObject({ ok: true });
  });
});
