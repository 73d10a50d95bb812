import fc from 'fast-check';
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

  it('is what sorting everyone anew makes of them', () => {
    const histories = fc.uniqueArray(
      fc.tuple(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
        fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
      ),
      { maxLength: 8, selector: ([id]) => id },
    );
    type Histories = [string, number[]][];
    const columnsOf = (users: Histories) =>
      [
        packStrings(users.map(([id]) => id)),
        pairsOf(
          users.map(([, items]) => items.sort((a, b) => a - b).map((item): [number, number] => [item, 1])),
          5,
        ),
      ] as const;
    fc.assert(
      fc.property(histories, histories, (before, given) => {
        const got = replaceHistories(...columnsOf(before), ...columnsOf(given));
        const wanted = [...new Map([...before, ...given])].sort(
          ([a, ofA], [b, ofB]) => ofB.length - ofA.length || Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
        expect(listed(got.ids)).toEqual(wanted.map(([id]) => id));
        const { indptr, item } = got.pairs;
        const items = wanted.map((_, u) => [...item.subarray(indptr[u], indptr[u + 1])]);
        expect(items).toEqual(wanted.map(([, of]) => of));
      }),
    );
  });
});
