'use strict';

/**
 * Who may import whom, as data. One row a folder of lib/: the folders it may import (besides itself), the packages,
 * and whether it may use Node's own modules. A folder without a row is an error. When a new edge is right, add it to
 * a row here; the rules below are made from the rows.
 */
const NEST = '@nestjs/common';
const layers = {
  protocol: { folders: [], packages: [] },
  contract: { folders: ['protocol'], packages: [] },
  client: { folders: ['protocol', 'contract'], packages: [] },
  react: { folders: ['protocol', 'client'], packages: ['react'] },
  errors: { folders: ['protocol'], packages: [] },
  options: { folders: ['protocol', 'errors'], packages: [NEST], node: true },
  events: { folders: ['protocol'], packages: [NEST] },
  connection: { folders: ['protocol', 'errors', 'options', 'events'], packages: [NEST] },
  broker: { folders: ['protocol', 'errors', 'options'], packages: [NEST] },
  delivery: { folders: ['protocol', 'errors', 'options', 'connection', 'broker'], packages: [NEST] },
  channels: {
    folders: ['protocol', 'contract', 'errors', 'options', 'events', 'connection', 'broker', 'delivery'],
    packages: [NEST],
  },
  groups: {
    folders: ['protocol', 'errors', 'options', 'events', 'connection', 'broker', 'delivery'],
    packages: [NEST],
  },
  presence: {
    folders: ['protocol', 'errors', 'options', 'events', 'connection', 'broker', 'delivery'],
    packages: [NEST],
  },
  dto: { folders: ['protocol', 'errors'], packages: [NEST, 'class-validator', 'class-transformer'] },
  gateway: {
    folders: ['protocol', 'errors', 'options', 'connection', 'dto'],
    packages: [NEST, '@nestjs/core', '@nestjs/websockets', 'rxjs'],
  },
  router: {
    folders: [
      'protocol',
      'errors',
      'options',
      'events',
      'connection',
      'broker',
      'delivery',
      'channels',
      'groups',
      'presence',
      'dto',
      'gateway',
    ],
    packages: [NEST, '@nestjs/core', 'rxjs'],
  },
  adapter: {
    folders: ['protocol', 'errors', 'options', 'events', 'connection', 'gateway', 'router'],
    packages: [
      NEST,
      '@nestjs/core',
      '@nestjs/websockets',
      '@nestjs/platform-ws',
      'ws',
      'path-to-regexp',
      'rxjs',
    ],
    node: true,
  },
  redis: { folders: ['protocol', 'errors', 'broker'], packages: [NEST] },
  testing: {
    folders: ['client', 'protocol', 'errors', 'connection', 'broker'],
    root: ['index.ts'],
    packages: [NEST, '@nestjs/core', '@nestjs/testing', '@nestjs/platform-fastify', 'ws'],
    node: true,
  },
};

/** The composition root: each of its files is imported by the one before it, and by nobody else. */
const root = ['index.ts', 'hauyna.module.ts', 'hauyna-core.module.ts', 'hauyna.providers.ts'];
const rootPackages = [NEST, '@nestjs/core'];
/** Entry points of their own, which the server never loads. */
const separate = ['client', 'contract', 'react', 'redis', 'testing'];

