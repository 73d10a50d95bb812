/**
 * A snapshot of many users without a training, and what every command takes on it: vectors, histories and ids are drawn at
 * random and written by the project's writers, a piece at a time.
 *
 *   node --max-old-space-size=4096 build/bench/large-snapshot.js --root DIR --users 30000000 --items 2000000 --pairs 100000000
 *
 * needs the snapshot's bytes on the disk (12 GB of this one) and 6 GB of memory. Users are called u0, u1, …, items item-0, …
 */
import { parseArgs } from 'node:util';
import type { Pairs, StringColumn, TaskContext } from '#dist/core/contracts.js';
import { npyHeader } from '#dist/core/files/npy.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { arrayLimits, noTime, preferred, type ArrayLimits } from '#dist/core/numeric/pairs.js';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { trainingId } from '#dist/core/snapshot/snapshot-id.js';
import { cutIntoShards } from '#dist/core/snapshot/writing/cut-into-shards.js';
import { scatterRows } from '#dist/core/snapshot/writing/scatter-rows.js';
import { writeModel } from '#dist/core/snapshot/writing/write-model.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { writeUsers } from '#dist/core/snapshot/writing/write-users.js';
import { caseFolding } from '#dist/core/store/casefold.js';
import { StringColumnBuilder } from '#dist/core/tables/string-column.js';
import { alsOptions } from './generate-vectors.js';
import { segue } from './run-segue.js';
import { randomFractions } from './seeded-random.js';

interface Shape {
  readonly users: number;
  readonly items: number;
  readonly pairs: number;
  readonly dim: number;
}

function names(prefix: string, count: number): StringColumn {
  const ids = new StringColumnBuilder(`ids of ${prefix}`, count, count * (prefix.length + 8));
  for (let row = 0; row < count; row++) ids.push(`${prefix}${row}`);
  return ids.finish();
}

/** A file of uniform numbers in [−½, ½). Each piece is overwritten by the next. */
function* randomVectors(rows: number, dim: number, seed: number): Generator<Uint8Array> {
  yield npyHeader('<f4', [rows, dim]);
  const fraction = randomFractions(seed);
  const rowsAtOnce = 4096;
  const piece = new Float32Array(rowsAtOnce * dim);
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const floats = Math.min(rowsAtOnce, rows - from) * dim;
    for (let f = 0; f < floats; f++) piece[f] = fraction() - 0.5;
    yield new Uint8Array(piece.buffer, 0, 4 * floats);
  }
}

/** Every user has as many pairs as another, but for one; their items are some steps apart. */
function randomHistories({ users, items, pairs }: Shape): Pairs {
  const fraction = randomFractions(2);
  const indptr = new Uint32Array(users + 1);
  const item = new Uint32Array(pairs);
  for (let u = 0; u < users; u++) {
    const first = Math.ceil((u * pairs) / users);
    const end = Math.ceil(((u + 1) * pairs) / users);
    const step = Math.floor(items / (end - first));
    for (let p = first; p < end; p++) item[p] = (p - first) * step + Math.floor(fraction() * step);
    indptr[u + 1] = end;
  }
  return {
    ...{ numUsers: users, numItems: items, indptr, item },
    weight: new BigInt64Array(pairs).fill(1_000_000_000n),
    count: new Uint32Array(pairs).fill(1),
    lastAt: new BigInt64Array(pairs).fill(noTime),
    flags: new Uint8Array(pairs).fill(preferred),
  };
}

async function writeLarge(root: string, shape: Shape, limits: ArrayLimits): Promise<string> {
  const { users, items, pairs, dim } = shape;
  const context: TaskContext = { signal: new AbortController().signal, onProgress: () => undefined };
  const options = { ...alsOptions, ...shape };
  const interactionsSha256 = sha256Hex(JSON.stringify(shape));
  const model = { name: 'als', algorithmVersion: 1, engine: 'bench', seed: 1, options };
  const { name, ...identity } = model;
  const id = trainingId({ interactionsSha256, itemsSha256: null, model: name, ...identity });
  const draft = beginSnapshot(root, { estimatedBytes: users * (4 * dim + 60) + 25 * pairs }, context);
  try {
    const eigenvalues = new Float64Array(dim).fill(items / 12);
    await writeModel(draft, {
      files: [
        ['itemVectors', randomVectors(items, dim, 1)],
        ['eigenvalues', [npyHeader('<f8', [dim]), new Uint8Array(eigenvalues.buffer)]],
      ],
      catalogue: {
        ids: names('item-', items),
        counts: new Uint32Array(items).fill(Math.round(pairs / items)),
        columns: [],
      },
    });
    const ids = names('u', users);
    const histories = randomHistories(shape);
    const shards = cutIntoShards(ids, histories, limits, 1);
    const [name, chunks] = [snapshotFile.userVectors, randomVectors(users, dim, 3)];
    if (shards === undefined) draft.write(name, chunks);
    else await scatterRows(draft, { name, dtype: '<f4', rowShape: [dim], chunks }, shards);
    await writeUsers(draft, { vectors: undefined, dim, ids, histories }, limits);
    const counted = { sha256: interactionsSha256, events: pairs, users, items, pairs };
    const { path } = await draft.commit({
      ...{ id, basis: id, parent: null, index: null, metrics: {} },
      users: { rows: users, unconverged: 0, options: {} },
      inputs: { interactions: { ...counted, firstAt: null, lastAt: null }, items: null },
      model: { ...model, scorer: 'inner-product', fold: 'normal-equations', dim, caseFolding },
    });
    return path;
  } finally {
    draft.abandon();
  }
}

const { values } = parseArgs({
  options: {
    root: { type: 'string' },
    users: { type: 'string', default: '30000' },
    items: { type: 'string', default: '2000' },
    pairs: { type: 'string', default: '100000' },
    dim: { type: 'string', default: '64' },
    /** Of a part of users/: with less than there are, they are written in shards. */
    'most-pairs': { type: 'string', default: String(arrayLimits.pairs) },
    'no-write': { type: 'boolean', default: false },
  },
});
const { root } = values;
if (root === undefined) throw new Error('--root DIR is missing');
const shape = {
  users: Number(values.users),
  items: Number(values.items),
  pairs: Number(values.pairs),
  dim: Number(values.dim),
};
const say = (text: string): void => void process.stdout.write(`${text}\n`);

if (!values['no-write']) {
  const started = performance.now();
  const path = await writeLarge(root, shape, { ...arrayLimits, pairs: Number(values['most-pairs']) });
  const peak = process.resourceUsage().maxRSS / 2 ** 20;
  say(
    `written to ${path} in ${((performance.now() - started) / 1000).toFixed(1)} s, peak ${peak.toFixed(2)} GiB`,
  );
}
const someone = `u${shape.users - 2}`;
const something = `item-${shape.items - 2}`;
for (const args of [
  ['snapshots', 'verify'],
  ['publish', 'latest'],
  ['recommend', someone],
  ['user-vector', someone],
  ['similar', something],
  ['users', someone],
  ['users', 'show', someone],
  ['audience', something],
  ['snapshots', 'show'],
  ['gc'],
]) {
  try {
    const { seconds, peakBytes } = await segue([...args, '--root', root]);
    say(`segue ${args.join(' ')}: ${seconds.toFixed(2)} s, peak ${(peakBytes / 2 ** 30).toFixed(2)} GiB`);
  } catch (error) {
    say(`segue ${args.join(' ')}: ${String(error)}`);
  }
}
