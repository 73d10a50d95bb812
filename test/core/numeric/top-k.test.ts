import { describe, expect, test } from 'vitest';
import { emptyRow, rankHeap } from '#dist/core/numeric/top-k.js';

/** A heap of entries as the kernels lay it out. */
function heapOf(entries: readonly (readonly [score: number, row: number])[]) {
  const bytes = new ArrayBuffer(8 * entries.length);
  const [scores, rows] = [new Float32Array(bytes), new Uint32Array(bytes)];
  entries.forEach(([score, row], e) => {
    scores[2 * e] = score;
    rows[2 * e + 1] = row;
  });
  return [scores, rows] as const;
}

describe('a heap as a ranking', () => {
  test('stands by score descending, equal scores by row ascending', () => {
    const entries = [
      [0.5, 7],
      [2, 9],
      [0.5, 3],
      [-1, 0],
      [2, 4],
    ] as const;
    expect(rankHeap(...heapOf(entries))).toEqual([
      { row: 4, score: 2 },
      { row: 9, score: 2 },
      { row: 3, score: 0.5 },
      { row: 7, score: 0.5 },
      { row: 0, score: -1 },
    ]);
  });

  test('leaves out entries that nothing has taken, and knows the largest row there is', () => {
    const entries = [
      [-Infinity, emptyRow],
      [1, emptyRow - 1],
    ] as const;
    expect(rankHeap(...heapOf(entries))).toEqual([{ row: emptyRow - 1, score: 1 }]);
    expect(rankHeap(...heapOf([]))).toEqual([]);
  });
});
