import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Tests read the sources by the names users import; the built files are checked by the `package` project. */
const alias = [
  { find: /^@hauyna\/nestjs$/, replacement: here('./lib/index.ts') },
  {
    find: /^@hauyna\/nestjs\/(client|client\/compat|contract|react|testing)$/,
    replacement: here('./lib/$1/index.ts'),
  },
];

type TestOptions = NonNullable<TestProjectInlineConfiguration['test']>;

function project(name: string, options: TestOptions): TestProjectInlineConfiguration {
  return {
    resolve: { alias },
    test: { name, environment: 'node', globals: false, pool: 'forks', ...options },
  };
}

export default defineConfig({
  test: {
    projects: [
      project('unit', { include: ['test/unit/**/*.spec.ts'], testTimeout: 5_000 }),
      project('contract', { include: ['test/contract/**/*.spec.ts'], testTimeout: 10_000 }),
      project('e2e', {
        include: ['test/e2e/**/*.e2e-spec.ts'],
        testTimeout: 10_000,
        hookTimeout: 20_000,
      }),
      project('browser', {
        include: ['test/browser/**/*.browser-spec.ts'],
        // Without a browser these tests fail and say what to install; they are never left out in silence.
        setupFiles: [here('./test/tools/chromium.setup.ts')],
        testTimeout: 60_000,
        hookTimeout: 60_000,
        fileParallelism: false,
      }),
      project('types', {
        include: [],
        typecheck: {
          enabled: true,
          only: true,
          include: ['test/types/**/*.test-d.ts'],
          tsconfig: here('./tsconfig.json'),
        },
      }),
      project('docs', { include: ['test/docs/**/*.spec.ts'], testTimeout: 120_000, hookTimeout: 120_000 }),
      project('package', {
        include: ['test/package/**/*.package-spec.ts'],
        globalSetup: ['test/package/pack.setup.ts'],
        testTimeout: 180_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
    ],
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['lib/**/*.ts'],
      exclude: ['lib/**/index.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: 'coverage',
      thresholds: { lines: 95 },
    },
  },
});
