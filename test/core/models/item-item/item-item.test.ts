import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '#dist/core/compute/pool.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs, Progress, RankedItem, Ranker } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import { historyWeights } from '#dist/core/models/folding/history-weights.js';
import { weighingOptions } from '#dist/core/models/folding/weighing-options.js';
import { scoredHistories } from '#dist/core/models/item-item/scored-histories.js';
import { sparseMatrixFiles } from '#dist/core/models/item-item/sparse-matrix.js';
import type { FittedModel } from '#dist/core/models/model.js';
import { openItemItemRanker } from '#dist/core/models/open-ranker.js';
import { settingsOf } from '#dist/core/models/slim/slim-settings.js';
import { slimMemory, trainSlim } from '#dist/core/models/slim/train-slim.js';
import { usersAt, usersOf } from '#dist/core/numeric/split-pairs.js';
import { openItemItemMatrix, rowReader, type ItemItemMatrix } from '#dist/core/search/item-item-matrix.js';
import { openItemItemSearch, searchByRows } from '#dist/core/search/item-item-search.js';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { at, inner, transposed, type Matrix } from '../../../helpers/dense.js';
import { denseRows, easeOracle } from '../../../helpers/ease-oracle.js';
import { slimOracle } from '../../../helpers/slim-oracle.js';
import { pairsOf, plantedEntries, sparseRows, type Entries } from '../../../helpers/sparse.js';

// More users than a block, items past a tile's end; nobody has the last item.
const numItems = 91;
const entries = plantedEntries(300, numItems - 1, { perUser: 9, dislikes: 0.1 });
const pairs = pairsOf(entries, numItems);
const blank = numItems - 1;
/** X as --confidence binary has it, and as log does: weights of 1 … 2 are 1 + ln w. */
const signs: Entries = entries.map((row) => row.map(([item, weight]) => [item, Math.sign(weight)] as const));
const logged: Entries = entries.map((row) =>
  row.map(([item, w]) => [item, Math.sign(w) * Math.fround(1 + Math.log(Math.abs(w)))] as const),
);
const context = { signal: new AbortController().signal, onProgress: (): void => undefined };
const { kernels } = openWorkspace(0);

interface Case {
  readonly name: 'ease' | 'slim';
  readonly given: Record<string, number | string>;
  readonly oracle: (of: Entries) => Matrix;
  readonly files: Record<string, string>;
  /** What is told while it is trained. */
  readonly steps: readonly unknown[][];
}

const cases: readonly Case[] = [
  {
    name: 'ease',
    given: { reg: 5 },
    oracle: (of) => easeOracle(of, numItems, 5),
    files: { similarity: 'matrix' },
    steps: [
      ['inverting', 1, 2],
      ['inverting', 2, 2],
    ],
  },
  {
    name: 'slim',
    given: { reg: 1.5, neighbours: 12 },
    oracle: (of) => slimOracle(of, numItems, 1.5, 12),
    files: { similarityIndptr: 'indptr', similarityIdx: 'idx', similarityWeight: 'weight' },
    steps: [['solving', numItems, numItems]],
  },
];

