import { describe, expect, it } from 'vitest';
import {
  familiarity,
  freshness,
  popularityDiscount,
  rescore,
  shownBefore,
} from '#dist/core/query/recipes/rescore.js';

const candidates = [0.5, 1, 0.5].map((relevance, row) => ({ row, relevance, shares: [] }));

describe('re-scoring', () => {
  it('multiplies by every factor, and keeps the order of equal scores', () => {
    const factors = [
      { key: 'a', of: (row: number) => row + 1, most: 3 },
      { key: 'b', of: (row: number) => (row === 1 ? 0 : 2), most: 2 },
    ];
    expect(rescore(candidates, factors)).toEqual([
      {
        ...candidates[2],
        score: 3,
        factors: [
          { key: 'a', factor: 3 },
          { key: 'b', factor: 2 },
        ],
      },
      {
        ...candidates[0],
        score: 1,
        factors: [
          { key: 'a', factor: 1 },
          { key: 'b', factor: 2 },
        ],
      },
      {
        ...candidates[1],
        score: 0,
        factors: [
          { key: 'a', factor: 2 },
          { key: 'b', factor: 0 },
        ],
      },
    ]);
    expect(rescore(candidates, []).map(({ row }) => row)).toEqual([1, 0, 2]);
  });

  it('discounts by how much more often than the mean an item is heard, over the items of the model', () => {
    const { of } = popularityDiscount(Uint32Array.of(16, 4, 4, 0, 999), 4, 0.5, Math.pow);
    expect([0, 1, 3].map(of)).toEqual([(16 / 6) ** -0.5, (4 / 6) ** -0.5, (1 / 6) ** -0.5]);
    const premium = popularityDiscount(Uint32Array.of(8, 8), 2, -2, Math.pow);
    expect(premium.of(0)).toBe(1);
    // Nobody is heard less than once, nor is the mean item.
    const quiet = popularityDiscount(Uint32Array.of(0, 0, 1), 3, 1, Math.pow);
    expect([0, 2].map(quiet.of)).toEqual([1, 1]);
  });

  it('boosts what is new, by half after every half-life, and nothing of which no age is known', () => {
    const ages = [0, 10, 20, undefined];
    const { of } = freshness((row) => ages[row], 3, 10, Math.pow);
    expect([0, 1, 2, 3].map(of)).toEqual([4, 2.5, 1.75, 1]);
  });

  it('raises or lowers artists by how much they are played beside the most played', () => {
    const artists = ['a', 'b', 'c', undefined];
    const plays = new Map([
      ['a', 10],
      ['b', 5],
    ]);
    const factorsOf = (phi: number): number[] =>
      [0, 1, 2, 3].map(familiarity((row) => artists[row], plays, phi).of);
    expect(factorsOf(-1)).toEqual([0, 0.5, 1, 1]);
    expect(factorsOf(2)).toEqual([3, 2, 1, 1]);
    expect(familiarity(() => 'a', new Map(), 2).of(0)).toBe(1);
  });

  it('lowers what was shown before', () => {
    const { of, most } = shownBefore(new Set([1]), 0.25);
    expect([of(0), of(1), most]).toEqual([1, 0.25, 1]);
  });

  it('knows the most that each factor can be', () => {
    const counts = Uint32Array.of(90, 30, 7, 1, 0);
    const artists = ['a', 'b', 'a', undefined, 'c'];
    const plays = new Map([
      ['a', 10],
      ['b', 4],
    ]);
    for (const x of [-2, -0.3, 0.4, 2]) {
      const factors = [
        popularityDiscount(counts, 5, x, Math.pow),
        freshness((row) => [0, 5, undefined, 1e9, 2][row], Math.abs(x), 10, Math.pow),
        familiarity((row) => artists[row], plays, Math.max(-1, x)),
      ];
      // Each is reached by a row, so that no smaller one would do.
      for (const { key, of, most } of factors)
        expect([key, Math.max(...[0, 1, 2, 3, 4].map(of))]).toEqual([key, most]);
    }
  });
});