/** The entry points: the ones above, and what package.json publishes. */
const { exports: published } = require('./package.json');
const entries = [
  ...new Set([
    ...separate.map((folder) => `lib/${folder}/index.ts`),
    ...Object.values(published)
      .filter((target) => typeof target === 'object')
      .map((target) => target.default.replace(/^\.\/dist\//, 'lib/').replace(/\.js$/, '.ts')),
  ]),
];

const escape = (text) => text.replaceAll('.', '\\.');
const oneOf = (names) => `(${names.map(escape).join('|')})`;
const installed = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];
const packagePaths = (packages) => (packages.length > 0 ? `(^|/)node_modules/${oneOf(packages)}/` : '^$');

const error = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const rowRules = Object.entries(layers).flatMap(([folder, row]) => {
  const from = { path: `^lib/${folder}/` };
  const allowed = [
    `^lib/${oneOf([folder, ...row.folders])}/`,
    ...(row.root ? [`^lib/${oneOf(row.root)}$`] : []),
  ];
  return [
    error(
      `folders-of-${folder}`,
      `${folder}/ may import ${row.folders.join(', ') || 'no other folder'}.`,
      from,
      {
        path: '^lib/',
        pathNot: allowed,
      },
    ),
    error(
      `packages-of-${folder}`,
      `${folder}/ may import ${row.packages.join(', ') || 'no package'}.`,
      from,
      {
        dependencyTypes: installed,
        pathNot: packagePaths(row.packages),
      },
    ),
    ...(row.node
      ? []
      : [
          error(`no-node-in-${folder}`, `${folder}/ does without Node's modules.`, from, {
            dependencyTypes: ['core'],
          }),
        ]),
  ];
});

const rootRules = root.map((file, at) =>
  error(
    `root-${file}`,
    'Only the composition root and an entry point import the composition root.',
    {
      path: '^lib/',
      pathNot: [
        ...(at > 0 ? [`^lib/${escape(root[at - 1])}$`] : []),
        ...Object.entries(layers)
          .filter(([, row]) => row.root?.includes(file))
          .map(([folder]) => `^lib/${folder}/`),
      ],
    },
    { path: `^lib/${escape(file)}$` },
  ),
);

const rules = [
  ...rowRules,
  ...rootRules,
  error(
    'folder-without-row',
    'Every folder of lib/ has its row in depcruise.config.cjs.',
    {
      path: '^lib/[^/]+/',
      pathNot: `^lib/${oneOf(Object.keys(layers))}/`,
    },
    {},
  ),
  error(
    'root-is-the-server',
    'The server never loads the client, Redis or the testing tools.',
    {
      path: `^lib/${oneOf(root)}$`,
    },
    { path: `^lib/${oneOf(separate)}/` },
  ),
  error(
    'packages-of-root',
    `The composition root may import ${rootPackages.join(', ')}.`,
    { path: '^lib/[^/]+$' },
    {
      dependencyTypes: installed,
      pathNot: packagePaths(rootPackages),
    },
  ),
  error(
    'root-has-four-files',
    'New code lives in a folder.',
    { path: '^lib/[^/]+$', pathNot: `^lib/${oneOf(root)}$` },
    {},
  ),
  error('no-cycles', 'A cycle passes in the tests and crashes in plain Node.', {}, { circular: true }),
  error(
    'no-deep-nest',
    'Deep paths of Nest are not its public API.',
    { path: '^(lib|sample)/' },
    {
      path: '(^|/)node_modules/@nestjs/[^/]+/(?!index\\.(js|d\\.ts)$)',
    },
  ),
  error(
    'no-undeclared-package',
    'What lib/ imports is a dependency or a peer dependency.',
    { path: '^lib/' },
    {
      dependencyTypes: installed,
      dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
    },
  ),
  error(
    'lib-stands-alone',
    'lib/ imports neither tests nor samples nor its own build.',
    { path: '^lib/' },
    {
      path: '^(test|sample|dist)/',
    },
  ),
  error(
    'samples-use-the-package',
    'A sample imports @hauyna/nestjs, as a user does.',
    { path: '^sample/' },
    {
      path: '^(lib|test)/',
      dependencyTypesNot: ['aliased-tsconfig-paths'],
    },
  ),
  error(
    'resolvable',
    'Every import leads somewhere (a page imports from its own server).',
    { pathNot: '^sample/[^/]+/public/' },
    { couldNotResolve: true },
  ),
  error(
    'no-dead-module',
    'Every module of lib/ is reached from an entry point.',
    {
      path: `^${oneOf(entries)}$`,
    },
    { path: '^lib/.+\\.ts$', pathNot: `^${oneOf(entries)}$`, reachable: false },
  ),
];

module.exports = {
  forbidden: rules,
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: ['(^|/)\\.build/', '^coverage/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
Object.defineProperty(module.exports, 'tables', {
  value: { layers, root, separate, entries },
  enumerable: false,
});
