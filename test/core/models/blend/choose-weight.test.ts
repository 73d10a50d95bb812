import { describe, expect, it } from 'vitest';
import { weightBy, weightsAround } from '#dist/core/models/blend/choose-weight.js';
import { seededRandom } from '#dist/core/numeric/random.js';

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

describe('the weight of a blend', () => {
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
