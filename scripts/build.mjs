// `npm run build`: all of dist/, each step only where what it reads changed since; and `npm run typecheck`, which looks at all code too.
//
// The compiler is TypeScript 7, which takes a third of the processor time of 6; ESLint and other tools need the JavaScript API of 6.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const compiler = 'node_modules/typescript-native/bin/tsc';
const expressions = 'src/core/expressions/expression.peggy';
const grammar = 'dist/core/expressions/expression-grammar.js';

/** Runs a program of Node; what it prints is printed where it fails, and the build ends. */
async function node(...args) {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    process.stdout.write(stdout + stderr);
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? error.message}`);
    console.error(`the build failed: node ${args.join(' ')}`);
    process.exit(1);
  }
}

/** The times, in ms, at which a file, or all that is below a folder, was changed; a folder's own too, from which a file may have gone. */
async function timesOf(path) {
  const { mtimeMs } = await stat(path);
  let entries;
  try {
    entries = await readdir(path, { recursive: true, withFileTypes: true });
  } catch {
    return [mtimeMs];
  }
  const below = entries.map((entry) => stat(join(entry.parentPath, entry.name)).then((each) => each.mtimeMs));
  return [mtimeMs, ...(await Promise.all(below))];
}

/** Runs a script unless `output`, which it writes last, is newer than itself, the packages, and all that it reads. */
async function step(script, reads, output, ...args) {
  const inputs = [...reads, script, 'package-lock.json', 'package.json'].filter((path) => existsSync(path));
  if (existsSync(output)) {
    const newest = Math.max(...(await Promise.all(inputs.map(timesOf))).flat());
    if ((await stat(output)).mtimeMs > newest) return;
  }
  await node(script, ...args);
}

/** What was compiled from a file that is no longer there would be found by oclif, and packed. */
async function removeLeftovers() {
  const compiled = /\.(js|d\.ts)(\.map)?$/;
  for (const folder of ['cli', 'client', 'commands', 'core', 'tui']) {
    const names = await readdir(`dist/${folder}`, { recursive: true }).catch(() => []);
    for (const name of names.filter((each) => compiled.test(each))) {
      const path = `${folder}/${name}`;
      const source = `src/${path.replace(compiled, '')}`;
      if (`dist/${path}` !== grammar && !existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`))
        await rm(`dist/${path}`);
    }
  }
}

// It writes types of the kernels, which are compiled then.
// (Those are kept in Git, whose writing says nothing of what was compiled.)
await step('scripts/build-kernels.mjs', ['src/core/kernels'], 'dist/core/kernels/kernels.wasm');
await removeLeftovers();
await Promise.all([
  node(compiler, '-b'),
  step('scripts/build-web.mjs', ['src'], 'dist/web/index.html'),
  step(
    'node_modules/peggy/bin/peggy.js',
    [expressions],
    grammar,
    '--format',
    'es',
    '--allowed-start-rules',
    'Predicate,Value',
    '--output',
    grammar,
    expressions,
  ),
]);
await Promise.all([
  step('scripts/build-spark.mjs', ['src/spark', 'dist/core'], 'dist/spark/worker/package.json'),
  step(
    'scripts/write-oclif-manifest.mjs',
    ['dist/cli', 'dist/commands', 'dist/core', 'package.json', 'docs/reference/commands.md'],
    'oclif.manifest.json',
  ),
]);
if (process.argv.includes('--types'))
  for (const project of ['src/web', 'test', 'test/web', 'bench']) await node(compiler, '-p', project);
