// Checks the documents: TypeScript blocks compile against lib/, JSON blocks parse, links lead somewhere, and the
// Spanish README has the headings and the code of the English one.
//
//   node test/tools/check-readme.mjs [folder]
//
// A block marked ```ts no-check is left out. A block whose first line is a comment with a file name
// (`// src/chat.gateway.ts`) can be imported by that name from other blocks of the same document.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { blocksOf, headingsOf, localLinksOf } from './markdown.mjs';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const root = resolve(process.argv[2] ?? repository);
const REQUIRED = ['README.md', 'README.es.md', 'PROTOCOL.md', 'CHANGELOG.md'];
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.build', '.git']);

const problems = [];
const documents = new Map(markdownIn(root).map((file) => [file, readFileSync(join(root, file), 'utf8')]));
for (const file of REQUIRED) if (!documents.has(file)) problems.push(`${file} is missing`);

const modules = new Map();
let jsonBlocks = 0;
for (const [file, text] of documents) checkDocument(file, text);
if (documents.has('README.md') && documents.has('README.es.md'))
  compareTranslations('README.md', 'README.es.md');
typeCheck();

for (const problem of problems) console.error(`  ${problem}`);
console.log(
  `documents: ${documents.size} files, ${modules.size} TypeScript blocks, ${jsonBlocks} JSON blocks, ${problems.length} problems`,
);
if (problems.length > 0) process.exitCode = 1;

function markdownIn(folder, prefix = '') {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory())
      return SKIPPED.has(entry.name) ? [] : markdownIn(join(folder, entry.name), `${path}/`);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

function checkDocument(file, text) {
  let blocks = [];
  try {
    blocks = blocksOf(text);
  } catch (error) {
    problems.push(`${file}: ${error.message}`);
  }
  for (const block of blocks) {
    if (block.flags.includes('no-check')) continue;
    if (block.language === 'ts' || block.language === 'typescript') addModule(file, block);
    if (block.language === 'json') checkJson(file, block);
  }
  for (const target of localLinksOf(text)) checkLink(file, target);
}

function addModule(file, block) {
  const folder = join(repository, 'test', 'docs', '.blocks', file);
  const named = /^\/\/ ([\w./-]+\.ts)\s*$/.exec(block.code.split('\n', 1)[0])?.[1];
  const wanted = join(folder, named ?? `line-${block.line}.ts`);
  const path = modules.has(wanted) ? join(dirname(wanted), `line-${block.line}.ts`) : wanted;
  modules.set(path, { ...block, file, code: `${block.code}\nexport {};\n` });
}

function checkJson(file, block) {
  jsonBlocks += 1;
  const parses = (text) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const lines = block.code.split('\n').filter((line) => line.trim() !== '');
  if (!parses(block.code) && !lines.every(parses)) problems.push(`${file}:${block.line} is not JSON`);
}

function checkLink(file, target) {
  const [path, anchor] = decodeURIComponent(target).split('#');
  const found = path === '' ? file : relative(root, resolve(root, dirname(file), path));
  if (found.startsWith('..') || !existsSync(join(root, found))) {
    problems.push(`${file} links to ${target}, which is not there`);
    return;
  }
  if (anchor === undefined || statSync(join(root, found)).isDirectory() || !found.endsWith('.md')) return;
  const slugs = headingsOf(readFileSync(join(root, found), 'utf8')).map((heading) => heading.slug);
  if (!slugs.includes(anchor)) problems.push(`${file} links to ${target}, but no such heading is there`);
}

function compareTranslations(first, second) {
  const levels = (file) => headingsOf(documents.get(file)).map((heading) => heading.level);
  const [ours, theirs] = [levels(first), levels(second)];
  if (ours.join() !== theirs.join()) {
    problems.push(`${first} has the headings ${ours.join(' ')}, ${second} has ${theirs.join(' ')}`);
  }
  const code = (file) => blocksOf(documents.get(file));
  const [left, right] = [code(first), code(second)];
  if (left.length !== right.length)
    problems.push(`${first} has ${left.length} blocks, ${second} has ${right.length}`);
  for (const [index, block] of left.entries()) {
    const other = right[index];
    if (other === undefined) break;
    if (block.code !== other.code || block.language !== other.language) {
      problems.push(`the block at ${first}:${block.line} differs from the one at ${second}:${other.line}`);
    }
  }
}

function typeCheck() {
  if (modules.size === 0) return;
  const { config } = ts.readConfigFile(join(repository, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, repository);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, directoryExists } = host;
  const folders = new Set([...modules.keys()].flatMap(parentsOf));
  host.readFile = (path) => modules.get(resolve(path))?.code ?? readFile.call(host, path);
  host.fileExists = (path) => modules.has(resolve(path)) || fileExists.call(host, path);
  host.directoryExists = (path) => folders.has(resolve(path)) || (directoryExists?.call(host, path) ?? true);
  const program = ts.createProgram([...modules.keys()], options, host);
  for (const [path, block] of modules) {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    for (const { messageText, start } of found) {
      const line = block.line + (source?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0);
      problems.push(`${block.file}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    }
  }
}

function parentsOf(path) {
  const parents = [];
  for (let folder = dirname(path); folder.length > repository.length; folder = dirname(folder))
    parents.push(folder);
  return parents;
}
