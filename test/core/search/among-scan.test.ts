import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileGap, isSelective, visitRuns } from '#dist/core/search/among-scan.js';
import { rowSetOf } from '#dist/core/search/row-set.js';

function runsOf(numRows: number, rows: readonly number[], gap: number, most: number): [number, number][] {
  const runs: [number, number][] = [];
  visitRuns(rowSetOf(numRows, rows), gap, most, (from, to) => runs.push([from, to]));
  return runs;
}

describe('runs of a set of rows', () => {
  test('hold every row of it once, in order, and no more than the gaps that are joined', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.array(fc.nat({ max: 399 })),
        fc.integer({ min: 7, max: 60 }),
        fc.integer({ min: 1, max: 100 }),
        (numRows, given, gap, most) => {
          const wanted = [...new Set(given.filter((row) => row < numRows))].sort((a, b) => a - b);
          const runs = runsOf(numRows, given, gap, most);
          const read = runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at));
          expect(read).toEqual([...new Set(read)].sort((a, b) => a - b));
          expect(wanted.every((row) => read.includes(row))).toBe(true);
          expect(runs.every(([from, to]) => from < to && to - from <= most && to <= numRows)).toBe(true);
          // What is read without being wanted lies between two wanted rows, not too far apart.
          for (const row of read) {
            const before = wanted.findLast((other) => other <= row);
            const after = wanted.find((other) => other >= row);
            expect(before !== undefined && after !== undefined && after - before <= gap + 1).toBe(true);
          }
        },
      ),
    );
  });

  test('of an empty set are none, of all rows as long as they may be', () => {
    expect(runsOf(50, [], 8, 10)).toEqual([]);
    expect(runsOf(25, [...Array(25).keys()], 8, 10)).toEqual([
      [0, 10],
      [10, 20],
      [20, 25],
    ]);
    expect(runsOf(1000, [0, 500, 501, 999], 8, 10)).toEqual([
      [0, 1],
      [500, 502],
      [999, 1000],
    ]);
  });
});

test('a filter is selective where it leaves less than an eighth; gaps are of bytes', () => {
  const first = (count: number) => rowSetOf(800, Array(count).keys());
  expect([0, 99, 100, 800].map((count) => isSelective(first(count)))).toEqual([true, true, false, false]);
  expect([fileGap(64), fileGap(65), fileGap(1024)]).toEqual([64, 56, 8]);
});
