import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { violations } from './helpers/architecture-rules.js';
import type { Architecture } from './helpers/architecture-rules.js';
import { words } from './helpers/words.js';

const pairs = 'src/core/numeric/pairs.ts';
const belowTasks = words`report spark realtime retention publishing gates comparison evaluation query
  map models interchange checkpoints feedback ledger snapshot histories search expressions store
  events tables compute files numeric`;

/** Arrows point down only. docs/internals/architecture.md draws this table. */
const architecture: Architecture = {
  arrows: {
    commands: ['cli', 'cli/completion', 'cli/flags', 'cli/terminal', 'cli/views', 'tui', 'serve', 'tasks'],
    tui: ['cli/terminal', 'tasks'],
    web: ['cli/terminal', 'client', 'map'],
    cli: ['cli/flags', 'cli/terminal'],
    'cli/flags': ['cli/terminal', 'cli/views', 'models', 'options'],
    'cli/completion': ['tasks'],
    'cli/views': ['cli/terminal', 'comparison'],
    'cli/terminal': [],
    figures: [],
    client: [],
    'src/core/library.ts': ['library', 'options', 'serve', 'tasks', ...belowTasks],
    serve: words`library options tasks realtime publishing query map ledger snapshot numeric`,
    library: ['options', 'tasks', ...belowTasks],
    tasks: belowTasks,
    report: words`figures comparison map query snapshot search store tables files numeric`,
    spark: ['query', 'models', 'snapshot', 'search', 'events', 'compute', 'files', 'numeric'],
    realtime: words`publishing query models feedback ledger snapshot histories store events compute
      files numeric`,
    retention: ['publishing', 'snapshot', 'files'],
    publishing: ['gates', 'snapshot', 'files'],
    gates: ['comparison', 'query', 'models', 'snapshot', 'histories', 'store', 'files', 'numeric'],
    comparison: words`query snapshot histories search store tables compute files numeric`,
    evaluation: words`query models snapshot histories search events tables files numeric`,
    query: words`models interchange feedback ledger snapshot histories search expressions store tables
      compute files numeric`,
    map: ['models', 'snapshot', 'search', 'store', 'tables', 'compute', 'files', 'numeric'],
    models: ['search', 'compute', 'files', 'numeric'],
    interchange: ['events', 'tables', 'compute', 'files'],
    checkpoints: ['snapshot', 'files'],
    feedback: ['ledger', 'histories', 'store', 'tables', 'snapshot', 'files', 'numeric'],
    snapshot: ['histories', 'search', 'store', 'tables', 'compute', 'files', 'numeric'],
    histories: ['tables', 'files', 'numeric'],
    ledger: ['files', 'numeric'],
    search: ['compute', 'files', 'numeric'],
    events: ['expressions', 'tables', 'files', 'numeric'],
    expressions: ['store', 'numeric'],
    store: ['files'],
    tables: ['files'],
    compute: ['kernels', 'files', 'numeric'],
    files: [],
    numeric: [],
    options: [],
    kernels: [],
    'src/core/errors.ts': [],
    'src/core/contracts.ts': [],
    'src/core/shell-word.ts': [],
    'src/core/safe-text.ts': [],
    'src/core/edit-distance.ts': [],
    'src/core/number-text.ts': [],
    'src/core/closers.ts': [],
  },
  // A view draws what a task returns.
  typesOf: { 'cli/views': ['tasks', 'serve'] },
  maxFiles: 40,
  anyModuleMayImport: words`src/core/errors.ts src/core/shell-word.ts src/core/safe-text.ts
    src/core/edit-distance.ts src/core/number-text.ts src/core/closers.ts ${pairs} options`,
  typesOnly: ['src/core/contracts.ts'],
  packageModules: {
    '@duckdb/node-api': ['events'],
    'apache-arrow': ['tables', 'events'],
    'hyparquet-writer': ['tables'],
    'iconv-lite': ['events'],
    yauzl: ['events'],
    fzstd: ['events'],
    lmdb: ['store'],
    'fs-native-extensions': ['files'],
    'd3-scale': ['figures'],
    'd3-shape': ['figures'],
    ink: ['tui'],
    preact: ['figures', 'report', 'web'],
    'preact-render-to-string': ['report'],
    '@resvg/resvg-wasm': ['report'],
    react: ['tui'],
    '@oclif/core': ['commands', 'cli', 'cli/flags'],
    'cli-table3': ['cli/terminal'],
    'umap-js': ['map'],
    yaml: ['files'],
    fastify: ['serve'],
    '@fastify/swagger': ['serve'],
    'prom-client': ['serve'],
    pino: ['serve'],
  },
  noPackages: words`client numeric kernels src/core/errors.ts src/core/contracts.ts
    src/core/shell-word.ts src/core/safe-text.ts src/core/edit-distance.ts src/core/number-text.ts`,
  heavyPackages: words`@resvg/resvg-wasm @duckdb/node-api apache-arrow d3-scale d3-shape
    hyparquet-writer iconv-lite yauzl fzstd ink preact react umap-js yaml fastify @fastify/swagger prom-client pino`,
  maxLines: [
    ['src/commands/', 80],
    // Made of the service's routes by scripts/make-openapi.mjs.
    ['src/client/openapi.ts', 5000],
    ['src/', 520],
  ],
  emptyNames: ['utils', 'util', 'helpers', 'helper', 'common', 'types', 'misc', 'shared'],
};

