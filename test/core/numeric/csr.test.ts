import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  balancedRanges,
  columnRange,
  evenRanges,
  longestColumn,
  longestRow,
  rowSizes,
  transpose,
  transposeRange,
  type SparseRows,
} from '#dist/core/numeric/csr.js';
import { sparseRows, type Entries } from '../../helpers/sparse.js';

const numColumns = 7;
const entries: fc.Arbitrary<Entries> = fc.array(
  fc
    .uniqueArray(fc.tuple(fc.nat(numColumns - 1), fc.integer({ min: -5, max: 5 })), { selector: ([c]) => c })
    .map((row) => row.sort(([a], [b]) => a - b)),
  { maxLength: 12 },
);

it('transpose exchanges rows and columns, ascending within a row', () => {
  fc.assert(
    fc.property(entries, (rows) => {
      const got = transpose(sparseRows(rows), numColumns);
      const wanted = Array.from({ length: numColumns }, (_, column) =>
        rows.flatMap((row, r) => row.filter(([c]) => c === column).map(([, w]) => [r, w] as const)),
      );
      expect(got).toEqual(sparseRows(wanted));
    }),
  );
});

it('transposeRange and columnRange have each entry once, in the parts of a matrix, with its own numbers', () => {
  fc.assert(
    fc.property(entries, fc.nat({ max: 10 }), fc.nat({ max: numColumns }), (rows, row, column) => {
      const sparse = sparseRows(rows);
      const cut = Math.min(row, rows.length);
      const listed = (parts: readonly SparseRows[]): number[][][] =>
        Array.from({ length: parts[0]!.numRows }, (_, r) =>
          parts.flatMap(({ indptr, idx, weight }) =>
            Array.from(idx.subarray(indptr[r], indptr[r + 1]), (at, p) => [at, weight[indptr[r]! + p]!]),
          ),
        );
      expect(
        listed([
          transposeRange(sparse, numColumns, 0, cut),
          transposeRange(sparse, numColumns, cut, rows.length),
        ]),
      ).toEqual(listed([transpose(sparse, numColumns)]));
      const halves = [columnRange(sparse, 0, column), columnRange(sparse, column, numColumns)] as const;
      expect(listed(halves)).toEqual(listed([sparse]));
      expect(halves[0].idx.every((at) => at < column)).toBe(true);
    }),
  );
});

it('balancedRanges covers every row once, within the limits unless one row alone is above them', () => {
  fc.assert(
    fc.property(
      entries,
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 5 }),
      (rows, most, mostRows) => {
        const sparse = sparseRows(rows);
        const bounds = [...balancedRanges(rowSizes(sparse), most, mostRows)];
        expect(bounds[0]).toBe(0);
        expect(bounds.at(-1)).toBe(rows.length);
        for (let range = 0; range + 1 < bounds.length; range++) {
          const [from = 0, to = 0] = [bounds[range], bounds[range + 1]];
          expect(to).toBeGreaterThan(from);
          expect(to - from).toBeLessThanOrEqual(mostRows);
          const size = rows.slice(from, to).flat().length;
          if (to - from > 1) expect(size).toBeLessThanOrEqual(most);
        }
      },
    ),
  );
});

it('evenRanges cuts rows into ranges of one size, the last one shorter', () => {
  expect([...evenRanges(10, 4)]).toEqual([0, 4, 8, 10]);
  expect([...evenRanges(8, 4)]).toEqual([0, 4, 8]);
  expect([...evenRanges(0, 4)]).toEqual([0]);
});

it('longestColumn is the longest row of the transpose', () => {
  fc.assert(
    fc.property(entries, (rows) => {
      const sparse = sparseRows(rows);
      expect(longestColumn(sparse, numColumns)).toBe(longestRow(transpose(sparse, numColumns)));
    }),
  );
});

it('longestRow is the number of entries of the fullest row, 0 without rows', () => {
  expect(
    longestRow(
      sparseRows([
        [[1, 1]],
        [
          [0, 1],
          [2, 1],
        ],
        [],
      ]),
    ),
  ).toBe(2);
  expect(longestRow(sparseRows([]))).toBe(0);
});
