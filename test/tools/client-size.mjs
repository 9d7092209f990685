/**
 * Bytes a page loads for the client: minified, then compressed as `gzip -9` does it. Fails when the core is over budget.
 *
 *     node test/tools/client-size.mjs
 */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const CORE_BUDGET = 6000;
const ENTRIES = {
  core: "export { createClient } from './client.js'",
  compat: "export { WebSocketClient } from './compat/index.js'",
  whole: "export * from './index.js'",
};

let failed = false;
for (const [name, contents] of Object.entries(ENTRIES)) {
  const resolveDir = fileURLToPath(new URL('../../lib/client', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  const { contents: code } = outputFiles[0];
  const bytes = gzipSync(code, { level: 9 }).length;
  const over = name === 'core' && bytes > CORE_BUDGET;
  failed ||= over;
  const budget = name === 'core' ? ` of ${CORE_BUDGET}` : '';
  console.log(
    `${name.padEnd(7)} ${bytes}${budget} bytes (${code.length} before gzip)${over ? '  ← over budget' : ''}`,
  );
}
process.exitCode = failed ? 1 : 0;
