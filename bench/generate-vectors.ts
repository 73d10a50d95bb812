/**
 * Synthetic item vectors at any size, seeded: a Gaussian mixture, as a .npy file or as a snapshot with a catalogue:
 *
 *   node build/bench/generate-vectors.js --items 1000000 --dim 64 --out vectors.npy
 *   node build/bench/generate-vectors.js --items 1000000 --dim 64 --root .segue-bench
 *
 * Centres are N(0, 1) in every dimension; an item is its centre plus N(0, spread²). Items are called item-0, item-1, …
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allocateFactors, factorBytes, paddedDim } from '#dist/core/compute/factors.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { ItemColumn, Pairs, TaskContext } from '#dist/core/contracts.js';
import { npyHeader } from '#dist/core/files/npy.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { noTime, preferred } from '#dist/core/numeric/pairs.js';
import { trainingId } from '#dist/core/snapshot/snapshot-id.js';
import { writeUsers } from '#dist/core/snapshot/writing/write-users.js';
import { writeModel } from '#dist/core/snapshot/writing/write-model.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { caseFolding } from '#dist/core/store/casefold.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { vectorBatches, vectorFileChunks } from '#dist/core/compute/vector-file.js';
import { normalDraw, randomFractions } from './seeded-random.js';

export interface MixtureShape {
  readonly items: number;
  readonly dim: number;
  readonly clusters: number;
  /** Deviation of an item from its centre, in each dimension. */
  readonly spread: number;
  readonly seed: number;
  /** Items' lengths are multiplied by exp(normScale · N(0, 1)), the longest first, as popular items are; 0 by default. */
  readonly normScale?: number;
}

/** Rows of the mixture into `values`, `rowLength` ≥ dim floats apart. */
export function fillMixture(values: Float32Array, rowLength: number, shape: MixtureShape): void {
  const { items, dim, clusters, spread, seed } = shape;
  const fraction = randomFractions(seed);
  const centres = Float32Array.from({ length: clusters * dim }, () => normalDraw(fraction));
  for (let item = 0; item < items; item++) {
    const centre = Math.floor(fraction() * clusters) * dim;
    for (let f = 0; f < dim; f++) {
      values[item * rowLength + f] = (centres[centre + f] ?? 0) + spread * normalDraw(fraction);
    }
  }
  if (shape.normScale === undefined) return;
  const scale = shape.normScale;
  const lengths = Float64Array.from({ length: items }, () => Math.exp(scale * normalDraw(fraction))).sort();
  for (let item = 0; item < items; item++) {
    const by = lengths[items - 1 - item] ?? 1;
    for (let f = 0; f < dim; f++) {
      const at = item * rowLength + f;
      values[at] = by * (values[at] ?? 0);
    }
  }
}

/** Kernel memory that holds the mixture. */
export function mixtureInMemory(shape: MixtureShape): {
  workspace: ReturnType<typeof openWorkspace>;
  vectors: ReturnType<typeof allocateFactors>;
} {
  const dim = paddedDim(shape.dim);
  const workspace = openWorkspace(factorBytes(shape.items, dim));
  const vectors = allocateFactors(workspace, shape.items, dim);
  fillMixture(workspace.f32(vectors.address, shape.items * dim), dim, shape);
  return { workspace, vectors };
}

/** Whose histories are items drawn at random, the first rather than the last: user-0, user-1, … */
function randomHistories(users: number, items: number, seed: number): Pairs {
  const fraction = randomFractions(seed);
  const lists = Array.from({ length: users }, () => {
    const drawn = Array.from({ length: 50 }, () => Math.floor(items * fraction() ** 3));
    return [...new Set(drawn)].sort((a, b) => a - b);
  });
  const item = Uint32Array.from(lists.flat());
  const indptr = new Uint32Array(users + 1);
  lists.forEach((list, u) => (indptr[u + 1] = (indptr[u] ?? 0) + list.length));
  return {
    ...{ numUsers: users, numItems: items, indptr, item },
    weight: new BigInt64Array(item.length).fill(1_000_000_000n),
    count: new Uint32Array(item.length).fill(1),
    lastAt: new BigInt64Array(item.length).fill(noTime),
    flags: new Uint8Array(item.length).fill(preferred),
  };
}

