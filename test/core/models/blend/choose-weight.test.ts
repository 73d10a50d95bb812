import { describe, expect, it } from 'vitest';
import type { BlendRanker } from '#dist/core/models/blend/rank-blend.js';
import { chooseWeight, weightBy, weightsAround } from '#dist/core/models/blend/choose-weight.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { pairsOf } from '../../../helpers/sparse.js';

const prior = { weight: 0.4, reach: 0.2 };

/** NDCG by user: a level of their own, what the weight adds, and noise of a weight. */
function planted(
  gainOf: (weight: number) => number,
  { users = 2000, noise = 0.02, seed = 1 } = {},
): ReadonlyMap<number, Float64Array> {
  const random = seededRandom(seed);
  const levels = Float64Array.from({ length: users }, () => random.nextFraction() / 5);
  return new Map(
    weightsAround(prior).map((weight) => [
      weight,
      levels.map((level) => level + gainOf(weight) + noise * (random.nextFraction() - 0.5)),
    ]),
  );
}

/** Of four users, by weight: 0 but where it is said. */
function byFour(values: Readonly<Record<number, readonly number[]>>): ReadonlyMap<number, Float64Array> {
  return new Map(weightsAround(prior).map((w) => [w, Float64Array.from(values[w] ?? [0, 0, 0, 0])]));
}

describe('the weight of a blend', () => {
  it('is the nearest to the prior within a standard error of the best', () => {
    // Differences of 1 −1 1 0.6: mean 0.4, standard error 0.476; of 1 0 1 0.6: mean 0.65, standard error 0.236.
    const best = [2, 1, 2, 1.6];
    expect(weightBy(byFour({ 0.2: best, 0.3: [1, 2, 1, 1] }), prior).weight).toBe(0.3);
    expect(weightBy(byFour({ 0.2: best, 0.3: [1, 1, 1, 1] }), prior).weight).toBe(0.2);
  });

  it('is a member alone only where both the factor and the standard errors say so', () => {
    const levels = [1, 1, 1, 1];
    const blends = Object.fromEntries([0.2, 0.3, 0.4, 0.5, 0.6].map((weight) => [weight, levels]));
    // Twice as good in the mean, and hardly a standard error.
    expect(weightBy(byFour({ ...blends, 1: [6, 0, 2, 0] }), prior).weight).toBe(0.4);
    expect(weightBy(byFour({ ...blends, 1: [2, 2, 2, 2.1] }), prior).weight).toBe(1);
  });

  it('is measured by the NDCG of each user by what is held out of theirs', async () => {
    const wanted = [[7], [3, 5], [2]];
    // At its weight a user finds an item; the second user one of two, at the second place.
    const found = new Map([
      [0.2, [7, 8, 8]],
      [0.3, [7, 5, 8]],
      [1, [8, 8, 2]],
    ]);
    const blend = {
      numItems: 10,
      rank: (_: unknown, k: number, shares: readonly number[], each: Parameters<BlendRanker['rank']>[3]) => {
        expect(k).toBe(10);
        for (const share of shares)
          for (const user of [0, 1, 2]) {
            const row = found.get(share)?.[user] ?? 9;
            each(
              user,
              share,
              row === 5
                ? [
                    { row: 9, score: 2 },
                    { row, score: 1 },
                  ]
                : [{ row, score: 1 }],
            );
          }
        return Promise.resolve();
      },
      score: () => Promise.reject(new Error('not asked')),
    };
    const pairsWith = (rows: readonly number[][]) =>
      pairsOf(
        rows.map((row) => row.map((item) => [item, 1] as const)),
        10,
      );
    const { curve, users } = await chooseWeight(blend, pairsWith([[0], [0], [0]]), pairsWith(wanted), prior);
    const second = 1 / Math.log2(3) / (1 + 1 / Math.log2(3));
    expect(users).toBe(3);
    const ndcgAt = Object.fromEntries(curve.map(({ weight, ndcg }) => [weight, ndcg]));
    expect(ndcgAt[0.2]).toBeCloseTo(1 / 3, 12);
    expect(ndcgAt[0.3]).toBeCloseTo((1 + second) / 3, 12);
    expect(ndcgAt[1]).toBeCloseTo(1 / 3, 12);
    expect([0, 0.4, 0.5, 0.6].map((weight) => ndcgAt[weight])).toEqual([0, 0, 0, 0]);
  });

  it('is one of a few around the prior, or none or all', () => {
    expect(weightsAround(prior)).toEqual([0, 0.2, 0.3, 0.4, 0.5, 0.6, 1]);
    expect(weightsAround({ weight: 0.1, reach: 0.2 })).toEqual([0, 0.1, 0.2, 0.3, 1]);
  });

  it('is that of a clear optimum', () => {
    for (const optimum of [0.2, 0.3, 0.5, 0.6])
      expect(
        weightBy(
          planted((w) => -((w - optimum) ** 2)),
          prior,
        ),
      ).toMatchObject({ weight: optimum });
  });

  it('is the prior where nothing is to choose, or nobody was measured', () => {
    expect(
      weightBy(
        planted(() => 0, { noise: 0 }),
        prior,
      ).weight,
    ).toBe(0.4);
    expect(
      weightBy(
        planted(() => 0, { users: 0 }),
        prior,
      ),
    ).toMatchObject({ weight: 0.4, users: 0 });
  });

  it('goes from the best towards the prior as far as that is within a standard error', () => {
    const choose = (users: number) =>
      [1, 2, 3].map(
        (seed) =>
          weightBy(
            planted((w) => -0.15 * (w - 0.2) ** 2, { users, noise: 0.3, seed }),
            prior,
          ).weight,
      );
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(choose(100))).toBeGreaterThan(mean(choose(10_000)));
    expect(choose(10_000).every((weight) => weight <= 0.3)).toBe(true);
  });

  it('stays a blend where a member alone is better by a little, however surely', () => {
    // As on check-ins: validation prefers the second member alone, and test does not.
    const better = weightBy(
      planted((w) => 0.005 * w, { users: 20_000, noise: 0.01 }),
      prior,
    );
    expect(better.weight).toBe(0.6);
    expect(better.curve.find(({ weight }) => weight === 0.6)!.errors).toBeGreaterThan(6);
    expect(
      weightBy(
        planted((w) => -0.005 * w, { users: 20_000, noise: 0.01 }),
        prior,
      ).weight,
    ).toBe(0.2);
  });

  it('is none or all where a member spoils it', () => {
    expect(
      weightBy(
        planted((w) => -0.2 * w),
        prior,
      ).weight,
    ).toBe(0);
    expect(
      weightBy(
        planted((w) => 0.2 * w),
        prior,
      ).weight,
    ).toBe(1);
  });
});
