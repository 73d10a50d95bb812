import { describe, expect, it } from 'vitest';
import { plantedBugs, simulate } from '../../helpers/follower-world.js';
import { isLongTest } from '../../helpers/long-tests.js';

/** SEGUE_SEED=N runs one world again; SEGUE_SEEDS=1000000 as many as that. */
const first = Number(process.env['SEGUE_SEED'] ?? 1);
const count = process.env['SEGUE_SEED'] === undefined ? Number(process.env['SEGUE_SEEDS'] ?? 0) : 1;

describe('a simulated follower', () => {
  it('keeps its promises through crashes, clocks that jump, repeats and publishing', () => {
    const seeds = count > 0 ? count : isLongTest() ? 10_000 : 1000;
    const broken: string[] = [];
    for (let seed = first; seed < first + seeds && broken.length < 3; seed++) {
      const what = simulate(seed);
      if (what !== undefined) broken.push(`SEGUE_SEED=${seed}: ${what}`);
    }
    expect(broken).toEqual([]);
  }, 600_000);

  it.each(plantedBugs)('would not if %s', (bug) => {
    const seeds = Array.from({ length: 1000 }, (_, seed) => seed + 1);
    expect(seeds.some((seed) => simulate(seed, bug) !== undefined)).toBe(true);
  });
});
