import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { transpose } from '#dist/core/numeric/csr.js';
import { allocateFactors } from '#dist/core/compute/factors.js';
import { betaOf } from '#dist/core/numeric/weighting.js';
import { resolveAlsOptions, type AlsOptions } from '#dist/core/models/als/als-options.js';
import { normalStart } from '#dist/core/models/als/initial-factors.js';
import type { EpochReport } from '#dist/core/contracts.js';
import { alsMemory, alsShape, trainAls, type TrainingRows } from '#dist/core/models/als/train-als.js';
import { exactLoss, exactRow, exchanged, regOf } from '../../../helpers/als-oracle.js';
import { fromRows, multiply, transposed, type Matrix } from '../../../helpers/dense.js';
import { featureRows, naiveRidge } from '../../../helpers/ridge-oracle.js';
import { plantedEntries, sparseRows, type Entries } from '../../../helpers/sparse.js';

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

const base = { factors: 5, epochs: 3, objective: 'ials', init: 'normal', cgSteps: 30, seed: 42 } as const;

interface Trained {
  users: Matrix;
  items: Matrix;
  eigenvalues: number[];
  epochs: readonly EpochReport[];
  /** sha256 of both sides' bytes, padding included. */
  hash: string;
}

async function train(
  entries: Entries,
  numItems: number,
  options: AlsOptions,
  {
    threads = 1,
    signal = new AbortController().signal,
    onEpoch = (_report: EpochReport): void => undefined,
    features = undefined as TrainingRows['features'],
  } = {},
): Promise<Trained> {
  const byUser = sparseRows(entries);
  const rows = { byUser, byItem: transpose(byUser, numItems), features };
  const shape = alsShape(byUser, numItems, features !== undefined);
  pool = openPool({ threads, ...alsMemory(shape, options.factors), signal });
  const { users, items, eigenvalues, epochs } = await trainAls(pool, rows, options, () => 0, {
    afterEpoch: (report) => {
      onEpoch(report);
      return Promise.resolve(true);
    },
  });
  const { workspace } = pool;
  const read = (side: typeof users) => workspace.f32(side.address, side.numRows * side.dim);
  const hash = createHash('sha256')
    .update(Buffer.from(read(users).slice().buffer))
    .update(Buffer.from(read(items).slice().buffer));
  const result = {
    users: fromRows(read(users), users.numRows, users.dim, options.factors),
    items: fromRows(read(items), items.numRows, items.dim, options.factors),
    eigenvalues: [...eigenvalues],
    epochs,
    hash: hash.digest('hex'),
  };
  await pool.close();
  return result;
}

/** The same start as trainAls with init normal. */
async function startOf(
  numUsers: number,
  numItems: number,
  dim: number,
  seed: number,
): Promise<[Matrix, Matrix]> {
  pool = openPool({
    threads: 1,
    workspaceBytes: 1 << 20,
    scratchBytes: 64,
    signal: new AbortController().signal,
  });
  const { workspace } = pool;
  const sides = [allocateFactors(workspace, numUsers, 8), allocateFactors(workspace, numItems, 8)] as const;
  const pieces = sides.map(({ address, numRows }) => [workspace.f32(address, numRows * 8)]);
  normalStart(workspace.kernels, pieces, 8, dim, seed);
  const read = ({ address, numRows }: (typeof sides)[number]): Matrix =>
    fromRows(workspace.f32(address, numRows * 8), numRows, 8, dim);
  const start: [Matrix, Matrix] = [read(sides[0]), read(sides[1])];
  await pool.close();
  return start;
}

const entries = plantedEntries(30, 24, { perUser: 8, dislikes: 0.1 });

