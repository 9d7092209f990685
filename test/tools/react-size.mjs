// How much the hooks for React add to a page that has React and the client already, minified and gzipped.
//
//   node test/tools/react-size.mjs

import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const LIMIT = 1024;
const entry = fileURLToPath(new URL('../../lib/react/index.ts', import.meta.url));

const { outputFiles, metafile } = await build({
  entryPoints: [entry],
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'esm',
  target: 'es2022',
  external: ['react'],
});
const foreign = Object.keys(metafile.inputs).filter((file) => !file.includes('lib/react/'));
const [{ contents }] = outputFiles;
const size = gzipSync(contents, { level: 9 }).length;
console.log(`react: ${contents.length} bytes minified, ${size} gzipped, at most ${LIMIT}`);
if (foreign.length > 0) console.error(`  not only hooks: ${foreign.join(', ')}`);
if (size > LIMIT || foreign.length > 0) process.exitCode = 1;
