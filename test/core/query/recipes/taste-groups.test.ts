import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { cosine, tasteGroups, type TasteItem } from '#dist/core/query/recipes/taste-groups.js';

function direction(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (x) => x / length);
}

/** `sizes[g]` items around axis g of 4, weights 1 … */
function around(sizes: readonly number[], noise: number, seed = 7): { items: TasteItem[]; group: number[] } {
  const random = seededRandom(seed);
  const group = sizes.flatMap((size, g) => new Array<number>(size).fill(g));
  const items = group.map((g, row) => ({
    row,
    weight: 1 + (row % 3),
    direction: direction([0, 1, 2, 3].map((f) => (f === g ? 1 : 0) + noise * (random.nextFraction() - 0.5))),
  }));
  return { items, group };
}

describe('taste groups', () => {
  it('are the clusters that are there, the heaviest first', () => {
    const { items, group } = around([5, 9, 7], 0.2);
    const groups = tasteGroups(items, 3, 2);
    expect(groups.map(({ members }) => [...new Set(members.map((at) => group[at]))])).toEqual([
      [1],
      [2],
      [0],
    ]);
    expect(groups.map(({ members }) => members.length)).toEqual([9, 7, 5]);
    expect(groups.map(({ weight }) => weight)).toEqual(
      groups.map(({ members }) => members.reduce((sum, at) => sum + items[at]!.weight, 0)),
    );
  });

  it('are never smaller than asked for: a small one joins the nearest', () => {
    const { items } = around([8, 8, 2], 0.2);
    const groups = tasteGroups(items, 3, 3);
    expect(groups.length).toBe(2);
    expect(groups.flatMap(({ members }) => [...members]).sort((a, b) => a - b)).toEqual(
      items.map((_, at) => at),
    );
  });

  it('are one where there are few items, and none where there is none', () => {
    const { items } = around([2, 2], 0.1);
    expect(tasteGroups(items, 4, 3).map(({ members }) => members)).toEqual([[0, 1, 2, 3]]);
    expect(tasteGroups(items.slice(0, 1), 4, 3).map(({ members }) => members)).toEqual([[0]]);
    expect(tasteGroups([], 4, 3)).toEqual([]);
  });

  it('hold every item once, are at most as many as asked for and large enough, whatever the items', () => {
    const item = fc.record({
      row: fc.nat(),
      weight: fc.integer({ min: 1, max: 5 }),
      direction: fc
        .array(fc.integer({ min: -2, max: 2 }), { minLength: 3, maxLength: 3 })
        .filter((values) => values.some((x) => x !== 0))
        .map(direction),
    });
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        (items, count, atLeast) => {
          const groups = tasteGroups(items, count, atLeast);
          expect(groups.flatMap(({ members }) => [...members]).sort((a, b) => a - b)).toEqual(
            items.map((_, at) => at),
          );
          expect(groups.length).toBeLessThanOrEqual(count);
          if (groups.length > 1) {
            for (const { members } of groups) expect(members.length).toBeGreaterThanOrEqual(atLeast);
          }
          const weights = groups.map(({ weight }) => weight);
          expect(weights).toEqual([...weights].sort((a, b) => b - a));
          expect(tasteGroups(items, count, atLeast)).toEqual(groups);
        },
      ),
    );
  });

  it('are tighter than the whole', () => {
    const { items } = around([12, 12, 12, 12], 1.2, 3);
    const tightness = (members: readonly number[]): number => {
      let [sum, pairs] = [0, 0];
      for (const a of members)
        for (const b of members)
          if (a < b) [sum, pairs] = [sum + cosine(items[a]!.direction, items[b]!.direction), pairs + 1];
      return sum / pairs;
    };
    const whole = tightness(items.map((_, at) => at));
    for (const { members } of tasteGroups(items, 4, 3)) expect(tightness(members)).toBeGreaterThan(whole);
  });
});
