// Checks who imports whom in lib/, sample/ and test/ against the tables of depcruise.config.cjs.
//
//   node test/tools/check-layers.mjs               check this repository
//   node test/tools/check-layers.mjs --self-test   plant one forbidden import per rule and see that each rule fires

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const config = createRequire(import.meta.url)(join(repository, 'depcruise.config.cjs'));

/** With fewer modules than this the cruise has not seen the code, and "no violations" means nothing. */
const FEWEST_MODULES = 90;

if (process.argv.includes('--self-test')) await selfTest();
else await checkRepository();

async function checkRepository() {
  const folders = ['lib', 'sample', 'test'].filter((folder) => existsSync(join(repository, folder)));
  const { modules, violations } = await check(repository, folders);
  const homeless = foldersWithoutRow(repository);
  for (const folder of homeless) console.error(`  lib/${folder}/ has no row in depcruise.config.cjs`);
  for (const each of violations)
    console.error(`  ${each.rule}: ${each.from} -> ${each.to}\n      ${each.comment}`);
  const own = modules.filter((module) => module.startsWith('lib/')).length;
  const problems = violations.length + homeless.length;
  console.log(
    `layers: ${modules.length} modules (${own} in lib), ${config.forbidden.length} rules, ${problems} problems`,
  );
  if (own < FEWEST_MODULES) {
    console.error(`  only ${own} modules of lib/ were seen, at least ${FEWEST_MODULES} are expected`);
    process.exitCode = 1;
  }
  if (problems > 0) process.exitCode = 1;
}

