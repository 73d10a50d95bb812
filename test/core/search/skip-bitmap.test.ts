import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocatedBytes, openWorkspace } from '#dist/core/compute/workspace.js';
import { bitmapBytes } from '#dist/core/search/row-bitmap.js';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { openSkipBitmap } from '#dist/core/search/skip-bitmap.js';

const numRows = 37;

function open() {
  const workspace = openWorkspace(allocatedBytes(bitmapBytes(numRows)));
  const skips = openSkipBitmap(workspace, workspace.allocate(bitmapBytes(numRows)), numRows);
  const bytes = workspace.u8(skips.address, bitmapBytes(numRows));
  const allowed = () =>
    [...Array(numRows).keys()].filter((row) => ((bytes[row >>> 3]! >> (row & 7)) & 1) === 0);
  return { skips, allowed };
}

test('after any queries a bitmap allows what the last one asked for, and counts it', () => {
  const rows = fc.array(fc.integer({ min: -2, max: numRows + 3 }), { maxLength: 30 });
  fc.assert(
    fc.property(
      fc.array(rows, { minLength: 1, maxLength: 3 }),
      fc.array(fc.record({ leaveOut: rows, filter: fc.option(fc.nat({ max: 2 })) }), { minLength: 1 }),
      (filters, queries) => {
        const { skips, allowed } = open();
        const sets = filters.map((filter) => rowSetOf(numRows, filter));
        for (const { leaveOut, filter } of queries) {
          const at = filter === null ? undefined : filter % sets.length;
          const among = at === undefined ? [...Array(numRows).keys()] : filters[at]!;
          const wanted = [...new Set(among)]
            .filter((row) => row >= 0 && row < numRows && !leaveOut.includes(row))
            .sort((a, b) => a - b);
          expect(skips.allow(leaveOut, at === undefined ? undefined : sets[at])).toBe(wanted.length);
          expect(allowed()).toEqual(wanted);
        }
      },
    ),
  );
});

test('a query that failed half way, or a set over other rows, leaves nothing behind', () => {
  const { skips, allowed } = open();
  const broken = function* (): Generator<number> {
    yield 3;
    throw new Error('no more');
  };
  skips.allow([1, 2], rowSetOf(numRows, [1, 2, 3, 4]));
  expect(() => skips.allow(broken(), rowSetOf(numRows, [3]))).toThrow('no more');
  expect(() => skips.allow([], rowSetOf(numRows + 1, [3]))).toThrow(RangeError);
  expect(skips.allow([])).toBe(numRows);
  expect(allowed()).toHaveLength(numRows);
});
