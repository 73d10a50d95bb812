import { afterEach, describe, expect, it } from 'vitest';
import { allocateFactors, factorBytes, paddedDim } from '#dist/core/compute/factors.js';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import type { Pairs } from '#dist/core/contracts.js';
import { usersOf } from '#dist/core/numeric/split-pairs.js';
import { rotatedEquationsFold, rotatedSizes } from '#dist/core/models/folding/rotated-fold.js';
import type { UserFold } from '#dist/core/models/folding/user-fold.js';
import { gramianEngine, gramianLayout, gramianScratchBytes } from '#dist/core/models/als/gramian.js';
import type { VectorFile } from '#dist/core/compute/vector-file.js';
import { exactRow } from '../../../helpers/als-oracle.js';
import { inner } from '../../../helpers/dense.js';
import { pairsOf, plantedEntries } from '../../../helpers/sparse.js';
import { randomRows } from '../../../helpers/vectors.js';

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

const numItems = 70;
const entries = plantedEntries(50, numItems, { perUser: 9, dislikes: 0.15, seed: 5 });
entries[7] = [];
// Items in no history, at the beginning and the end.
const heard = entries.map((row) => row.filter(([item]) => item > 3 && item < 66));
const pairs = pairsOf(heard, numItems);

/** Vectors of no particular basis, some of them alike, and the fold that is made of them. */
async function foldOf(dim: number, beta: 0 | 1, threads: number) {
  const items = randomRows(11, numItems, dim).map((row, i) => row.map((x) => Math.fround(x * (1 + (i % 5)))));
  const padded = paddedDim(dim);
  const numUsers = entries.length;
  const sizes = rotatedSizes(dim, numItems);
  pool = openPool({
    threads,
    workspaceBytes:
      factorBytes(numItems, padded) +
      factorBytes(numUsers, padded) +
      Math.max(gramianLayout(numItems, padded).bytes, sizes.allBytes(numUsers)),
    scratchBytes: Math.max(gramianScratchBytes(padded), sizes.scratchBytes(numItems)),
    signal: new AbortController().signal,
  });
  const { workspace } = pool;
  const place = allocateFactors(workspace, numItems, padded);
  items.forEach((row, i) => workspace.f32(place.address + i * padded * 4, dim).set(row));
  const users = allocateFactors(workspace, numUsers, padded);
  const mark = workspace.mark();
  const { values, vectors } = await gramianEngine(
    pool,
    dim,
    gramianLayout(numItems, padded).allocate(workspace),
  ).eigen(place);
  workspace.release(mark);
  const rotation = Float32Array.from(
    { length: dim * dim },
    (_, at) => vectors[Math.floor(at / dim) * padded + (at % dim)]!,
  );
  const equations = { reg: 0.05, regExponent: 1 - beta, unobservedWeight: beta === 1 ? 1 : 0.1, beta };
  const weights = {
    weighting: { f: { kind: 'log' } as const, cap: Infinity, itemDiscount: 0, userDiscount: 0 },
    scale: { meanItems: 1, meanPlays: 1, itemFactor: undefined },
    decay: undefined,
  };
  const fold = rotatedEquationsFold({ dim, numItems, eigenvalues: values, equations, weights }, rotation);
  const file: Pick<VectorFile, 'readRowsInto'> = {
    readRowsInto(target, address, rows) {
      Array.from(rows).forEach((row, at) => target.f32(address + at * padded * 4, dim).set(items[row]!));
    },
  };
  return { items, equations, fold, file, place, users };
}

async function everyone(threads: number, dim = 11) {
  const { fold, place, users, ...rest } = await foldOf(dim, 1, threads);
  const unconverged = await fold.all(pool!, place, pairs, users);
  const { workspace } = pool!;
  const padded = paddedDim(dim);
  const rows = Array.from({ length: users.numRows }, (_, u) =>
    workspace.f32(users.address + u * padded * 4, dim).slice(),
  );
  const after = Array.from({ length: numItems }, (_, i) =>
    Array.from(workspace.f32(place.address + i * padded * 4, dim)),
  );
  await pool!.close();
  return { ...rest, fold, rows, after, unconverged };
}

const one = (fold: UserFold, all: Pairs, u: number, file: Pick<VectorFile, 'readRowsInto'>) =>
  fold.one(usersOf(all, u, u + 1), file);
const weighed = (row: (typeof heard)[number]) =>
  row.map(([i, w]) => [i, Math.sign(w) * (1 + Math.log(Math.abs(w)))] as const);

describe('the fold of vectors as they are', () => {
  it.each([
    [5, 0],
    [11, 1],
    [16, 1],
  ] as const)('solves the normal equations of their own Gramian: dim %d, β = %d', async (dim, beta) => {
    const { items, equations, fold, file } = await foldOf(dim, beta, 1);
    heard.forEach((row, u) => {
      const { vector, converged } = one(fold, pairs, u, file);
      expect(converged).toBe(true);
      exactRow(weighed(row), items, equations).forEach((x, f) => expect(vector[f]).toBeCloseTo(x, 4));
    });
  });

  it('has the same bits for one and for all, at any number of threads, and leaves the items alone', async () => {
    const { fold, file, rows, items, after, unconverged } = await everyone(1);
    expect(unconverged).toBe(0);
    heard.forEach((_, u) => expect(one(fold, pairs, u, file).vector).toEqual(rows[u]));
    expect(after).toEqual(items);
    expect((await everyone(2)).rows).toEqual(rows);
    expect((await everyone(3)).rows).toEqual(rows);
  });

  it('gives zeros where nothing was heard', async () => {
    const { fold, file } = await foldOf(5, 0, 1);
    expect([...one(fold, pairs, 7, file).vector]).toEqual([0, 0, 0, 0, 0]);
  });

  it('takes a score apart into what each item of the history adds to it', async () => {
    const { items, fold, file } = await foldOf(11, 1, 1);
    const { vector } = one(fold, pairs, 2, file);
    const targets = [items[0]!, items[40]!].map((row) => Float32Array.from(row));
    const parts = fold.parts(usersOf(pairs, 2, 3), vector, file);
    targets.forEach((target) => {
      const sum = parts.of(target).reduce((total, x) => total + x, 0);
      expect(sum).toBeCloseTo(inner([...target], [...vector]), 4);
    });
  });
});
