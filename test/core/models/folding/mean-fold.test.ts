import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { allocateFactors, factorBytes } from '#dist/core/compute/factors.js';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import type { Pairs } from '#dist/core/contracts.js';
import { noTime } from '#dist/core/numeric/pairs.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { usersOf } from '#dist/core/numeric/split-pairs.js';
import type { HistoryWeights } from '#dist/core/models/folding/history-weights.js';
import { fileInputs, meanFold, type MeanFoldModel } from '#dist/core/models/folding/mean-fold.js';
import { weighingOptions } from '#dist/core/models/folding/weighing-options.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { writeVectors } from '../../../helpers/vectors.js';
import { pairsOf, plantedEntries } from '../../../helpers/sparse.js';

const dim = 5;
const stride = 8;
const numItems = 30;
const random = seededRandom(8);
const values = Float32Array.from({ length: numItems * stride }, () => random.nextFraction() - 0.5);
const itemVectors = { readRowsInto: () => undefined };

function weights(confidence: string, decay?: HistoryWeights['decay']): HistoryWeights {
  const scale = { meanItems: 1, meanPlays: 1, itemFactor: undefined };
  return { weighting: weighingOptions({ confidence }, 'log'), scale, decay };
}

const model: MeanFoldModel = {
  dim,
  weights: weights('linear:1'),
  recency: 0,
  inputs: {
    every: () => ({ values, stride }),
    some: (rows) => ({
      values: Float32Array.from(
        Array.from(rows).flatMap((row) => [...values.subarray(row * stride, (row + 1) * stride)]),
      ),
      stride,
    }),
  },
};

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

const one = (history: Pairs, more: Partial<MeanFoldModel> = {}): number[] => [
  ...meanFold({ ...model, ...more }).one(history, itemVectors).vector,
];

/** Σ w·x / Σ |w| */
function mean(weights: readonly (readonly [item: number, weight: number])[]): number[] {
  const norm = weights.reduce((sum, [, w]) => sum + Math.abs(w), 0);
  return Array.from({ length: dim }, (_, f) =>
    weights.reduce((sum, [item, w]) => sum + (w * values[item * stride + f]!) / norm, 0),
  );
}

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  got.forEach((value, f) => expect(value).toBeCloseTo(wanted[f]!, 6));
}

function withTimes(history: Pairs, times: readonly (number | undefined)[]): Pairs {
  return { ...history, lastAt: BigInt64Array.from(times, (t) => (t === undefined ? noTime : BigInt(t))) };
}

describe('the mean of a history', () => {
  const history = pairsOf(
    [
      [
        [2, 1],
        [7, 3],
        [9, -2],
      ],
    ],
    numItems,
  );

  it('weighs items by what was listened to; a dislike counts against', () => {
    expectClose(
      one(history),
      mean([
        [2, 1],
        [7, 3],
        [9, -2],
      ]),
    );
    expectClose(
      one(history, { weights: weights('binary') }),
      mean([
        [2, 1],
        [7, 1],
        [9, -1],
      ]),
    );
  });

  it('is zero without a history, and for one of bans alone', () => {
    expect(one(pairsOf([[]], numItems))).toEqual([0, 0, 0, 0, 0]);
    const banned = { ...history, weight: new BigInt64Array(3), flags: new Uint8Array(3).fill(2) };
    expect(one(banned)).toEqual([0, 0, 0, 0, 0]);
  });

  it('reads vectors from a file, over those of the user before, but for parts that still explain', () => {
    const folder = mkdtempSync(join(tmpdir(), 'segue-mean-'));
    const rows = Array.from({ length: numItems }, (_, row) => [
      ...values.subarray(row * stride, row * stride + dim),
    ]);
    const file = openVectorFile(writeVectors(join(folder, 'inputs.npy'), rows));
    try {
      const fold = meanFold({ ...model, inputs: fileInputs(file) });
      const other = pairsOf([[[4, 1]]], numItems);
      const target = values.subarray(0, dim);
      const parts = fold.parts(history, new Float32Array(dim), itemVectors);
      const wanted = parts.of(target);
      expect([...fold.one(other, itemVectors).vector]).toEqual(one(other));
      expect([...fold.one(history, itemVectors).vector]).toEqual(one(history));
      expect([...fold.one(other, itemVectors).vector]).toEqual(one(other));
      expect(parts.of(target)).toEqual(wanted);
    } finally {
      file.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('halves what is older by so many later items; what has no time is of now', () => {
    const recency = { recency: 1 };
    expectClose(
      one(withTimes(history, [30, 10, 20]), recency),
      mean([
        [2, 1],
        [7, 3 / 4],
        [9, -2 / 2],
      ]),
    );
    expectClose(
      one(withTimes(history, [30, 10, 10]), recency),
      mean([
        [2, 1],
        [7, 3 / 2],
        [9, -2 / 2],
      ]),
    );
    expectClose(
      one(withTimes(history, [30, undefined, 10]), recency),
      mean([
        [2, 1 / 2],
        [7, 3],
        [9, -2 / 4],
      ]),
    );
    expectClose(one(history, recency), one(history));
    expectClose(
      one(withTimes(history, [30, 10, 20]), { recency: 2 }),
      mean([
        [2, 1],
        [7, 3 / 2],
        [9, -2 / Math.SQRT2],
      ]),
    );
  });

  it('ages by time as well', () => {
    const decay = { halfLifeMs: 10, asOfMs: 30 };
    expectClose(
      one(withTimes(history, [30, 10, 20]), { weights: weights('linear:1', decay) }),
      mean([
        [2, 1],
        [7, 3 / 4],
        [9, -2 / 2],
      ]),
    );
  });

  it.each([0, 3])('gives one and all the same bits, recency %i', async (recency) => {
    const histories = pairsOf(plantedEntries(200, numItems, { perUser: 9, dislikes: 0.2 }), numItems);
    const timed = withTimes(
      histories,
      Array.from(histories.item, () => random.nextBelow(6)),
    );
    const workspaceBytes = factorBytes(200, stride);
    pool = openPool({ threads: 2, workspaceBytes, scratchBytes: 64, signal: new AbortController().signal });
    const users = allocateFactors(pool.workspace, 200, stride);
    const fold = meanFold({ ...model, weights: weights('log'), recency });
    expect(await fold.all(pool, users, timed, users)).toBe(0);
    for (let u = 0; u < 200; u++) {
      const { vector } = fold.one(usersOf(timed, u, u + 1), itemVectors);
      const stored = pool.workspace.f32(users.address + u * stride * 4, stride);
      expect([...stored]).toEqual([...vector, 0, 0, 0]);
    }
  });
});