/** What a fold-in reads of a manifest. */
export const alsOptions = {
  ...{ objective: 'ials', confidence: 'log', reg: 0.01, 'reg-exponent': 1, 'unobserved-weight': 0.1 },
  ...{ 'user-discount': 0, 'item-discount': 0 },
};

/**
 * Makes a snapshot as training would, with so many users (0: without users/); returns its id.
 * @param columns metadata of the items
 */
export async function writeMixtureSnapshot(
  root: string,
  shape: MixtureShape,
  columns: readonly ItemColumn[] = [],
  users = 0,
): Promise<string> {
  const context: TaskContext = { signal: new AbortController().signal, onProgress: () => {} };
  const { workspace, vectors } = mixtureInMemory(shape);
  const { items, dim, seed } = shape;
  const { normScale = 0 } = shape;
  const size = {
    items,
    dim,
    clusters: shape.clusters,
    spread: shape.spread,
    ...(users > 0 ? { users, normScale } : {}),
  };
  const options = users > 0 ? { ...size, ...alsOptions } : size;
  const sha256 = sha256Hex(Buffer.from(JSON.stringify({ ...options, seed })));
  const model = { name: 'mixture', algorithmVersion: 1, engine: 'bench', seed, options };
  const id = trainingId({
    interactionsSha256: sha256,
    itemsSha256: null,
    model: model.name,
    ...{ algorithmVersion: 1, engine: model.engine, seed, options },
  });
  const draft = beginSnapshot(root, { estimatedBytes: items * (4 * dim + 500) }, context);
  try {
    await writeModel(draft, {
      files: [
        ['itemVectors', vectorFileChunks(workspace, vectors.address, items, dim)],
        ['eigenvalues', [npyHeader('<f8', [dim]), new Uint8Array(new Float64Array(dim).fill(1).buffer)]],
      ],
      catalogue: {
        ids: packStrings(Array.from({ length: items }, (_, i) => `item-${String(i)}`)),
        counts: Uint32Array.from({ length: items }, (_, i) => items - i),
        columns,
      },
    });
    if (users > 0) {
      const ids = packStrings(Array.from({ length: users }, (_, u) => `user-${String(u)}`));
      await writeUsers(draft, {
        ...{ vectors: vectorBatches(workspace, vectors.address, users, dim), dim, ids },
        histories: randomHistories(users, items, seed),
      });
    }
    await draft.commit({
      ...{ id, basis: id, parent: null, index: null, metrics: {} },
      users: users > 0 ? { rows: users, unconverged: 0, options: {} } : null,
      inputs: {
        interactions: { sha256, events: items, users: 1, items, pairs: items, firstAt: null, lastAt: null },
        items: null,
      },
      model: { ...model, scorer: 'inner-product', fold: 'normal-equations', dim, caseFolding },
    });
    return id;
  } finally {
    draft.abandon();
  }
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      root: { type: 'string' },
      items: { type: 'string', default: '1000000' },
      dim: { type: 'string', default: '64' },
      clusters: { type: 'string' },
      spread: { type: 'string', default: '0.7' },
      seed: { type: 'string', default: '42' },
    },
  });
  const items = Number(values.items);
  const shape: MixtureShape = {
    items,
    dim: Number(values.dim),
    // About a hundred items each, where nothing else is said.
    clusters: Number(values.clusters ?? Math.ceil(items / 100)),
    spread: Number(values.spread),
    seed: Number(values.seed),
  };
  if (values.root !== undefined) {
    process.stdout.write(`${await writeMixtureSnapshot(values.root, shape)}\n`);
  }
  if (values.out !== undefined) {
    const { workspace, vectors } = mixtureInMemory(shape);
    const file = openSync(values.out, 'w');
    for (const chunk of vectorFileChunks(workspace, vectors.address, items, shape.dim)) {
      for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
    }
    closeSync(file);
  }
}
