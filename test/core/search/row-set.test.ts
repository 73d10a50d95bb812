import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { complement, hasRow, intersection, rowSetOf, rowsOfSet } from '#dist/core/search/row-set.js';

const sets = fc
  .integer({ min: 0, max: 70 })
  .chain((numRows) => fc.tuple(fc.constant(numRows), fc.array(fc.integer({ min: -3, max: 75 }))));

describe('a set of rows', () => {
  it('holds what a Set holds, and ignores rows that there are not', () => {
    fc.assert(
      fc.property(sets, ([numRows, rows]) => {
        const wanted = new Set(rows.filter((row) => row >= 0 && row < numRows));
        const set = rowSetOf(numRows, rows);
        expect([...rowsOfSet(set)]).toEqual([...wanted].sort((a, b) => a - b));
        expect(set.count).toBe(wanted.size);
        for (let row = 0; row < numRows + 9; row++) expect(hasRow(set, row)).toBe(wanted.has(row));
      }),
    );
  });

  it('has a complement and intersections', () => {
    fc.assert(
      fc.property(sets, fc.array(fc.nat(75)), ([numRows, rows], others) => {
        const [a, b] = [rowSetOf(numRows, rows), rowSetOf(numRows, others)];
        const both = intersection(a, b);
        const rest = complement(a);
        expect(both.count).toBe(rowsOfSet(both).length);
        expect(rest.count).toBe(rowsOfSet(rest).length);
        for (let row = 0; row < numRows + 9; row++) {
          expect(hasRow(both, row)).toBe(hasRow(a, row) && hasRow(b, row));
          expect(hasRow(rest, row)).toBe(row < numRows && !hasRow(a, row));
        }
      }),
    );
    expect(() => intersection(rowSetOf(3, []), rowSetOf(4, []))).toThrow(RangeError);
  });
});
