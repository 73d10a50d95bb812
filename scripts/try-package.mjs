// Packs segue as npm publishes it, installs that in an empty folder, and runs there what README.md says of npx. It asks the
// registry for the dependencies: part of .ci/run, not of the tests.
//
//   node scripts/try-package.mjs 20 22
//
// Before that, every Node that is named must take the package and all that it depends on without a warning (engine-strict), and
// the repository's own packages.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installNode } from './install-node.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'segue-try-'));

/** @returns what it prints */
function run(program, args, cwd = folder) {
  const env = { ...process.env, SEGUE_ROOT: undefined };
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Throws where a Node would warn of a package that does not say it runs with it. Installs nothing. */
async function expectNoWarning(major, tarball) {
  const node = process.versions.node.startsWith(`${major}.`) ? process.execPath : await installNode(major);
  if (node === undefined) return;
  const npm = realpathSync(run('sh', ['-c', 'command -v npm']).trim());
  const strictly = [
    '--dry-run',
    '--ignore-scripts',
    '--engine-strict',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
  ];
  for (const [folderOf, args] of [
    [folder, ['install', tarball]],
    [repository, ['ci']],
  ])
    run(node, [npm, ...args, ...strictly], folderOf);
  console.log(`node ${major}: takes every package`);
}

function expectText(text, wanted) {
  if (!text.includes(wanted)) throw new Error(`wanted ${wanted}, got:\n${text}`);
}

try {
  const [{ filename, size }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], repository),
  );
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  for (const major of process.argv.slice(2)) await expectNoWarning(major, join(folder, filename));
  // Nothing is built or fetched by a script: segue works without them.
  run('npm', ['install', '--ignore-scripts', ...quiet, join(folder, filename)]);
  cpSync(join(folder, 'node_modules/@segue-music/segue/examples'), join(folder, 'examples'), {
    recursive: true,
  });
  const segue = (...args) => run('npx', ['--no-install', 'segue', ...args]);
  segue('train', 'examples/classic-rock/plays.csv.gz', '--items', 'examples/classic-rock/items.csv');
  segue('build-index');
  segue('publish');
  expectText(segue('similar', 'Plush'), 'Stone Temple Pilots');
  expectText(segue('recommend', 'KGLK/2014-06-16'), '1');
  expectText(segue('export', '--out', 'items.parquet'), 'items.parquet');
  const client =
    "import { SegueClient } from '@segue-music/segue/client'; console.log(typeof new SegueClient().similar);";
  expectText(run('node', ['--input-type=module', '--eval', client]), 'function');
  const installed = run('du', ['-sm', 'node_modules']).split('\t')[0];
  console.log(`the package runs from an empty folder: ${size} bytes packed, ${installed} MB installed`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
