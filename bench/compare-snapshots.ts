/**
 * How long `segue diff-snapshots` takes, and how much memory, between two made-up trainings of the same people: B's
 * vectors are A's, turned and a little moved, and its rows stand in another order.
 *
 *   node build/bench/compare-snapshots.js --items 50000 --users 200000 --dim 64 [--root DIRECTORY] [--runs 3]
 *
 * Every run is a process of its own. Files are in the page cache; `--verify` makes each run hash them first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allocateFactors, factorBytes, paddedDim } from '#dist/core/compute/factors.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs } from '#dist/core/contracts.js';
import { npyHeader } from '#dist/core/files/npy.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { noTime, preferred, weightUnits } from '#dist/core/numeric/pairs.js';
import { writeModel } from '#dist/core/snapshot/writing/write-model.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { writeUsers } from '#dist/core/snapshot/writing/write-users.js';
import { caseFolding } from '#dist/core/store/casefold.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { vectorBatches, vectorFileChunks } from '#dist/core/compute/vector-file.js';
import { normalDraw, randomFractions } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '50000' },
    users: { type: 'string', default: '200000' },
    dim: { type: 'string', default: '64' },
    history: { type: 'string', default: '50' },
    root: { type: 'string' },
    runs: { type: 'string', default: '3' },
    verify: { type: 'boolean', default: false },
  },
});
const [numItems, numUsers, dim] = [Number(values.items), Number(values.users), Number(values.dim)];
const perUser = Number(values.history);
const numClusters = Math.ceil(numItems / 100);

/** Rows of B by row of A: near their old places, as where popularity changed a little. */
function reordered(): Uint32Array {
  const fraction = randomFractions(11);
  const keys = Float64Array.from({ length: numItems }, (_, row) => row * (0.8 + 0.4 * fraction()));
  const order = Uint32Array.from({ length: numItems }, (_, row) => row).sort(
    (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0),
  );
  const rowInB = new Uint32Array(numItems);
  order.forEach((row, place) => (rowInB[row] = place));
  return rowInB;
}

/** The product of 2 · dim reflections' planes: turns by 3-4-5 triangles, which need no sine. */
function turn(vector: Float32Array): void {
  for (let round = 1; round <= 2; round++) {
    for (let f = 0; f < dim; f++) {
      const other = (f * 7 + round * 3) % dim;
      if (other === f) continue;
      const [x, y] = [vector[f] ?? 0, vector[other] ?? 0];
      vector[f] = 0.6 * x - 0.8 * y;
      vector[other] = 0.8 * x + 0.6 * y;
    }
  }
}