describe('trainAls', () => {
  it.each([
    { objective: 'ials' as const },
    { objective: 'ials' as const, regExponent: 0.5, unobservedWeight: 0.3, confidence: 'linear:2' },
    { objective: 'hu' as const, reg: 0.5 },
  ])('is alternating least squares with exact solves, for %o', async (given) => {
    const options = resolveAlsOptions({ ...base, ...given });
    const oracle = { ...options, beta: betaOf(options.objective) };
    let [users, items] = await startOf(30, 24, options.factors, options.seed);
    const losses: number[] = [];
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      users = entries.map((row) => exactRow(row, items, oracle));
      items = exchanged(entries, 24).map((row) => exactRow(row, users, oracle));
      losses.push(exactLoss(entries, users, items, oracle));
    }
    const trained = await train(entries, 24, options);
    trained.epochs.forEach(({ loss }, epoch) => expect(loss / losses[epoch]!).toBeCloseTo(1, 4));
    // Two trainings share no basis, but all scores are the same.
    const got = multiply(trained.users, transposed(trained.items));
    const wanted = multiply(users, transposed(items));
    got.flat().forEach((score, at) => expect(score).toBeCloseTo(wanted.flat()[at]!, 3));
  });

  it.each([
    { objective: 'ials' as const, regExponent: 0.7 },
    { objective: 'hu' as const, reg: 0.5 },
  ])('draws items to a ridge of their features, learned in the sweep, for %o', async (given) => {
    const options = resolveAlsOptions({ ...base, ...given });
    const oracle = { ...options, beta: betaOf(options.objective) };
    // An item that nobody played is drawn to its features like the others.
    const byItem = exchanged(entries, 25);
    const known = Array.from({ length: 25 }, (_, i) => [Number(i % 3 === 0), Number(i % 3 === 1), 1]);
    const weights = byItem.map((row) => regOf(oracle, row.length, 30));
    let [users, items] = await startOf(30, 25, options.factors, options.seed);
    const losses: number[] = [];
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      users = entries.map((row) => exactRow(row, items, oracle));
      const means = multiply(known, naiveRidge(known, weights, items, 1));
      items = byItem.map((row, i) => exactRow(row, users, oracle, means[i]));
      losses.push(exactLoss(entries, users, items, oracle, means));
    }
    const features = { rows: featureRows(known), numFeatures: 3 };
    const trained = await train(entries, 25, options, { features });
    trained.epochs.forEach(({ loss }, epoch) => expect(loss / losses[epoch]!).toBeCloseTo(1, 4));
    const got = multiply(trained.users, transposed(trained.items)).flat();
    const wanted = multiply(users, transposed(items)).flat();
    got.forEach((score, at) => expect(score).toBeCloseTo(wanted[at]!, 3));
  });

  it('has the bits of plain training where nothing is known of any item', async () => {
    const options = resolveAlsOptions({ ...base, init: 'svd', cgSteps: 2 });
    const features = { rows: featureRows(Array.from({ length: 24 }, () => [0, 0])), numFeatures: 2 };
    const [plain, drawn] = [
      await train(entries, 24, options),
      await train(entries, 24, options, { features }),
    ];
    expect(drawn.hash).toBe(plain.hash);
    expect(drawn.epochs).toEqual(plain.epochs);
  });

  it('reports the objective of the vectors that it hands on', async () => {
    const options = resolveAlsOptions({ ...base, cgSteps: 1, epochs: 2, init: 'svd' });
    const { users, items, epochs } = await train(entries, 24, options);
    expect(epochs).toHaveLength(2);
    expect(epochs[1]!.loss / exactLoss(entries, users, items, { ...options, beta: 0 })).toBeCloseTo(1, 5);
  });

  it('hands on items in the eigenbasis of their Gramian, eigenvalues descending', async () => {
    const { items, eigenvalues } = await train(entries, 24, resolveAlsOptions({ ...base, init: 'svd' }));
    const gram = multiply(transposed(items), items);
    expect(eigenvalues).toHaveLength(8);
    expect(eigenvalues.slice(5)).toEqual([0, 0, 0]);
    gram.forEach((row, r) => {
      row.forEach((value, c) => expect(value).toBeCloseTo(r === c ? eigenvalues[r]! : 0, 4));
    });
    expect(eigenvalues).toEqual(eigenvalues.toSorted((a, b) => b - a));
  });

  it('has the same bits at 1, 2 and 3 threads, from both starts', async () => {
    const many = plantedEntries(2500, 2100, { perUser: 12, groups: 20, seed: 8 });
    for (const init of ['svd', 'normal'] as const) {
      const options = resolveAlsOptions({ ...base, factors: 20, epochs: 2, cgSteps: 2, init });
      const runs = [];
      const rows = featureRows(Array.from({ length: 2100 }, (_, i) => [Number(i % 20 < 9), 1]));
      const features = init === 'svd' ? { rows, numFeatures: 2 } : undefined;
      for (const threads of [1, 2, 3]) runs.push(await train(many, 2100, options, { threads, features }));
      expect(new Set(runs.map(({ hash }) => hash)).size).toBe(1);
      expect(new Set(runs.map(({ epochs }) => JSON.stringify(epochs))).size).toBe(1);
    }
  });

  it('differs between seeds', async () => {
    const [a, b] = [1, 2].map((seed) => resolveAlsOptions({ ...base, seed }));
    expect((await train(entries, 24, a!)).hash).not.toBe((await train(entries, 24, b!)).hash);
  });

  it('lowers the loss every epoch, and starts lower from the SVD than from noise', async () => {
    const losses: Record<string, number[]> = {};
    for (const init of ['svd', 'normal'] as const) {
      const options = resolveAlsOptions({ ...base, epochs: 6, cgSteps: 2, init });
      losses[init] = (await train(plantedEntries(200, 90, { seed: 2 }), 90, options)).epochs.map(
        ({ loss }) => loss,
      );
      expect(losses[init]).toEqual(losses[init].toSorted((x, y) => y - x));
    }
    expect(losses['svd']![0]!).toBeLessThan(losses['normal']![0]!);
  });

  it.each([
    [
      'one user',
      [
        [
          [0, 1],
          [3, 2],
        ],
      ] as Entries,
      4,
    ],
    ['one item', [[[0, 1]], [[0, 1]], [[0, 3]]] as Entries, 1],
    ['a single pair', [[[0, 1]]] as Entries, 1],
    ['all-equal data', Array.from({ length: 9 }, () => [0, 1, 2, 3].map((i) => [i, 1] as const)), 4],
    ['nothing but dislikes', [[[0, -1]], [[1, -1]]] as Entries, 2],
    ['users without pairs', [[], [[0, 1]], []] as Entries, 2],
  ])('gives finite vectors for %s, with more factors than the data has rank', async (_, data, numItems) => {
    for (const init of ['svd', 'normal'] as const) {
      const { users, items, epochs } = await train(
        data,
        numItems,
        resolveAlsOptions({ ...base, factors: 12, init }),
      );
      expect([...users.flat(), ...items.flat()].every(Number.isFinite)).toBe(true);
      expect(epochs.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    }
  });

  it('stops between ranges when aborted', async () => {
    const controller = new AbortController();
    const many = plantedEntries(2000, 1000, { seed: 6 });
    const training = train(many, 1000, resolveAlsOptions({ ...base, epochs: 500 }), {
      signal: controller.signal,
      onEpoch: () => {
        controller.abort();
      },
    });
    await expect(training).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('says which epoch diverged and what to try', async () => {
    const huge: Entries = [
      [
        [0, 3e38],
        [1, 3e38],
      ],
      [
        [0, 3e38],
        [1, 1],
      ],
    ];
    await expect(train(huge, 2, resolveAlsOptions({ ...base, factors: 2 }))).rejects.toMatchObject({
      code: 'diverged',
      message: expect.stringContaining('epoch 1'),
    });
  });
});

describe('resolveAlsOptions', () => {
  it('fills in what the objective means', () => {
    expect(resolveAlsOptions(base)).toMatchObject({ unobservedWeight: 0.1, reg: 0.007, regExponent: 1 });
    expect(resolveAlsOptions({ ...base, objective: 'hu' })).toMatchObject({
      unobservedWeight: 1,
      reg: 10,
      regExponent: 0,
    });
  });

  it.each([
    [{ factors: 0 }, '`factors` 0'],
    [{ factors: 2.5 }, '`factors` 2.5'],
    [{ factors: 5000 }, '1024'],
    [{ epochs: 0 }, '`epochs`'],
    [{ reg: 0 }, '`reg` 0'],
    [{ reg: Number.NaN }, '`reg` NaN'],
    [{ unobservedWeight: -1 }, '`unobservedWeight` -1'],
    [{ objective: 'hu' as const, unobservedWeight: 0.5 }, 'ials'],
  ])('refuses %o', (given, message) => {
    expect(() => resolveAlsOptions({ ...base, ...given })).toThrow(
      expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(message) }),
    );
  });
});
