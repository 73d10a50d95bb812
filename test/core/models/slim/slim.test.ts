import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '#dist/core/compute/pool.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs, Progress, RankedItem, Ranker } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import { scoredHistories } from '#dist/core/models/ease/scored-histories.js';
import { historyWeights } from '#dist/core/models/folding/history-weights.js';
import { weighingOptions } from '#dist/core/models/folding/weighing-options.js';
import type { FittedModel } from '#dist/core/models/model.js';
import { openItemItemRanker } from '#dist/core/models/open-ranker.js';
import { sparseMatrixFiles } from '#dist/core/models/slim/sparse-matrix.js';
import { slimMemory, trainSlim } from '#dist/core/models/slim/train-slim.js';
import { usersAt, usersOf } from '#dist/core/numeric/split-pairs.js';
import { openItemItemMatrix, rowReader, type ItemItemMatrix } from '#dist/core/search/item-item-matrix.js';
import { openItemItemSearch, searchByRows } from '#dist/core/search/item-item-search.js';
import { at, inner, transposed, type Matrix } from '../../../helpers/dense.js';
import { denseRows } from '../../../helpers/ease-oracle.js';
import { slimOracle } from '../../../helpers/slim-oracle.js';
import { pairsOf, plantedEntries, sparseRows, type Entries } from '../../../helpers/sparse.js';

const slim = findModel('slim');
const numItems = 90;
const entries = plantedEntries(300, numItems, { perUser: 9, dislikes: 0.1 });
const pairs = pairsOf(entries, numItems);
/** X as --confidence binary has it. */
const signs: Entries = entries.map((row) => row.map(([item, weight]) => [item, Math.sign(weight)] as const));
const given = { reg: 1.5, neighbours: 12 };
const context = { signal: new AbortController().signal, onProgress: (): void => undefined };