async function write(root: string, side: 'a' | 'b', rowOf: (item: number) => number): Promise<string> {
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const isB = side === 'b';
  const fraction = randomFractions(1);
  const noise = randomFractions(2);
  const padded = paddedDim(dim);
  const workspace = openWorkspace(factorBytes(numItems, padded) + factorBytes(numUsers, padded));
  const items = allocateFactors(workspace, numItems, padded);
  const users = allocateFactors(workspace, numUsers, padded);
  const centres = Float32Array.from({ length: numClusters * dim }, () => normalDraw(fraction));
  const put = (address: number, centre: number): void => {
    const vector = workspace.f32(address, dim);
    for (let f = 0; f < dim; f++) vector[f] = (centres[centre * dim + f] ?? 0) + 0.7 * normalDraw(fraction);
    if (!isB) return;
    for (let f = 0; f < dim; f++) vector[f] = (vector[f] ?? 0) + 0.2 * normalDraw(noise);
    turn(vector);
  };
  for (let i = 0; i < numItems; i++) put(items.address + rowOf(i) * padded * 4, i % numClusters);
  for (let u = 0; u < numUsers; u++) put(users.address + u * padded * 4, u % numClusters);

  const indptr = Uint32Array.from({ length: numUsers + 1 }, (_, u) => u * perUser);
  const item = new Uint32Array(numUsers * perUser);
  for (let u = 0; u < numUsers; u++) {
    const chosen = new Set<number>();
    while (chosen.size < perUser) {
      const own = fraction() < 0.5;
      const any = Math.floor(numItems * fraction() * fraction());
      chosen.add(rowOf(own ? Math.min(numItems - 1, any - (any % numClusters) + (u % numClusters)) : any));
    }
    item.set(
      [...chosen].sort((a, b) => a - b),
      u * perUser,
    );
  }
  const nnz = item.length;
  const histories: Pairs = {
    ...{ numUsers, numItems, indptr, item },
    weight: new BigInt64Array(nnz).fill(weightUnits),
    count: new Uint32Array(nnz).fill(1),
    lastAt: new BigInt64Array(nnz).fill(noTime),
    flags: new Uint8Array(nnz).fill(preferred),
  };
  const names: string[] = [];
  for (let i = 0; i < numItems; i++) names[rowOf(i)] = `track-${String(i).padStart(8, '0')}`;
  const id = sha256Hex(JSON.stringify({ side, numItems, numUsers, dim, perUser })).slice(0, 16);
  const draft = beginSnapshot(root, { estimatedBytes: numItems * 1000 }, context);
  try {
    await writeModel(draft, {
      files: [
        ['itemVectors', vectorFileChunks(workspace, items.address, numItems, dim)],
        ['eigenvalues', [npyHeader('<f8', [dim]), new Uint8Array(new Float64Array(dim).fill(1).buffer)]],
      ],
      catalogue: {
        ids: packStrings(names),
        counts: Uint32Array.from({ length: numItems }, (_, i) => numItems - i),
        columns: [{ name: 'name', type: 'text', values: names.map((name) => name.toUpperCase()) }],
      },
    });
    const ids = packStrings(Array.from({ length: numUsers }, (_, u) => `listener-${String(u)}`));
    await writeUsers(draft, {
      vectors: vectorBatches(workspace, users.address, users.numRows, dim),
      dim,
      ids,
      histories,
    });
    const sha256 = sha256Hex(id);
    await draft.commit({
      ...{ id, basis: id, parent: null, index: null, metrics: {} },
      users: { rows: numUsers, unconverged: 0, options: {} },
      inputs: {
        interactions: {
          ...{
            sha256,
            events: nnz,
            users: numUsers,
            items: numItems,
            pairs: nnz,
            firstAt: null,
            lastAt: null,
          },
        },
        items: null,
      },
      model: {
        ...{ name: 'mixture', algorithmVersion: 1, engine: 'bench', seed: isB ? 2 : 1, options: {} },
        ...{ scorer: 'inner-product', fold: 'normal-equations', dim, caseFolding },
      },
    });
    return id;
  } finally {
    draft.abandon();
  }
}

const root = values.root ?? mkdtempSync(join(tmpdir(), 'compare-snapshots-'));
const segue = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const tellMemory =
  'data:text/javascript,process.on("exit", () => process.stderr.write("\\nMiB " + ' +
  'Math.round(process.resourceUsage().maxRSS / 1024)))';
const env = { ...process.env, SEGUE_ROOT: root };
try {
  const rowInB = reordered();
  const [a, b] = [
    await write(root, 'a', (item) => item),
    await write(root, 'b', (item) => rowInB[item] ?? 0),
  ];
  console.log(`SEGUE_ROOT=${root} segue diff-snapshots ${a} ${b}`);
  for (let run = 0; run < Number(values.runs); run++) {
    if (values.verify) rmSync(join(root, 'stamps'), { recursive: true, force: true });
    const started = performance.now();
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', tellMemory, segue, 'diff-snapshots', a, b, '--json'],
      { env, maxBuffer: 2 ** 28, encoding: 'utf8' },
    );
    const seconds = (performance.now() - started) / 1000;
    const { verdict, seconds: inside } = JSON.parse(stdout) as {
      verdict: { sentence: string };
      seconds: number;
    };
    const [, memory = '?'] = /MiB (\d+)/.exec(stderr) ?? [];
    console.log(
      `${seconds.toFixed(2)} s (${inside.toFixed(2)} s of it comparing), ${memory} MiB: ${verdict.sentence}`,
    );
  }
} finally {
  if (values.root === undefined && existsSync(root)) rmSync(root, { recursive: true, force: true });
}
