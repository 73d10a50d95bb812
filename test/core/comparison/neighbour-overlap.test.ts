import { describe, expect, it } from 'vitest';
import { neighbourOverlap } from '#dist/core/comparison/neighbour-overlap.js';
import type { NeighbourSide } from '#dist/core/comparison/neighbour-overlap.js';

/** A side of one query (row 0), by the similarity of every other row to it; ranked as searches rank. */
function side(
  similarities: readonly number[],
  k: number,
  rowInOther = similarities.map((_, row) => row),
): NeighbourSide {
  const list = similarities
    .map((score, row) => ({ row, score }))
    .filter(({ row, score }) => row !== 0 && !Number.isNaN(score))
    .sort((a, b) => b.score - a.score || a.row - b.row);
  return {
    lists: [list.slice(0, k)],
    similarity: (_row, other) => similarities[other]!,
    rowInOther: Int32Array.from(rowInOther),
  };
}

function overlap(a: NeighbourSide, b: NeighbourSide, k: number): number | null {
  return neighbourOverlap(a, b, 0, 0, 0, k)?.overlap ?? null;
}

describe('neighbourOverlap', () => {
  const a = [1, 0.9, 0.8, 0.7, 0.6];

  it('is the share of the top k that both have', () => {
    expect(overlap(side(a, 2), side(a, 2), 2)).toBe(1);
    expect(overlap(side(a, 2), side([1, 0.9, 0.1, 0.2, 0.8], 2), 2)).toBe(0.5);
    expect(overlap(side(a, 2), side([1, 0.1, 0.2, 0.8, 0.9], 2), 2)).toBe(0);
  });

  it('counts a tie at the k-th place as a hit, whichever row the ranking chose', () => {
    const tied = [1, 0.5, 0.9, 0.9, 0.9];
    // B's top 2 are rows 2 and 3; row 4 is as near. A's are 3 and 4.
    expect(overlap(side([1, 0.1, 0.2, 0.9, 0.9], 2), side(tied, 2), 2)).toBe(0.75);
    expect(overlap(side([1, 0.5, 0.5, 0.5, 0.5], 2), side([1, 0.5, 0.5, 0.5, 0.5], 2), 2)).toBe(1);
  });

  it('forgives differences of rounding, and no more', () => {
    const other = [1, 0.9, 0.8, 0.8 - 5e-7, 0];
    expect(overlap(side([1, 0.9, 0, 0.8, 0], 2), side(other, 2), 2)).toBe(0.75);
    expect(overlap(side([1, 0.9, 0, 0.8, 0], 2), side([1, 0.9, 0.8, 0.8 - 5e-6, 0], 2), 2)).toBe(0.5);
  });

  it('compares items by id, whatever their rows', () => {
    const here = [1, 0.9, 0.2, 0.1];
    const there = [1, 0.2, 0.1, 0.9];
    expect(overlap(side(here, 1, [0, 3, 1, 2]), side(there, 1, [0, 2, 3, 1]), 1)).toBe(1);
    expect(overlap(side(here, 1), side(there, 1), 1)).toBe(0);
  });

  it('counts a neighbour that the other snapshot does not have as missing', () => {
    expect(overlap(side(a, 2, [0, -1, 2, 3, 4]), side([1, 0.1, 0.9, 0.8, 0.2], 2), 2)).toBe(0.5);
  });

  it('is over as many neighbours as both have, and null where one has none', () => {
    expect(overlap(side([1, 0.9], 10), side(a, 10), 10)).toBe(1);
    expect(overlap(side([1], 10), side(a, 10), 10)).toBeNull();
    expect(overlap(side([1, NaN], 10), side(a, 10), 10)).toBeNull();
  });
});
