import { describe, expect, it } from 'vitest';
import { startFollowing, step } from '#dist/core/realtime/step.js';
import { fileBugs, rareBugs, type FileBug } from '../../helpers/follower-files.js';
import { plantedBugs, simulate, type PlantedBug } from '../../helpers/follower-world.js';
import { isFullTest, isNightly } from '../../helpers/full-tests.js';

/** SEGUE_SEED=N runs one world again; SEGUE_SEEDS=1000000 as many as that. */
const first = Number(process.env['SEGUE_SEED'] ?? 1);
const count = process.env['SEGUE_SEED'] === undefined ? Number(process.env['SEGUE_SEEDS'] ?? 0) : 1;

/**
 * Worlds by the source of their events. Of files the full test has ten times as many as it takes in the median to find the
 * planted bug that is the rarest.
 */
const worlds = {
  memory: { bugs: plantedBugs, quick: 200, full: 3000, nightly: 30_000 },
  files: { bugs: fileBugs, quick: 25, full: 1750, nightly: 50_000 },
} as const;

describe.each(['memory', 'files'] as const)('a simulated follower of what comes from %s', (from) => {
  const { bugs, ...seeds } = worlds[from];

  it('keeps its promises through crashes, clocks that jump, rotation, repeats and publishing', () => {
    const most = count > 0 ? count : isNightly ? seeds.nightly : isFullTest() ? seeds.full : seeds.quick;
    const broken: string[] = [];
    for (let seed = first; seed < first + most && broken.length < 3; seed++) {
      const what = simulate(seed, from);
      if (what !== undefined) broken.push(`SEGUE_SEED=${seed}: ${what}`);
    }
    expect(broken).toEqual([]);
  });

  const planted = bugs.filter((bug) => isFullTest() || !rareBugs.has(bug));
  it.each<PlantedBug | FileBug>(planted)('would not if %s', (bug) => {
    const seeds = Array.from({ length: 1000 }, (_, seed) => seed + 1);
    expect(seeds.some((seed) => simulate(seed, from, bug) !== undefined)).toBe(true);
  });
});

it.each([
  [1, 20, false],
  [100, 20, true],
  [2, 60_000, true],
])('what waits is full by %i lines of %i characters: %s', (count, length, isFull) => {
  const settings = { everyMs: 1, dedupeForMs: 1, mostHeld: 100, maxLagMs: undefined };
  const recovered = { stored: new Map<string, number>(), buried: new Set<string>(), noted: undefined };
  const events = Array.from({ length: count }, (_, at) => ({ offset: at + 1, text: 'x'.repeat(length) }));
  const arrived = { kind: 'arrived', partition: 'p', events, nowMs: 0, uptimeMs: 0 } as const;
  expect(step(startFollowing(settings, recovered, 's'), arrived).state.isFull).toBe(isFull);
});
