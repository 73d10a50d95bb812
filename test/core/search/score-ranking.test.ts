import { describe, expect, it } from 'vitest';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { firstBut, rankScores } from '#dist/core/search/score-ranking.js';

describe('a ranking by scores', () => {
  const ranked = rankScores([2, 5, Number.NaN, 5, -1, 0]);

  it('is by score descending, then row ascending, without what is no number', () => {
    expect(ranked.map(({ row }) => row)).toEqual([1, 3, 0, 5, 4]);
    expect(ranked[0]).toEqual({ row: 1, score: 5 });
  });

  it('gives the first k that are not left out, fewer only where fewer are left', () => {
    expect(firstBut(ranked, [1, 0, 99], 2).map(({ row }) => row)).toEqual([3, 5]);
    expect(firstBut(ranked, [], 0)).toEqual([]);
    expect(firstBut(ranked, new Set([4]), 10).map(({ row }) => row)).toEqual([1, 3, 0, 5]);
  });

  it('gives only what is allowed', () => {
    expect(firstBut(ranked, [3], 2, rowSetOf(6, [2, 3, 4, 5])).map(({ row }) => row)).toEqual([5, 4]);
    expect(firstBut(ranked, [], 9, rowSetOf(6, []))).toEqual([]);
  });
});
