import { describe, expect, it } from 'vitest';
import { packStrings } from '#dist/core/tables/string-column.js';
import { replaceHistories } from '#dist/core/histories/replace-histories.js';
import { pairsOf } from '../../helpers/sparse.js';

describe('replaceHistories', () => {
  const pairs = pairsOf(
    [
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      [
        [1, 2],
        [3, 1],
      ],
      [[2, 5]],
    ],
    5,
  );
  const ids = packStrings(['ann', 'bob', 'cy']);
  const listed = (column: typeof ids): string[] =>
    Array.from({ length: column.length }, (_, row) => column.at(row));

  it('replaces, adds and numbers anew by events, then id', () => {
    const newPairs = pairsOf(
      [
        [[4, 7]],
        [[0, -1]],
        [
          [0, 1],
          [1, 1],
          [4, 1],
        ],
      ],
      5,
    );
    const { ids: users, pairs: got } = replaceHistories(
      ids,
      pairs,
      packStrings(['ann', 'aa', 'zed']),
      newPairs,
    );
    expect(listed(users)).toEqual(['zed', 'bob', 'aa', 'ann', 'cy']);
    expect([...got.indptr]).toEqual([0, 3, 5, 6, 7, 8]);
    expect([...got.item]).toEqual([0, 1, 4, 1, 3, 0, 4, 2]);
    expect([...got.weight]).toEqual([1, 1, 1, 2, 1, 1, 7, 5].map((w) => BigInt(w) * 1_000_000_000n));
    expect([...got.flags]).toEqual([1, 1, 1, 1, 1, 0, 1, 1]);
  });

  it('changes nothing without replacements', () => {
    const got = replaceHistories(ids, pairs, packStrings([]), pairsOf([], 5));
    expect(listed(got.ids)).toEqual(['ann', 'bob', 'cy']);
    for (const name of ['indptr', 'item', 'weight', 'count', 'lastAt', 'flags'] as const)
      expect([...got.pairs[name]]).toEqual([...pairs[name]]);
  });
});
