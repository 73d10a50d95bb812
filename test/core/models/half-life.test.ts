import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs } from '#dist/core/contracts.js';
import { AppError } from '#dist/core/errors.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import { historyRows, historyWeights } from '#dist/core/models/folding/history-weights.js';
import { weightParameters, weightsFromOptions } from '#dist/core/models/folding/model-equations.js';
import { weighingByFlag, weighingOptions } from '#dist/core/models/folding/weighing-options.js';
import { modelNames, type GivenOptions, type ModelName } from '#dist/core/models/model.js';
import { pairsOf, plantedEntries, type Entries } from '../../helpers/sparse.js';

const context = { signal: new AbortController().signal, onProgress: (): void => undefined };
const math = openWorkspace(0).kernels;
const numItems = 12;
const entries = plantedEntries(10, numItems, { perUser: 5, dislikes: 0.1, seed: 3 });
const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);

/** Weights of 1 … 2, times `scale`; `ages` in days, over and over. */
function pairsAt(ages: readonly number[], scale = 1, rows: Entries = entries): Pairs {
  const pairs = pairsOf(
    rows.map((row) => row.map(([item, weight]) => [item, weight * scale] as const)),
    numItems,
  );
  const lastAt = BigInt64Array.from(pairs.item, (_, p) => BigInt(now - (ages[p % ages.length] ?? 0) * day));
  return { ...pairs, lastAt };
}

/** Every score of every user. */
async function scoresOf(name: ModelName, pairs: Pairs, given: GivenOptions): Promise<number[][]> {
  const model = findModel(name);
  const small = { factors: 3, epochs: 2 };
  const taken = Object.entries({ ...small, ...given }).filter(([flag]) => model.flags.includes(flag));
  const options = resolveOptions(model, Object.fromEntries(taken));
  const sequences = { indptr: pairs.indptr, item: pairs.item, at: undefined };
  const fitted = await model
    .plan({ pairs, sequences }, options, 1)
    .fit({ threads: 1, clock: () => 0, context });
  const scores: number[][] = [];
  await fitted.rank(pairs, numItems, (_, items) => scores.push(items.map(({ row, score }) => score + row)));
  await fitted.close();
  return scores;
}

describe('a half-life', () => {
  it('changes the scores of every model, by any confidence, or is refused', async () => {
    const confidence = fc.constantFrom('binary', 'log', 'linear:0.5', 'bm25', 'bm25:1e-9,0', 'tf-idf');
    const cases = fc.record({
      model: fc.constantFrom(...modelNames),
      confidence: fc.option(confidence, { nil: undefined }),
      cap: fc.option(fc.constantFrom(0.5, 1.5), { nil: undefined }),
      'half-life': fc.constantFrom('12h', '30d', '2y'),
      'as-of': fc.option(fc.constantFrom('2025-01-01', '2026-05-30', '2026-07-01'), { nil: undefined }),
      ages: fc.oneof(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 3, maxLength: 9 }),
        fc.constant([0]),
      ),
      scale: fc.constantFrom(0.1, 1, 40),
    });
    let refused = 0;
    const check = async ({
      model,
      ages,
      scale,
      ...given
    }: typeof cases extends fc.Arbitrary<infer T> ? T : never): Promise<void> => {
      const pairs = pairsAt(ages, scale);
      const plain = { confidence: given.confidence, cap: given.cap };
      try {
        const aged = await scoresOf(model, pairs, given);
        // Ages that are all the same scale all weights: als makes the same of them.
        if (new Set(ages).size > 1) expect(aged).not.toEqual(await scoresOf(model, pairs, plain));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        // A short half-life before all events may leave nothing of any.
        if (error.code !== 'empty-input') expect(error).toMatchObject({ code: 'bad-usage', exitCode: 2 });
        refused++;
      }
    };
    await fc.assert(fc.asyncProperty(cases, check), { numRuns: 60 });
    expect(refused).toBeGreaterThan(0);
  });

  it('makes of popularity Σ 2^(−age / half-life), so that few recent users pass many old ones', async () => {
    // Item 0 was played by 100 users in January, item 1 by 50 in June, each some times.
    const rows: Entries = Array.from({ length: 150 }, (_, u) => [[u < 100 ? 0 : 1, 1 + (u % 3)]]);
    const pairs = pairsAt([...Array<number>(100).fill(140), ...Array<number>(50).fill(0)], 1, rows);
    const model = findModel('popularity');
    const given = { 'half-life': '70d', 'as-of': '2026-06-01' };
    const fitted = await model
      .plan({ pairs }, resolveOptions(model, given), 1)
      .fit({ threads: 1, clock: () => 0, context });
    let best: unknown;
    await fitted.rank(pairsOf([[[5, 1]]], numItems), 2, (_, items) => (best = [...items]));
    expect(best).toEqual([
      { row: 1, score: 50 },
      { row: 0, score: 25 },
    ]);
  });

  it.each([
    ['binary', '2025-01-01', undefined, '`halfLife` has no effect'],
    ['log', '2025-01-01', undefined, '`halfLife` has no effect'],
    ['bm25:0.000000001,0', undefined, undefined, '`halfLife` has no effect'],
    ['binary', undefined, 3, '`cap` has no effect'],
  ])('is refused where nothing comes of it: %s %s %s', (confidence, asOf, cap, message) => {
    const options = weighingOptions({ confidence, cap, 'half-life': '30d', 'as-of': asOf }, '');
    expect(() => historyWeights(pairsAt([1, 9]), options, math)).toThrow(
      expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(message) }) as Error,
    );
  });

  it('folds users in as training weighed them, in snapshots of before it aged binary weights too', () => {
    const options = weighingOptions({ confidence: 'binary', 'half-life': '1d' }, '');
    const pairs = pairsAt([0, 1, 400], 1, [
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    ]);
    const trained = historyWeights(pairs, options, math);
    const byFlag = weighingByFlag(options);
    const stored = weightsFromOptions(byFlag, weightParameters(trained), () => new Float32Array(0));
    const weightsBy = (weights: typeof trained): number[] => [...historyRows(weights, pairs, math).weight];
    expect(weightsBy(trained)).toEqual([1, 0.5]);
    expect(weightsBy(stored)).toEqual([1, 0.5]);
    const { aging, ...before } = byFlag;
    expect(aging).toBe('weight');
    const earlier = weightsFromOptions(before, weightParameters(trained), () => new Float32Array(0));
    expect(weightsBy(earlier)).toEqual([1, 1]);
  });
});
