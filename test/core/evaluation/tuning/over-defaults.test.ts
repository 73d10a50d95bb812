import { describe, expect, it } from 'vitest';
import { keptGroups, overDefaults } from '#dist/core/evaluation/tuning/over-defaults.js';
import type { Training } from '#dist/core/evaluation/tuning/trials-file.js';
import { seededRandom } from '#dist/core/numeric/random.js';

const numUsers = 400;
/** Of users whose metric the setting changes by about so much. */
function trained(trial: number, gain: number, spread = 0.1, users = numUsers): Training {
  const own = seededRandom(trial);
  const common = seededRandom(99);
  const values = Float64Array.from(
    { length: users },
    () => common.nextFraction() + gain + spread * (own.nextFraction() - 0.5),
  );
  const score = values.reduce((sum, value) => sum + value, 0) / users;
  return {
    ...{ model: 'als', trial, rung: 0, options: {}, seconds: 1 },
    ...{ epochs: 4, score },
    groups: keptGroups(values, 7),
  };
}

const scoreOf = ({ score }: Training): number => score!;

function judge(tried: readonly Training[]) {
  const [defaults] = tried;
  const best = tried.reduce((a, b) => (scoreOf(b) > scoreOf(a) ? b : a));
  return { best, ...overDefaults(tried, best, defaults, 1)! };
}

describe('the best of many settings', () => {
  it('is not better than the defaults where none is, however many are tried', () => {
    let misled = 0;
    for (let first = 1; first <= 20; first++) {
      const tried = Array.from({ length: 20 }, (_, at) => trained(1000 * first + at, 0, 0.1, 60));
      const { difference, interval, isBetter } = judge(tried);
      expect(difference).toBeGreaterThanOrEqual(0);
      expect(isBetter).toBe(interval![0] > 0);
      if (isBetter) misled++;
    }
    // 1 of 20 in the mean; by an interval for a single setting it would be 10 and more.
    expect(misled).toBeLessThan(4);
  });

  it('is better where one is, by an interval around what is true', () => {
    const tried = [
      trained(1, 0),
      ...Array.from({ length: 38 }, (_, at) => trained(2 + at, -0.02)),
      trained(50, 0.02),
    ];
    const { best, interval, isBetter } = judge(tried);
    expect(best.trial).toBe(50);
    expect(isBetter).toBe(true);
    expect(interval![0]).toBeGreaterThan(0);
    expect(interval![0]).toBeLessThan(0.02);
    expect(interval![1]).toBeGreaterThan(0.02);
  });

  it('is not better where it is the defaults, the same ranking, or measured by too few users', () => {
    const defaults = trained(1, 0);
    expect(judge([defaults, trained(2, -0.1)])).toMatchObject({ interval: [0, 0], isBetter: false });
    const same = { ...defaults, trial: 2 };
    expect(overDefaults([defaults, same], same, defaults, 1)).toMatchObject({ isBetter: false });
    const few = [trained(1, 0, 0.1, 9), trained(2, 0.5, 0.1, 9)];
    expect(judge(few)).toMatchObject({ interval: null, isBetter: false });
    expect(judge([trained(1, 0, 0.1, 10), trained(2, 0.5, 0.1, 10)])).toMatchObject({ isBetter: true });
  });

  it('is compared with what diverged left out', () => {
    const diverged = { ...trained(3, 0), groups: [] };
    expect(judge([trained(1, 0), trained(2, 0.1), diverged])).toMatchObject({ isBetter: true });
  });
});