const opened: { close(): void | Promise<void> }[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function fit(
  more: Record<string, number | string> = {},
  threads = 1,
  onProgress: (progress: Progress) => void = context.onProgress,
  data = pairs,
): Promise<FittedModel> {
  const plan = slim.plan({ pairs: data }, resolveOptions(slim, { ...given, ...more }), 42);
  const fitted = await plan.fit({ threads, clock: () => 0, context: { ...context, onProgress } });
  opened.push(fitted);
  return fitted;
}

async function rankingsOf(ranker: Ranker, histories: Pairs, k: number): Promise<RankedItem[][]> {
  const rankings: RankedItem[][] = [];
  await ranker.rank(histories, k, (user, items) => {
    expect(user).toBe(rankings.length);
    rankings.push([...items]);
  });
  return rankings;
}

function filesOf(files: ReturnType<FittedModel['files']>): Map<string, Buffer> {
  return new Map(
    Array.from(files, ([name, chunks]) => [
      name,
      Buffer.concat(Array.from(chunks, (chunk) => Buffer.from(chunk))),
    ]),
  );
}

function stored(model: FittedModel): ItemItemMatrix {
  const folder = mkdtempSync(join(tmpdir(), 'segue-slim-'));
  folders.push(folder);
  const paths = { indptr: '', idx: '', weight: '' };
  for (const name of ['indptr', 'idx', 'weight'] as const) {
    paths[name] = join(folder, `${name}.npy`);
    const file = { indptr: 'similarityIndptr', idx: 'similarityIdx', weight: 'similarityWeight' }[name];
    writeFileSync(paths[name], filesOf(model.files()).get(file)!);
  }
  const matrix = openItemItemMatrix({ layout: 'sparse', ...paths });
  opened.push(matrix);
  return matrix;
}

describe('the slim model', () => {
  let B: Matrix;
  beforeAll(() => {
    B = slimOracle(signs, numItems, given.reg, given.neighbours);
  });

  it('is the ridge of each item over its nearest columns', async () => {
    const matrix = stored(await fit());
    const read = rowReader(matrix);
    let entriesOfAll = 0;
    for (let i = 0; i < numItems; i++) {
      const row = Float32Array.from(read(i));
      row.forEach((value, j) => {
        if (value !== 0) entriesOfAll++;
        expect(Math.abs(value - at(B, i, j))).toBeLessThan(2e-6);
        if (j % 7 === 0) expect(matrix.entry(i, j)).toBe(value);
      });
    }
    expect(entriesOfAll).toBe(B.flat().filter((value) => value !== 0).length);
    expect(entriesOfAll).toBeGreaterThan(numItems * 10);
    // The exponents and the restriction mean something here.
    const plain = slimOracle(signs, numItems, 1.5, 12, { user: 0, item: 0, output: 0 });
    const whole = slimOracle(signs, numItems, 1.5, numItems);
    for (const other of [plain, whole])
      expect(other.flat().some((value, p) => Math.abs(value - B.flat()[p]!) > 0.01)).toBe(true);
  });

  it('weighs by `confidence`, and takes every item where there are few', async () => {
    const log = stored(await fit({ confidence: 'log', neighbours: 1000 }));
    const logged: Entries = entries.map((row) =>
      row.map(([item, w]) => [item, Math.sign(w) * Math.fround(1 + Math.log(Math.abs(w)))] as const),
    );
    const wanted = slimOracle(logged, numItems, given.reg, numItems - 1);
    for (let i = 0; i < numItems; i += 5)
      for (let j = 0; j < numItems; j++)
        expect(Math.abs(log.entry(i, j) - at(wanted, i, j))).toBeLessThan(5e-6);
  });

  it('has the same bits however many Gram columns are kept, and at any number of threads', async () => {
    const rows = sparseRows(signs);
    const made: Buffer[] = [];
    for (const [mostHot, threads] of [
      [numItems, 1],
      [0, 2],
      [31, 3],
      [33, 1],
    ] as const) {
      const size = { numUsers: rows.numRows, numItems, nnz: rows.idx.length };
      const { result, beside, scratchBytes } = slimMemory(size, 12);
      const pool = openPool({
        ...{ threads, workspaceBytes: result + beside, scratchBytes, signal: context.signal },
      });
      opened.push(pool);
      const matrix = await trainSlim(pool, rows, numItems, given, () => undefined, mostHot);
      made.push(Buffer.concat([...filesOf(sparseMatrixFiles(pool.workspace, matrix)).values()]));
    }
    for (const other of made) expect(other.equals(made[0]!)).toBe(true);
    const fitted = Buffer.concat([...filesOf((await fit({}, 3)).files()).values()]);
    expect(fitted.equals(made[0]!)).toBe(true);
  });

  it('ranks every user by their history times the matrix', async () => {
    const rankings = await rankingsOf(await fit(), pairs, 10);
    expect(rankings).toHaveLength(300);
    for (const u of [0, 7, 8, 255, 256, 299]) {
      const x = denseRows([signs[u]!], numItems)[0]!;
      const scores = transposed(B).map((column) => inner(x, column));
      const own = new Set(entries[u]!.map(([item]) => item));
      const wanted = [...scores.keys()].filter((i) => !own.has(i)).sort((i, j) => scores[j]! - scores[i]!);
      expect(rankings[u]).toHaveLength(10);
      rankings[u]!.forEach(({ row, score }, place) => {
        expect(own.has(row)).toBe(false);
        expect(score).toBeCloseTo(scores[wanted[place]!]!, 5);
      });
    }
  });

  it('ranks from its files as it does in memory, to the bit: many, some and one, at any number of threads', async () => {
    const weighing = { confidence: 'log', cap: 1.5 };
    const model = await fit(weighing);
    const { kernels } = openWorkspace(0);
    const weights = historyWeights(pairs, weighingOptions(weighing, ''), kernels);
    const all = await rankingsOf(model, pairs, 12);
    expect(await rankingsOf(await fit(weighing, 3), pairs, 12)).toEqual(all);
    expect(await rankingsOf(model, usersOf(pairs, 250, 270), 12)).toEqual(all.slice(250, 270));
    expect(await rankingsOf(model, usersAt(pairs, [299, 3]), 12)).toEqual([all[299], all[3]]);
    const ranker = await openItemItemRanker(stored(model), weights, 2, context);
    opened.push(ranker);
    expect(await rankingsOf(ranker, pairs, 12)).toEqual(all);
    const search = openItemItemSearch(stored(model), 12);
    for (const u of [0, 1, 100, 299]) {
      const history = usersOf(pairs, u, u + 1);
      const { idx, weight } = scoredHistories(history, weights, kernels);
      expect(search.best(idx, weight, 12, history.item)).toEqual(all[u]);
    }
  });

  it('finds neighbours in rows, and none of an item that nobody has', async () => {
    const search = searchByRows(stored(await fit({}, 1, undefined, { ...pairs, numItems: 91 })), 5);
    const row = [...B[3]!.keys()].filter((j) => j !== 3).sort((i, j) => at(B, 3, j) - at(B, 3, i));
    expect(search.best(search.vectorOf(3), 5, [3]).map(({ row: found }) => found)).toEqual(row.slice(0, 5));
    // Only what it gives something to is near to it.
    const given = B[3]!.filter((value) => value > 0).length;
    expect(given).toBeLessThan(60);
    expect(searchByRows(stored(await fit()), 90).best(search.vectorOf(3).slice(0, 90), 90, [3])).toHaveLength(
      given,
    );
    expect(search.vectorOf(90).every(Number.isNaN)).toBe(true);
    expect(search.best(search.vectorOf(90), 5, [])).toEqual([]);
  });

  it('has no epochs and no vectors, tells how far it is, and ends when aborted', async () => {
    const told: Progress[] = [];
    const model = await fit({}, 2, (progress) => told.push(progress));
    expect(model.epochs).toEqual([]);
    expect(model.userVectors(pairs, context)).toBeUndefined();
    expect(told.map((one) => 'phase' in one && [one.phase, one.done, one.total])).toEqual([
      ['pairs in common', 0, undefined],
      ['solving', 90, 90],
    ]);
    const aborting = new AbortController();
    const onProgress = (): void => {
      aborting.abort();
    };
    const run = { threads: 2, clock: () => 0, context: { signal: aborting.signal, onProgress } };
    const plan = slim.plan({ pairs }, resolveOptions(slim, {}), 1);
    await expect(plan.fit(run)).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('fails where weights are so large that sums of their products are no numbers of f32', async () => {
    await expect(fit({ confidence: 'linear:1e20' })).rejects.toMatchObject({ code: 'diverged' });
  });
});
