import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blend, type Found } from '#dist/core/query/recipes/blend.js';

const findings = (weight: number, found: [number, number][]) => ({
  weight,
  found: found.map(([row, score]): Found => ({ row, score })),
});

describe('a blend', () => {
  it('scales each source by its best, and weighs them', () => {
    const blended = blend(
      [
        findings(3, [
          [7, 4],
          [2, 1],
          [9, -2],
        ]),
        findings(1, [
          [2, 100],
          [5, 25],
        ]),
      ],
      'scores',
    );
    expect(blended.map(({ row, relevance }) => [row, relevance])).toEqual([
      [7, 0.75],
      [2, 0.1875 + 0.25],
      [9, 0],
      [5, 0.0625],
    ]);
    expect(blended[1]!.shares).toEqual([
      { source: 0, rank: 2, score: 1, share: 0.1875 },
      { source: 1, rank: 1, score: 100, share: 0.25 },
    ]);
  });

  it('compares places by reciprocal rank fusion, the first having 1', () => {
    const blended = blend(
      [
        findings(1, [
          [1, -5],
          [2, -6],
        ]),
        findings(1, [[2, 9]]),
      ],
      'ranks',
    );
    expect(blended.map(({ row, relevance }) => [row, relevance])).toEqual([
      [1, 0.5],
      [2, 61 / 62 / 2 + 0.5],
    ]);
  });

  it('gives nothing for scores of which none is above 0, and keeps their order', () => {
    const blended = blend(
      [
        findings(1, [
          [4, 0],
          [1, -1],
          [3, -2],
        ]),
      ],
      'scores',
    );
    expect(blended.map(({ row, relevance }) => [row, relevance])).toEqual([
      [4, 0],
      [1, 0],
      [3, 0],
    ]);
  });

  it('lies between 0 and 1, and adds up to its shares; one source keeps its own order', () => {
    const ranking = fc
      .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.double({ min: -2, max: 5, noNaN: true })), {
        selector: ([row]) => row,
        maxLength: 12,
      })
      .map((found) => found.sort((a, b) => b[1] - a[1] || a[0] - b[0]));
    const all = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), ranking), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(all, fc.constantFrom('scores' as const, 'ranks' as const), (sources, combine) => {
        const given = sources.map(([weight, found]) => findings(weight, found));
        const blended = blend(given, combine);
        expect(new Set(blended.map(({ row }) => row)).size).toBe(blended.length);
        expect(blended.length).toBe(new Set(given.flatMap(({ found }) => found.map(({ row }) => row))).size);
        const total = given.reduce((sum, { weight }) => sum + weight, 0);
        for (const { row, relevance } of blended) {
          const wanted = given.reduce((sum, { weight, found }) => {
            const at = found.findIndex((entry) => entry.row === row);
            if (at < 0) return sum;
            const best = found[0]!.score;
            const scaled =
              combine === 'ranks' ? 61 / (61 + at) : best > 0 ? Math.max(0, found[at]!.score / best) : 0;
            return sum + (weight * scaled) / total;
          }, 0);
          expect(relevance).toBeCloseTo(wanted, 12);
          expect(relevance).toBeGreaterThanOrEqual(0);
          expect(relevance).toBeLessThanOrEqual(1 + 1e-12);
        }
        if (sources.length > 1) return;
        const sorted = [...blended].sort((a, b) => b.relevance - a.relevance);
        expect(sorted.map(({ row }) => row)).toEqual(given[0]!.found.map(({ row }) => row));
      }),
    );
  });
});
