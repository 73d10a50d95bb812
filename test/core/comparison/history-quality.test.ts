import { describe, expect, it } from 'vitest';
import { historyQuality } from '#dist/core/comparison/history-quality.js';
import { noTime, preferred, weightUnits } from '#dist/core/numeric/pairs.js';

/** Histories of item rows; of those in `not` the user is no friend. */
function histories(rows: readonly (readonly number[])[], not: readonly number[] = []) {
  const item = Uint32Array.from(rows.flat());
  const indptr = new Uint32Array(rows.length + 1);
  rows.forEach((own, u) => (indptr[u + 1] = indptr[u]! + own.length));
  return {
    ...{ numUsers: rows.length, numItems: 10, indptr, item },
    weight: new BigInt64Array(item.length).fill(weightUnits),
    count: new Uint32Array(item.length).fill(1),
    lastAt: new BigInt64Array(item.length).fill(noTime),
    flags: Uint8Array.from(item, (row) => (not.includes(row) ? 0 : preferred)),
  };
}

const ranking = (...rows: number[]) => rows.map((row, place) => ({ row, score: -place }));
const gain = (rank: number): number => 1 / Math.log2(rank + 1);

describe('historyQuality', () => {
  it('is the mean NDCG of users over their seen items', () => {
    const { mean, users } = historyQuality(
      [ranking(3, 1, 2), ranking(1, 2, 3)],
      histories([
        [1, 3],
        [3, 5],
      ]),
    );
    expect(users).toBe(2);
    expect(mean).toBeCloseTo((1 + gain(3) / (gain(1) + gain(2))) / 2, 12);
  });

  it('leaves out dislikes, and users who have nothing else', () => {
    const { mean, users } = historyQuality([ranking(1, 2), ranking(2)], histories([[1, 2], [2]], [2]));
    expect([mean, users]).toEqual([1, 1]);
    expect(historyQuality([ranking(1)], histories([[]]))).toEqual({ mean: 0, users: 0 });
  });
});
