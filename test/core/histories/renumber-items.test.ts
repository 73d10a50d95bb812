import { expect, it } from 'vitest';
import { renumberItems } from '#dist/core/histories/renumber-items.js';
import { usersOf } from '#dist/core/numeric/split-pairs.js';
import { pairsOf } from '../../helpers/sparse.js';

const pairs = pairsOf(
  [
    [
      [0, 1],
      [1, -2],
      [2, 3],
    ],
    [],
    [
      [1, 4],
      [3, 5],
    ],
  ],
  4,
);

it('renumberItems gives the model’s rows, ascending, and drops what it does not know', () => {
  const got = renumberItems(pairs, Int32Array.of(9, 2, -1, 0), 10);
  expect(got.numItems).toBe(10);
  expect([...got.indptr]).toEqual([0, 2, 2, 4]);
  expect([...got.item]).toEqual([2, 9, 0, 2]);
  expect([...got.weight]).toEqual([2n, 1n, 5n, 4n].map((w) => w * 1_000_000_000n));
  expect([...got.flags]).toEqual([0, 1, 1, 1]);
});

it('usersOf is one user’s pairs', () => {
  expect([...usersOf(pairs, 2, 3).item]).toEqual([1, 3]);
  expect([...usersOf(pairs, 1, 2).indptr]).toEqual([0, 0]);
  expect([...usersOf(pairs, 0, 1).flags]).toEqual([1, 0, 1]);
});