const trees = new Map<string, Map<string, string>>();
function readTree(folder: string): Map<string, string> {
  const known = trees.get(folder);
  if (known !== undefined) return known;
  const root = fileURLToPath(new URL(`../${folder}/`, import.meta.url));
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.tsx?$/.test(path),
  );
  const tree = new Map(paths.sort().map((path) => [`${folder}/${path}`, readFileSync(root + path, 'utf8')]));
  trees.set(folder, tree);
  return tree;
}

describe('the tree of src/', () => {
  it('names no file in its comments that is not there', () => {
    const tree = readTree('src');
    // Written by the build.
    const paths = [...tree.keys(), ...readTree('bench').keys(), 'src/core/compute/kernel-exports.ts'].map(
      (path) => `/${path}`,
    );
    const gone = [...tree].flatMap(([path, text]) =>
      [...text.matchAll(/^\s*(?:\/\*\*|\*|\/\/).*$/gm)].flatMap(([comment]) =>
        [...comment.matchAll(/(?<![\w/.-])[a-z0-9-]+(?:\/[a-z0-9-]+)+\.tsx?\b/g)].flatMap(([named]) =>
          paths.some((each) => each.endsWith(`/${named}`)) || named.startsWith('test/')
            ? []
            : [`${path}: ${named}`],
        ),
      ),
    );
    expect(gone).toEqual([]);
  });

  it('keeps to the table', () => {
    const tree = readTree('src');
    expect(tree.size).toBeGreaterThan(2);
    expect(violations(tree, architecture)).toEqual([]);
  });
});

