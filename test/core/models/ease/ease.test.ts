import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs, Progress, RankedItem, Ranker } from '#dist/core/contracts.js';
import { openItemItemMatrix, type ItemItemMatrix } from '#dist/core/search/item-item-matrix.js';
import { openItemItemSearch, searchByRows } from '#dist/core/search/item-item-search.js';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import type { FittedModel } from '#dist/core/models/model.js';
import { openItemItemRanker } from '#dist/core/models/open-ranker.js';
import { historyWeights } from '#dist/core/models/folding/history-weights.js';
import { scoredHistories } from '#dist/core/models/ease/scored-histories.js';
import { usersAt, usersOf } from '#dist/core/numeric/split-pairs.js';
import { weighingOptions } from '#dist/core/models/folding/weighing-options.js';
import { at, inner, matrix, transposed, type Matrix } from '../../../helpers/dense.js';
import { denseRows, easeOracle } from '../../../helpers/ease-oracle.js';
import { pairsOf, plantedEntries } from '../../../helpers/sparse.js';

const ease = findModel('ease');
const numItems = 150;
const entries = plantedEntries(600, numItems, { perUser: 9, dislikes: 0.1 });
const pairs = pairsOf(entries, numItems);
/** X as --confidence binary has it. */
const signs = entries.map((row) => row.map(([item, weight]) => [item, Math.sign(weight)] as const));
const context = { signal: new AbortController().signal, onProgress: (): void => undefined };