const opened: { close(): void | Promise<void> }[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const one of opened.splice(0)) await one.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function keep<T extends { close(): void | Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
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

const bytesOf = (files: ReturnType<FittedModel['files']>): Buffer =>
  Buffer.concat([...filesOf(files).values()]);

describe.each(cases)('the $name model', ({ name, given, oracle, files, steps }) => {
  const model = findModel(name);
  async function fit(
    more: Case['given'] = {},
    threads = 1,
    onProgress: (progress: Progress) => void = context.onProgress,
    signal = context.signal,
  ): Promise<FittedModel> {
    const plan = model.plan({ pairs }, resolveOptions(model, { ...given, ...more }), 42);
    return keep(await plan.fit({ threads, clock: () => 0, context: { signal, onProgress } }));
  }

  function stored(fitted: FittedModel): ItemItemMatrix {
    const folder = mkdtempSync(join(tmpdir(), 'segue-matrix-'));
    folders.push(folder);
    const made = filesOf(fitted.files());
    const paths: Record<string, string> = {};
    for (const [file, path] of Object.entries(files)) {
      writeFileSync((paths[path] = join(folder, `${path}.npy`)), made.get(file)!);
    }
    return keep(
      openItemItemMatrix(
        name === 'ease'
          ? { layout: 'dense', matrix: paths['matrix']! }
          : { layout: 'sparse', indptr: paths['indptr']!, idx: paths['idx']!, weight: paths['weight']! },
      ),
    );
  }

  let B: Matrix;
  let fitted: FittedModel;
  let all: RankedItem[][];
  beforeAll(async () => {
    B = oracle(signs);
    fitted = await fit();
    all = await rankingsOf(fitted, pairs, 10);
  });

  it.each([
    ['binary', signs],
    ['log', logged],
  ])('is the matrix of its equations, weighed by `confidence` %s', async (confidence, weighed) => {
    const matrix = stored(await fit({ confidence }));
    const read = rowReader(matrix);
    const wanted = oracle(weighed);
    const wrong: unknown[] = [];
    for (let i = 0; i < numItems; i++)
      Float32Array.from(read(i)).forEach((value, j) => {
        const right = at(wanted, i, j);
        const isClose = Math.abs(value - right) < 5e-6 && (value === 0) === (right === 0);
        if (!isClose || (j % 7 === 0 && matrix.entry(i, j) !== value)) wrong.push([i, j, value, right]);
      });
    expect(wrong).toEqual([]);
  });

  it('ranks every user by their history times the matrix', () => {
    expect(all).toHaveLength(300);
    for (const u of [0, 7, 8, 255, 256, 299]) {
      const x = denseRows([signs[u]!], numItems)[0]!;
      const scores = transposed(B).map((column) => inner(x, column));
      const own = new Set(entries[u]!.map(([item]) => item));
      const wanted = [...scores.keys()].filter((i) => !own.has(i)).sort((i, j) => scores[j]! - scores[i]!);
      expect(all[u]).toHaveLength(10);
      all[u]!.forEach(({ row, score }, place) => {
        expect(own.has(row)).toBe(false);
        expect(score).toBeCloseTo(scores[row]!, 5);
        expect(score).toBeCloseTo(scores[wanted[place]!]!, 5);
      });
    }
  });

  it('has the same files and rankings, whoever else is asked about and at any number of threads', async () => {
    const other = await fit({}, 3);
    expect(bytesOf(other.files()).equals(bytesOf(fitted.files()))).toBe(true);
    expect(await rankingsOf(other, pairs, 10)).toEqual(all);
    expect(await rankingsOf(fitted, usersOf(pairs, 250, 270), 10)).toEqual(all.slice(250, 270));
    expect(await rankingsOf(fitted, usersAt(pairs, [299, 3]), 10)).toEqual([all[299], all[3]]);
    expect(await rankingsOf(fitted, usersAt(pairs, []), 10)).toEqual([]);
  });

  it('gives all that is left where k is more, never a banned item, and nothing for a ban', async () => {
    const one = usersOf(pairs, 4, 5);
    const listed = await rankingsOf(fitted, one, 1000);
    expect(listed[0]).toHaveLength(numItems - one.item.length);
    // The first pair becomes a ban: it weighs nothing and is still left out.
    const weight = one.weight.slice().fill(0n, 0, 1);
    const [banned] = await rankingsOf(fitted, { ...one, weight }, 1000);
    expect(banned!.map(({ row }) => row).sort()).toEqual(listed[0]!.map(({ row }) => row).sort());
    expect(banned).not.toEqual(listed[0]);
  });

  it('ranks from its files as it does in memory, to the bit: for many at once, and for one at a time', async () => {
    const weighing = { confidence: 'log', cap: 1.5 };
    const weights = historyWeights(pairs, weighingOptions(weighing, ''), kernels);
    const inMemory = await fit(weighing);
    const wanted = await rankingsOf(inMemory, pairs, 12);
    const ranker = keep(await openItemItemRanker(stored(inMemory), weights, 2, context));
    expect(await rankingsOf(ranker, pairs, 12)).toEqual(wanted);
    const search = openItemItemSearch(stored(inMemory), 12);
    for (const u of [0, 1, 100, 299]) {
      const history = usersOf(pairs, u, u + 1);
      const { idx, weight } = scoredHistories(history, weights, kernels);
      expect(search.best(idx, weight, 12, history.item)).toEqual(wanted[u]);
    }
    expect(search.best([], [], 3, [0])).toEqual([1, 2, 3].map((row) => ({ row, score: 0 })));
    expect(() => search.best([], [], 13, [])).toThrow(RangeError);
  });

  it('finds neighbours in rows and in their sums, and none of an item that nobody has', () => {
    const search = searchByRows(stored(fitted), numItems);
    const best = (rows: readonly number[], k = 5): number[] => {
      const scores = transposed(B).map((column) => rows.reduce((sum, i) => sum + column[i]!, 0));
      return [...scores.keys()]
        .filter((j) => !rows.includes(j))
        .sort((i, j) => scores[j]! - scores[i]!)
        .slice(0, k);
    };
    const found = (...asked: Parameters<typeof search.best>): number[] =>
      search.best(...asked).map(({ row }) => row);
    const vector = search.vectorOf(3);
    expect([...vector.keys()].filter((i) => vector[i] !== 0)).toEqual([3]);
    expect(found(vector, 5, [3])).toEqual(best([3]));
    const both = vector.slice();
    both[8] = 1;
    expect(found(both, 5, [3, 8])).toEqual(best([3, 8]));
    const allButBest = rowSetOf(
      numItems,
      [...Array(numItems).keys()].filter((row) => row !== best([3])[0]),
    );
    expect(found(vector, 4, [3], allButBest)).toEqual(best([3]).slice(1));
    // Of a sparse row only what it gives something to is near to it.
    const near = name === 'ease' ? numItems - 1 : B[3]!.filter((value) => value > 0).length;
    expect(search.best(vector, numItems, [3])).toHaveLength(near);
    expect(search.vectorOf(blank).every(Number.isNaN)).toBe(true);
    expect(search.best(search.vectorOf(blank), 5, [])).toEqual([]);
  });

  it('keeps what items weigh beside the matrix, where they weigh something', async () => {
    expect([...filesOf(fitted.files()).keys()]).toEqual(Object.keys(files));
    const weighed = await fit({ confidence: 'tf-idf' });
    expect([...filesOf(weighed.files()).keys()]).toEqual([...Object.keys(files), 'itemWeights']);
    const options = { confidence: 'bm25:100,0.8', 'user-discount': 0.5 };
    expect(model.plan({ pairs }, resolveOptions(model, options), 1).parameters).toMatchObject({
      'mean-plays': expect.any(Number),
      'mean-items': expect.any(Number),
    });
  });

  it('has no epochs and no vectors, and tells how far it is', async () => {
    const told: Progress[] = [];
    const other = await fit({}, 2, (progress) => told.push(progress));
    expect(other.epochs).toEqual([]);
    expect(other.userVectors(pairs, context)).toBeUndefined();
    expect(other.itemVectors()).toBeUndefined();
    expect(
      told.map((progress) => 'phase' in progress && [progress.phase, progress.done, progress.total]),
    ).toEqual([['pairs in common', 0, undefined], ...steps]);
  });

  it('ends at once when aborted', async () => {
    const aborting = new AbortController();
    const fitting = fit({}, 2, () => aborting.abort(), aborting.signal);
    await expect(fitting).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('slim alone', () => {
  const slim = findModel('slim');

  it('has the same bits however many Gram columns are kept', async () => {
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
      const workspaceBytes = result + beside;
      const pool = keep(openPool({ threads, workspaceBytes, scratchBytes, signal: context.signal }));
      const settings = settingsOf(rows, numItems, { reg: 1.5, neighbours: 12 }, kernels);
      const matrix = await trainSlim(pool, rows, numItems, settings, () => undefined, mostHot);
      made.push(bytesOf(sparseMatrixFiles(pool.workspace, matrix)));
    }
    for (const other of made) expect(other.equals(made[0]!)).toBe(true);
  });

  it('means something by its exponents and its restriction, and takes every item where there are few', () => {
    const B = slimOracle(signs, numItems, 1.5, 12);
    const plain = slimOracle(signs, numItems, 1.5, 12, { user: 0, item: 0, output: 0 });
    const whole = slimOracle(signs, numItems, 1.5, numItems);
    for (const other of [plain, whole])
      expect(other.flat().some((value, p) => Math.abs(value - B.flat()[p]!) > 0.01)).toBe(true);
    const { modelBytes } = slim.plan({ pairs }, resolveOptions(slim, { neighbours: 1000 }), 1);
    expect(modelBytes).toBe(8 * numItems * (numItems - 1) + 4 * numItems);
  });

  it('fails where weights are so large that sums of their products are no numbers of f32', async () => {
    const plan = slim.plan({ pairs }, resolveOptions(slim, { confidence: 'linear:1e20' }), 1);
    const fitting = plan.fit({ threads: 1, clock: () => 0, context });
    await expect(fitting).rejects.toMatchObject({ code: 'diverged' });
  });
});