it('docs/internals/architecture.md draws the same table', () => {
  const text = readFileSync(new URL('../docs/internals/architecture.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `(?:core\/)?([\w./]+)` +\|[^|]+\| (.+?) +\|$/gm)];
  const drawn = rows.map(([, module, arrows]): [string, string[]] => {
    const known = module!.endsWith('.ts') ? `src/core/${module!}` : module!;
    const all = arrows === 'all of the core' ? (architecture.arrows[known] ?? []) : [];
    return [known, [...all, ...[...arrows!.matchAll(/`([\w/]+)`/g)].map(([, to]) => to!)]];
  });
  const {
    'src/core/errors.ts': errors,
    'src/core/contracts.ts': contracts,
    'src/core/shell-word.ts': shellWord,
    'src/core/safe-text.ts': safeText,
    'src/core/edit-distance.ts': editDistance,
    'src/core/number-text.ts': numberText,
    'src/core/closers.ts': closers,
    ...modules
  } = architecture.arrows;
  expect(Object.fromEntries(drawn)).toEqual(modules);
  expect([errors, contracts, shellWord, safeText, editDistance, numberText, closers].flat()).toEqual([]);
});

/** A small tree that keeps every rule; each test below breaks one. */
const sound = {
  'src/core/errors.ts': 'export class AppError extends Error {}\n',
  'src/core/contracts.ts': 'export interface Pairs {}\n',
  'src/core/numeric/pairs.ts': 'export const noTime = 0;\n',
  'src/core/files/npy.ts': "import { openSync } from 'node:fs';\nimport { AppError } from '../errors.js';\n",
  'src/core/store/catalogue.ts': "import { open } from 'lmdb';\nimport '../files/npy.js';\n",
  'src/core/tables/arrow-file.ts': "import { tableToIPC } from 'apache-arrow';\nimport '../files/npy.js';\n",
  'src/core/snapshot/layout.ts':
    "import '../store/catalogue.js';\nimport type { Pairs } from '../contracts.js';\n",
  'src/core/tasks/similar.ts': "import '../snapshot/layout.js';\nawait import('../tables/arrow-file.js');\n",
  'src/commands/similar.ts': "import { Command } from '@oclif/core';\nimport '../core/tasks/similar.js';\n",
  'src/tui/screen.tsx': "import { render } from 'ink';\nimport type { Pairs } from '../core/contracts.js';\n",
};

const broken = (files: Record<string, string>): string[] =>
  violations(new Map(Object.entries({ ...sound, ...files })), architecture);

describe('the rules', () => {
  it('find nothing in a sound tree', () => expect(broken({})).toEqual([]));

  it.each([
    ['a static import', "import '../snapshot/layout.js';"],
    ['an import of names', "import { x } from '../snapshot/layout.js';"],
    ['a type-only import', "import type { x } from '../snapshot/layout.js';"],
    ['a re-export', "export * from '../snapshot/layout.js';"],
    ['a dynamic import', "const f = () => import('../snapshot/layout.js');"],
    ['an imported type', "let x: import('../snapshot/layout.js').X;"],
    ['a worker', "new URL('../snapshot/layout.js', import.meta.url);"],
  ])('find %s that points up', (_, text) => {
    expect(broken({ 'src/core/tables/table.ts': text })).toEqual([
      'src/core/tables/table.ts imports src/core/snapshot/layout.ts, but tables may import only: files',
    ]);
  });

  it('find a module that the table does not know', () => {
    expect(broken({ 'src/core/attic/box.ts': '' })).toEqual([
      'src/core/attic/box.ts is in no module of the table',
    ]);
    expect(broken({ 'src/core/box.ts': '' })).toEqual(['src/core/box.ts is in no module of the table']);
    expect(broken({ 'src/box.ts': '' })).toEqual(['src/box.ts is in no module of the table']);
  });

  it('let every module use errors, the constants of pairs, and the types of contracts', () => {
    const text =
      "import '../errors.js';\nimport '../numeric/pairs.js';\nimport { type Pairs } from '../contracts.js';";
    expect(broken({ 'src/core/files/wide.ts': text })).toEqual([]);
  });

  it('find an import of contracts that survives compilation', () => {
    expect(broken({ 'src/core/files/wide.ts': "import { Pairs } from '../contracts.js';" })).toEqual([
      'src/core/files/wide.ts imports more than types of src/core/contracts.ts',
    ]);
  });

  it('find another file of numeric where only pairs is allowed', () => {
    expect(
      broken({ 'src/core/numeric/csr.ts': '', 'src/core/files/x.ts': "import '../numeric/csr.js';" }),
    ).toEqual(['src/core/files/x.ts imports src/core/numeric/csr.ts, but files may import only: nothing']);
  });

  it('find a cycle, of types too', () => {
    const files = {
      'src/core/files/a.ts': "import './b.js';",
      'src/core/files/b.ts': "import type { C } from './c.js';",
      'src/core/files/c.ts': "import './a.js';",
    };
    expect(broken(files)).toEqual([
      'cycle: src/core/files/a.ts → src/core/files/b.ts → src/core/files/c.ts → src/core/files/a.ts',
    ]);
  });

  it('find a heavy package that starting a command would load, and say by which way', () => {
    const task = "import '../snapshot/layout.js';\nimport '../tables/arrow-file.js';\n";
    expect(broken({ 'src/core/tasks/similar.ts': task })).toEqual([
      'starting src/commands/similar.ts loads apache-arrow: ' +
        'src/commands/similar.ts → src/core/tasks/similar.ts → src/core/tables/arrow-file.ts → apache-arrow',
    ]);
    expect(broken({ 'src/commands/similar.ts': "import '../tui/screen.js';" })).toEqual([
      'starting src/commands/similar.ts loads ink: src/commands/similar.ts → src/tui/screen.tsx → ink',
    ]);
  });

  it('find a package outside its module', () => {
    expect(broken({ 'src/core/histories/history.ts': "import { open } from 'lmdb';" })).toEqual([
      'src/core/histories/history.ts imports lmdb, which only store may',
    ]);
    expect(broken({ 'src/core/tasks/similar.ts': "await import('apache-arrow/x.js');" })).toEqual([
      'src/core/tasks/similar.ts imports apache-arrow, which only tables, events may',
    ]);
  });

  it('find any package in the pure modules', () => {
    expect(broken({ 'src/core/numeric/random.ts': "import { randomBytes } from 'node:crypto';" })).toEqual([
      'src/core/numeric/random.ts imports node:crypto, but numeric imports no packages',
    ]);
  });

  it('find files that are too long', () => {
    expect(broken({ 'src/commands/similar.ts': '\n'.repeat(81) })).toEqual([
      'src/commands/similar.ts has 81 lines; at most 80 are wanted',
    ]);
    expect(broken({ 'src/core/files/long.ts': '\n'.repeat(521) })).toEqual([
      'src/core/files/long.ts has 521 lines; at most 520 are wanted',
    ]);
    expect(broken({ 'src/commands/similar.ts': '\n'.repeat(80) })).toEqual([]);
  });

  it('find names that say nothing', () => {
    expect(broken({ 'src/core/files/utils.ts': '' })).toEqual([
      'src/core/files/utils.ts: "utils" does not say what is inside',
    ]);
  });

  it('find a folder that holds too many files', () => {
    const files = Object.fromEntries(Array.from({ length: 41 }, (_, at) => [`src/core/files/f${at}.ts`, '']));
    expect(broken(files)).toEqual(['src/core/files holds 42 files; at most 40 are wanted']);
  });

  it('refuse imports that cannot be followed', () => {
    expect(() => broken({ 'src/core/files/x.ts': 'const f = (path: string) => import(path);' })).toThrow(
      'no literal',
    );
    expect(() => broken({ 'src/core/files/x.ts': "import './gone.js';" })).toThrow('no file of the tree');
  });
});
