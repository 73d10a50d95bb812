import { describe, expect, it } from 'vitest';
import { comparedDeciles, type ComparedItem } from '#dist/core/comparison/compare-neighbours.js';

const item = (rowA: number, overlap: number): ComparedItem => ({
  rowA,
  rowB: 100 - rowA,
  overlap,
  rbo: overlap / 2,
});

describe('comparedDeciles', () => {
  it('go from the least heard to the most heard, with the means of each', () => {
    const listeners = Uint32Array.from({ length: 20 }, (_, row) => 40 - row);
    const compared = Array.from({ length: 20 }, (_, row) => item(row, row / 20));
    const cosines = Float64Array.from({ length: 20 }, (_, row) => (row === 1 ? Number.NaN : 1 - row / 100));
    const deciles = comparedDeciles(compared, listeners, cosines);
    expect(deciles.map(({ decile }) => decile)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const [least, most] = [deciles[0]!, deciles[9]!];
    expect(least).toMatchObject({ items: 2, leastListeners: 21, mostListeners: 22 });
    expect(most).toMatchObject({ items: 2, leastListeners: 39, mostListeners: 40 });
    expect(least.overlapAt10).toBeCloseTo(18.5 / 20, 12);
    expect(least.rbo).toBeCloseTo(18.5 / 40, 12);
    expect(least.drift).toBeCloseTo(1 - 18.5 / 100, 12);
    // Row 1 has no direction.
    expect(most.drift).toBe(1);
  });

  it('keep items of equally many users together, and leave out what is empty', () => {
    const listeners = Uint32Array.from([9, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const compared = Array.from(listeners, (_, row) => item(row, 1));
    const deciles = comparedDeciles(compared, listeners, undefined);
    expect(deciles.map(({ decile, items, drift }) => [decile, items, drift])).toEqual([
      [5, 9, null],
      [10, 1, null],
    ]);
  });

  it('are of the compared items alone, and none without histories', () => {
    const listeners = Uint32Array.from([5, 6, 7, 8]);
    const deciles = comparedDeciles([item(1, 1), item(3, 0)], listeners, undefined);
    expect(deciles.map(({ leastListeners, overlapAt10 }) => [leastListeners, overlapAt10])).toEqual([
      [6, 1],
      [8, 0],
    ]);
    expect(comparedDeciles([item(1, 1)], undefined, undefined)).toEqual([]);
    expect(comparedDeciles([], listeners, undefined)).toEqual([]);
  });
});
