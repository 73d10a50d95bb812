import { describe, expect, it } from 'vitest';
import { startFollowing, step } from '#dist/core/realtime/step.js';
import { plantedBugs, simulate } from '../../helpers/follower-world.js';
import { isFullTest } from '../../helpers/full-tests.js';

/** SEGUE_SEED=N runs one world again; SEGUE_SEEDS=1000000 as many as that. */
const first = Number(process.env['SEGUE_SEED'] ?? 1);
const count = process.env['SEGUE_SEED'] === undefined ? Number(process.env['SEGUE_SEEDS'] ?? 0) : 1;

describe('a simulated follower', () => {
  it('keeps its promises through crashes, clocks that jump, repeats and publishing', () => {
    const seeds = count > 0 ? count : isFullTest() ? 10_000 : 200;
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

describe('what waits', () => {
  it.each([
    [1, 20, false],
    [100, 20, true],
    [2, 60_000, true],
  ])('is full by %i lines of %i characters: %s', (count, length, isFull) => {
    const settings = { everyMs: 1, dedupeForMs: 1, mostHeld: 100, maxLagMs: undefined };
    const recovered = { stored: new Map<string, number>(), buried: new Set<string>(), noted: undefined };
    const events = Array.from({ length: count }, (_, at) => ({ offset: at + 1, text: 'x'.repeat(length) }));
    const arrived = { kind: 'arrived', partition: 'p', events, nowMs: 0, uptimeMs: 0 } as const;
    expect(step(startFollowing(settings, recovered, 's'), arrived).state.isFull).toBe(isFull);
  });
});