let fitted: FittedModel | undefined;
const folders: string[] = [];
afterEach(async () => {
  await fitted?.close();
  fitted = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function fit(
  given: Record<string, number | string> = {},
  threads = 1,
  onProgress: (progress: Progress) => void = context.onProgress,
): Promise<FittedModel> {
  const options = resolveOptions(ease, { reg: 5, ...given });
  const run = { threads, clock: () => 0, context: { ...context, onProgress } };
  fitted = await ease.plan({ pairs }, options, 42).fit(run);
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

function similarityBytes(model: FittedModel): Buffer {
  const files = [...model.files()];
  expect(files.map(([name]) => name)).toEqual(['similarity']);
  return Buffer.concat([...files[0]![1]].map((chunk) => Buffer.from(chunk)));
}

function storedMatrix(model: FittedModel): ItemItemMatrix {
  const folder = mkdtempSync(join(tmpdir(), 'segue-ease-'));
  folders.push(folder);
  writeFileSync(join(folder, 'similarity.npy'), similarityBytes(model));
  return openItemItemMatrix({ layout: 'dense', matrix: join(folder, 'similarity.npy') });
}

describe('the ease model', () => {
  let B: Matrix;
  beforeAll(() => {
    B = easeOracle(signs, numItems, 5);
  });

  /** The best unheard items by X·B, naively. */
  function oracleScores(u: number): number[] {
    const x = denseRows([signs[u]!], numItems)[0]!;
    return transposed(B).map((column) => inner(x, column));
  }

  it('ranks every user by their history times the matrix of the closed form', async () => {
    const rankings = await rankingsOf(await fit(), pairs, 10);
    expect(rankings).toHaveLength(600);
    for (const u of [0, 7, 8, 255, 256, 599]) {
      const scores = oracleScores(u);
      const own = new Set(entries[u]!.map(([item]) => item));
      const wanted = [...scores.keys()].filter((i) => !own.has(i)).sort((i, j) => scores[j]! - scores[i]!);
      expect(rankings[u]).toHaveLength(10);
      rankings[u]!.forEach(({ row, score }, place) => {
        expect(own.has(row)).toBe(false);
        expect(score).toBeCloseTo(scores[row]!, 5);
        expect(score).toBeCloseTo(scores[wanted[place]!]!, 5);
      });
    }
  });

  it('gives a history the same ranking, whoever else is asked about and at any number of threads', async () => {
    const all = await rankingsOf(await fit({}, 1), pairs, 5);
    await fitted!.close();
    expect(await rankingsOf(await fit({}, 3), pairs, 5)).toEqual(all);
    expect(await rankingsOf(fitted!, usersOf(pairs, 300, 320), 5)).toEqual(all.slice(300, 320));
    expect(await rankingsOf(fitted!, usersAt(pairs, [599, 3]), 5)).toEqual([all[599], all[3]]);
    expect(await rankingsOf(fitted!, usersAt(pairs, []), 5)).toEqual([]);
  });

  it('gives all that is left where k is more, never a banned item, and nothing for a ban', async () => {
    const model = await fit();
    const one = usersOf(pairs, 4, 5);
    const listed = await rankingsOf(model, one, 1000);
    expect(listed[0]).toHaveLength(numItems - one.item.length);
    // The first pair becomes a ban: it weighs nothing and is still left out.
    const weight = one.weight.slice().fill(0n, 0, 1);
    const [banned] = await rankingsOf(model, { ...one, weight }, 1000);
    expect(banned!.map(({ row }) => row).sort()).toEqual(listed[0]!.map(({ row }) => row).sort());
    expect(banned).not.toEqual(listed[0]);
  });

  it('ranks from its file as it does in memory, to the bit: for many at once, and for one at a time', async () => {
    const model = await fit({ confidence: 'log', cap: 1.5 });
    const { kernels } = openWorkspace(0);
    const weights = historyWeights(pairs, weighingOptions({ confidence: 'log', cap: 1.5 }, ''), kernels);
    const wanted = await rankingsOf(model, pairs, 12);
    const ranker = await openItemItemRanker(storedMatrix(model), weights, 2, context);
    expect(await rankingsOf(ranker, pairs, 12)).toEqual(wanted);
    await ranker.close();
    const search = openItemItemSearch(storedMatrix(model), 12);
    for (const u of [0, 1, 100, 599]) {
      const history = usersOf(pairs, u, u + 1);
      const { idx, weight } = scoredHistories(history, weights, kernels);
      expect(search.best(idx, weight, 12, history.item)).toEqual(wanted[u]);
    }
    expect(search.best([], [], 3, [0])).toEqual([1, 2, 3].map((row) => ({ row, score: 0 })));
    expect(() => search.best([], [], 13, [])).toThrow(RangeError);
    search.close();
  });

  it('finds an item’s neighbours in its row, and those of several in the sum of their rows', async () => {
    const search = searchByRows(storedMatrix(await fit()), 5);
    const best = (rows: readonly number[]): number[] => {
      const scores = Array.from({ length: numItems }, (_, j) =>
        rows.reduce((sum, i) => sum + at(B, i, j), 0),
      );
      return [...scores.keys()]
        .filter((j) => !rows.includes(j))
        .sort((i, j) => scores[j]! - scores[i]!)
        .slice(0, 5);
    };
    const vector = search.vectorOf(3);
    expect([...vector.keys()].filter((i) => vector[i] !== 0)).toEqual([3]);
    expect(search.best(vector, 5, [3]).map(({ row }) => row)).toEqual(best([3]));
    const both = vector.slice();
    both[8] = 1;
    expect(search.best(both, 5, [3, 8]).map(({ row }) => row)).toEqual(best([3, 8]));
    const allButBest = rowSetOf(
      numItems,
      [...Array(numItems).keys()].filter((row) => row !== best([3])[0]),
    );
    expect(search.best(vector, 4, [3], allButBest).map(({ row }) => row)).toEqual(best([3]).slice(1));
    expect(search.best(vector, 1, [3]).map(({ row }) => row)).toEqual(best([3]).slice(0, 1));
    search.close();
  });

  it('knows no direction of an item that nobody has', async () => {
    const more = { ...pairs, numItems: numItems + 1 };
    fitted = await ease
      .plan({ pairs: more }, resolveOptions(ease, {}), 1)
      .fit({ threads: 1, clock: () => 0, context });
    const search = searchByRows(storedMatrix(fitted), 5);
    const vector = search.vectorOf(numItems);
    expect(vector.every(Number.isNaN)).toBe(true);
    expect(search.best(vector, 5, [])).toEqual([]);
    search.close();
  });

  it('writes the same file at any number of threads', async () => {
    const one = similarityBytes(await fit({}, 1));
    await fitted!.close();
    expect(similarityBytes(await fit({}, 3)).equals(one)).toBe(true);
  });

  it('weighs by `confidence`, with log as with binary', async () => {
    const got = similarityBytes(await fit({ confidence: 'log' }));
    const values = new Float32Array(
      got.buffer,
      got.byteOffset + got.length - 4 * numItems ** 2,
      numItems ** 2,
    );
    // Weights of 1 … 2: 1 + ln w.
    const logged = entries.map((row) =>
      row.map(([item, w]) => [item, Math.sign(w) * Math.fround(1 + Math.log(Math.abs(w)))] as const),
    );
    const wanted = easeOracle(logged, numItems, 5);
    matrix(numItems, numItems, (i, j) => {
      expect(Math.abs(values[i * numItems + j]! - at(wanted, i, j))).toBeLessThan(1e-5);
      return 0;
    });
  });

  it('keeps what items weigh beside the matrix, where they weigh something', async () => {
    const names = (model: FittedModel): string[] => [...model.files()].map(([name]) => name);
    expect(names(await fit())).toEqual(['similarity']);
    await fitted!.close();
    expect(names(await fit({ confidence: 'tf-idf' }))).toEqual(['similarity', 'itemWeights']);
    const plan = ease.plan(
      { pairs },
      resolveOptions(ease, { confidence: 'bm25:100,0.8', 'user-discount': 0.5 }),
      1,
    );
    expect(plan.parameters).toMatchObject({
      'mean-plays': expect.any(Number),
      'mean-items': expect.any(Number),
    });
  });

  it('has no epochs and no vectors, and tells how far it is', async () => {
    const told: Progress[] = [];
    const model = await fit({}, 2, (progress) => told.push(progress));
    expect(model.epochs).toEqual([]);
    expect(model.userVectors(pairs, context)).toBeUndefined();
    expect(
      told.map((progress) => 'phase' in progress && [progress.phase, progress.done, progress.total]),
    ).toEqual([
      ['pairs in common', 0, undefined],
      ['inverting', 1, 3],
      ['inverting', 2, 3],
      ['inverting', 3, 3],
    ]);
  });

  it('ends at once when aborted', async () => {
    const aborting = new AbortController();
    const onProgress = (): void => {
      aborting.abort();
    };
    const plan = ease.plan({ pairs }, resolveOptions(ease, {}), 1);
    const fitting = plan.fit({
      threads: 2,
      clock: () => 0,
      context: { signal: aborting.signal, onProgress },
    });
    await expect(fitting).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('options of ease', () => {
  it('have their defaults', () => {
    expect(resolveOptions(ease, {})).toEqual({
      ...{ reg: 150, confidence: 'binary', 'item-discount': 0, 'user-discount': 0 },
    });
    expect(ease.dim({})).toBe(0);
  });

  it.each([
    [{ reg: 0 }, /`reg` 0: wanted a number from 0.001/],
    [{ reg: Number.POSITIVE_INFINITY }, /`reg`/],
    [{ confidence: 'cubic' }, /`confidence` "cubic"/],
    [{ factors: 32 }, /`factors` does not apply to `model` ease/],
    [{ epochs: 3 }, /`epochs` does not apply to `model` ease/],
    [{ 'unobserved-weight': 0.1 }, /`unobserved-weight` does not apply/],
  ])('refuse %o', (given, message) => {
    expect(() => resolveOptions(ease, given)).toThrow(
      expect.objectContaining({
        code: 'bad-usage',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  it('say so where nothing is left to train on', () => {
    const nothing = { ...pairs, weight: pairs.weight.slice().fill(0n) };
    expect(() => ease.plan({ pairs: nothing }, resolveOptions(ease, {}), 1)).toThrow(
      expect.objectContaining({ code: 'empty-input' }) as Error,
    );
  });
});

describe('the memory of ease', () => {
  /** numItems items of which the first `popular` have two users and the others one. */
  function catalogueOf(popular: number, many: number): Pairs {
    const nnz = popular + many;
    return {
      numUsers: many,
      numItems: many,
      indptr: Uint32Array.from({ length: many + 1 }, (_, u) => Math.min(2 * u, popular + u)),
      item: Uint32Array.from({ length: nnz }, (_, p) => (p < 2 * popular ? p >> 1 : p - popular)),
      weight: new BigInt64Array(nnz).fill(1_000_000_000n),
      count: new Uint32Array(nnz).fill(1),
      lastAt: new BigInt64Array(nnz).fill(-(2n ** 63n)),
      flags: new Uint8Array(nnz).fill(1),
    };
  }

  it('is about 4 bytes × items², and known before', () => {
    const { memoryBytes } = ease
      .plan({ pairs: catalogueOf(0, 20_000) }, resolveOptions(ease, {}), 1)
      .expectation(2);
    expect(memoryBytes).toBeGreaterThan(4 * 20_000 ** 2);
    expect(memoryBytes).toBeLessThan(4 * 20_000 ** 2 * 1.1 + 200e6);
  });

  it('has room for the scratch of as many threads as it takes, and takes no more', () => {
    // 15,000 users: 7.7 MB of scratch a thread, beside 4.0 GB of a catalogue of 27,500 and their own Gram matrix.
    const wide = { ...catalogueOf(0, 27_500), numUsers: 15_000 };
    const indptr = wide.indptr.slice(0, 15_001);
    indptr[15_000] = 27_500;
    const plan = ease.plan({ pairs: { ...wide, indptr } }, resolveOptions(ease, {}), 1);
    expect(plan.expectation(256).memoryBytes).toBeLessThanOrEqual(2 ** 32 + 250e6);
    expect(plan.expectation(256).memoryBytes).toBeGreaterThan(plan.expectation(1).memoryBytes);
  });

  it('promises nothing where no minimum leaves an item', () => {
    let thrown: unknown;
    try {
      ease.plan({ pairs: catalogueOf(0, 50_000) }, resolveOptions(ease, {}), 1);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'too-large',
      suggestions: [expect.stringContaining('`model` als')],
      details: { items: 50_000, limit: 2 ** 32 - 2 ** 16 },
    });
    expect(thrown).not.toHaveProperty('details.minItemUsers');
  });

  it('refuses a catalogue that does not fit, and says which would', () => {
    let thrown: unknown;
    try {
      ease.plan({ pairs: catalogueOf(10_000, 50_000) }, resolveOptions(ease, {}), 1);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'too-large',
      exitCode: 2,
      message: expect.stringMatching(/ease on 50000 items needs 9.\d GiB .* the limit is 4.0 GiB/) as string,
      suggestions: ['`minItemUsers` 2 keeps 10000 items, which fit', expect.stringContaining('`model` als')],
      details: { items: 50_000, minItemUsers: 2, fittingItems: 10_000 },
    });
  });
});