function foldersWithoutRow(base) {
  return readdirSync(join(base, 'lib'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !Object.hasOwn(config.tables.layers, entry.name))
    .map((entry) => entry.name);
}

async function check(base, folders) {
  const { tsConfig, ...options } = config.options;
  const before = process.cwd();
  process.chdir(base);
  try {
    const { output } = await cruise(
      folders,
      { ...options, baseDir: base, validate: true, ruleSet: { forbidden: config.forbidden }, tsConfig },
      undefined,
      { tsConfig: extractTSConfig(join(base, tsConfig.fileName)) },
    );
    return {
      modules: output.modules
        .map((module) => module.source)
        .filter((source) => folders.some((folder) => source.startsWith(`${folder}/`))),
      violations: output.summary.violations.map(({ rule, from, to }) => ({
        rule: rule.name,
        from,
        to,
        comment: config.forbidden.find((each) => each.name === rule.name)?.comment ?? '',
      })),
    };
  } finally {
    process.chdir(before);
  }
}

async function selfTest() {
  const base = mkdtempSync(join(tmpdir(), 'layers-'));
  const write = (file, text) => {
    mkdirSync(dirname(join(base, file)), { recursive: true });
    writeFileSync(join(base, file), text);
  };
  try {
    writeSkeleton(write);
    const clean = await check(base, ['lib', 'sample', 'test']);
    expectNone(clean.violations);

    const plants = forbiddenImports();
    for (const [rule, file, text] of plants) write(file, `${text}\n// ${rule}\n`);
    write('lib/router/cycle-b.ts', `import type { a } from './cycle-a.js';\nexport type B = typeof a;\n`);
    write('lib/index.ts', indexOf(plants.map(([, file]) => file)));
    const { violations } = await check(base, ['lib', 'sample', 'test']);
    const silent = plants.filter(
      ([rule, file]) => !violations.some((each) => each.rule === rule && each.from === file),
    );
    for (const [rule, file, text] of silent) console.error(`  ${rule} did not fire for ${file}: ${text}`);
    const planted = new Set(plants.map(([rule]) => rule));
    const unexercised = config.forbidden.filter((rule) => !planted.has(rule.name));
    for (const rule of unexercised) console.error(`  no forbidden import is planted for ${rule.name}`);
    console.log(`layers self-test: ${plants.length - silent.length} of ${plants.length} plants caught`);
    if (silent.length + unexercised.length > 0) process.exitCode = 1;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function expectNone(violations) {
  for (const each of violations) console.error(`  clean skeleton: ${each.rule}: ${each.from} -> ${each.to}`);
  if (violations.length > 0) process.exitCode = 1;
}

/** A house with one allowed import per row, and the packages as empty stand-ins. */
function writeSkeleton(write) {
  const { layers, root, entries } = config.tables;
  const packages = new Set([
    'left-pad',
    'socket.io',
    ...Object.values(layers).flatMap((row) => row.packages),
  ]);
  for (const name of packages) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js', version: '1.0.0' }));
    write(`node_modules/${name}/index.js`, 'exports.thing = 1;\n');
    write(`node_modules/${name}/internal.js`, 'exports.thing = 1;\n');
  }
  const declared = Object.fromEntries(
    [...packages].filter((name) => name !== 'left-pad').map((name) => [name, '1.0.0']),
  );
  write(
    'package.json',
    JSON.stringify({ name: 'skeleton', dependencies: declared, devDependencies: { 'left-pad': '1.0.0' } }),
  );
  write('tsconfig.json', readFileSync(join(repository, 'tsconfig.json'), 'utf8'));
  for (const [folder, row] of Object.entries(layers)) {
    const lines = [
      ...row.folders.map((other) => `import '../${other}/thing.js';`),
      ...row.packages.map((name) => `import '${name}';`),
      ...(row.root ?? []).map((file) => `import '../${file.replace(/ts$/, 'js')}';`),
      ...(row.node ? [`import 'node:net';`] : []),
    ];
    write(`lib/${folder}/thing.ts`, `${lines.join('\n')}\nexport const thing = '${folder}';\n`);
  }
  for (const entry of entries.filter((file) => file !== 'lib/index.ts')) {
    // `lib/<folder>/…/index.ts`: an entry of its own may lie deeper than the folder.
    const up = '../'.repeat(entry.split('/').length - 3);
    write(entry, `export { thing } from '${up || './'}thing.js';\n`);
  }
  write('lib/index.ts', indexOf([]));
  write('lib/hauyna.module.ts', `export { thing } from './hauyna-core.module.js';\n`);
  write('lib/hauyna-core.module.ts', `export { thing } from './hauyna.providers.js';\n`);
  const served = Object.keys(layers).filter((folder) => !config.tables.separate.includes(folder));
  write(
    'lib/hauyna.providers.ts',
    `${served.map((f) => `import './${f}/thing.js';`).join('\n')}\nexport const thing = '${root[0]}';\n`,
  );
  write('sample/app.ts', `import { thing } from '@hauyna/nestjs';\nexport const used = thing;\n`);
  write('test/app.spec.ts', `import { thing } from '../lib/index.js';\nexport const used = thing;\n`);
}

function indexOf(files) {
  const reached = files.filter((file) => file.startsWith('lib/') && !file.includes('/dead'));
  const imports = reached.map((file) => `import './${file.slice('lib/'.length).replace(/ts$/, 'js')}';`);
  return `${imports.join('\n')}\nexport { thing } from './hauyna.module.js';\n`;
}

/** One forbidden import per rule: [rule, file, text]. Both value and type-only imports are planted. */
function forbiddenImports() {
  const { layers, root, separate } = config.tables;
  const plants = [];
  for (const [folder, row] of Object.entries(layers)) {
    const foreign = Object.keys(layers).filter((other) => other !== folder && !row.folders.includes(other));
    for (const other of foreign) {
      plants.push([
        `folders-of-${folder}`,
        `lib/${folder}/to-${other}.ts`,
        `import type { thing } from '../${other}/thing.js';`,
      ]);
    }
    plants.push([`packages-of-${folder}`, `lib/${folder}/package.ts`, `import { thing } from 'socket.io';`]);
    plants.push([
      `packages-of-${folder}`,
      `lib/${folder}/package-type.ts`,
      `import type { thing } from 'socket.io';`,
    ]);
    if (!row.node)
      plants.push([`no-node-in-${folder}`, `lib/${folder}/node.ts`, `import { connect } from 'node:net';`]);
  }
  for (const file of root) {
    plants.push([
      `root-${file}`,
      `lib/options/to-${file}`,
      `import { thing } from '../${file.replace(/ts$/, 'js')}';`,
    ]);
  }
  for (const folder of separate) {
    plants.push([
      'root-is-the-server',
      'lib/hauyna-core.module.ts',
      `import './${folder}/thing.js';\nexport { thing } from './hauyna.providers.js';`,
    ]);
  }
  plants.push(
    ['folder-without-row', 'lib/stray/thing.ts', `import '../protocol/thing.js';`],
    [
      'packages-of-root',
      'lib/hauyna.module.ts',
      `import 'ws';\nexport { thing } from './hauyna-core.module.js';`,
    ],
    ['root-has-four-files', 'lib/fifth.ts', `import './protocol/thing.js';`],
    ['no-cycles', 'lib/router/cycle-a.ts', `import './cycle-b.js';\nexport const a = 1;`],
    ['no-deep-nest', 'lib/adapter/deep.ts', `import { thing } from '@nestjs/core/internal.js';`],
    ['no-undeclared-package', 'lib/adapter/undeclared.ts', `import { thing } from 'left-pad';`],
    ['lib-stands-alone', 'lib/adapter/to-test.ts', `import { used } from '../../test/app.spec.js';`],
    ['samples-use-the-package', 'sample/inside.ts', `import { thing } from '../lib/index.js';`],
    ['samples-use-the-package', 'sample/deep.ts', `import { thing } from '../lib/router/thing.js';`],
    ['resolvable', 'lib/router/nowhere.ts', `import { thing } from './gone.js';`],
    ['no-dead-module', 'lib/router/dead.ts', `import '../protocol/thing.js';`],
  );
  return plants;
}
