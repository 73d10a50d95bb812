import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Measure } from '#dist/core/contracts.js';
import { openExactSearch } from '#dist/core/search/exact-search.js';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { cosine, inner, randomRows, rankAll, writeVectors, type Rows } from '../../helpers/vectors.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-exact-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function open(rows: Rows, measure: Measure = 'cosine', inMemory = false, maxK = 1000) {
  const file = openVectorFile(writeVectors(join(folder, 'vectors.npy'), rows));
  return openExactSearch(file, { measure, maxK, inMemory });
}

describe.each([
  ['cosine', cosine],
  ['inner-product', inner],
] as const)('by %s', (measure, score) => {
  test.each([false, true])('finds what a sort of all scores finds (in memory: %s)', (inMemory) => {
    // 9,000 × 40 floats pass the window that is read at a time.
    const rows = randomRows(3, 9000, 40, 12);
    const search = open(rows, measure, inMemory);
    try {
      for (const row of [0, 1, 4567, 8999]) {
        const leaveOut = [row, 17, 18];
        const query = search.vectorOf(row);
        const found = search.best(query, 25, leaveOut);
        const wanted = rankAll(rows, (values) => score(values, rows[row]!), leaveOut).slice(0, 25);
        expect(found.map(({ row: r }) => r)).toEqual(wanted.map(({ row: r }) => r));
        found.forEach((got, place) => expect(got.score).toBeCloseTo(wanted[place]!.score, 4));
      }
    } finally {
      search.close();
    }
  });
});

describe('an exact search among some rows', () => {
  test.each([false, true])('finds the best k of them, whichever they are (in memory: %s)', (inMemory) => {
    // Windows of 4,096 rows.
    const rows = randomRows(9, 9000, 60, 12);
    const search = open(rows, 'cosine', inMemory, 9000);
    const everyRow = [...rows.keys()];
    const filters = [
      [4567],
      [0, 8999],
      [],
      everyRow.filter((row) => row % 100 === 7),
      everyRow.filter((row) => row % 10 === 3),
      everyRow.filter((row) => row >= 4000 && row < 8500),
      everyRow,
    ];
    const all = search.best(search.vectorOf(3), 9000, []);
    for (const filter of filters) {
      const allowed = new Set(filter);
      const asked: [number, number[]][] = [
        [10, [3]],
        [9000, [3, ...filter.slice(0, 5)]],
      ];
      for (const [k, leaveOut] of asked) {
        const found = search.best(search.vectorOf(3), k, leaveOut, rowSetOf(9000, filter));
        const wanted = all.filter(({ row }) => allowed.has(row) && !leaveOut.includes(row));
        expect(found).toEqual(wanted.slice(0, k));
      }
    }
    expect(search.best(search.vectorOf(3), 9000, [])).toEqual(all);
    expect(() => search.best(search.vectorOf(3), 1, [], rowSetOf(8999, [1]))).toThrow(RangeError);
    search.close();
  });
});

describe('an exact search', () => {
  test('gives the same bits from memory and from the file, for a pair from either side', () => {
    const rows = randomRows(5, 6000, 50);
    const [fromFile, fromMemory] = [open(rows, 'cosine', false, 6000), open(rows, 'cosine', true)];
    const forward = fromFile.best(fromFile.vectorOf(11), 6000, []);
    expect(fromMemory.best(fromMemory.vectorOf(11), 1000, [])).toEqual(forward.slice(0, 1000));
    for (const { row, score } of forward.slice(0, 20)) {
      const back = fromFile.best(fromFile.vectorOf(row), 6000, []).find((found) => found.row === 11);
      expect(back?.score).toBe(score);
    }
    fromFile.close();
    fromMemory.close();
  });

  test('ranks ties by row, whatever is left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 2, maxLength: 2 }), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 50 }),
        fc.uniqueArray(fc.nat({ max: 45 })),
        (rows, k, leaveOut) => {
          // Whole coordinates: inner products are exact, and ties are everywhere.
          const search = open(rows, 'inner-product');
          try {
            const found = search.best(Float32Array.of(1, -1), k, leaveOut);
            expect(found).toEqual(rankAll(rows, (row) => row[0]! - row[1]!, leaveOut).slice(0, k));
          } finally {
            search.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of k beyond the catalogue gives all there is', () => {
    const search = open([
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(search.best(search.vectorOf(0), 1000, [0]).map(({ row }) => row)).toEqual([2, 1]);
    expect(search.best(search.vectorOf(0), 1000, [0, 1, 2])).toEqual([]);
    expect(() => search.best(search.vectorOf(0), 1001, [])).toThrow(RangeError);
    search.close();
  });

  test('knows no direction of a zero vector: it is not found and finds nothing', () => {
    const search = open([
      [0, 0],
      [1, 0],
      [0, 0],
      [-1, 1e-3],
    ]);
    expect([...search.vectorOf(0)]).toEqual([NaN, NaN]);
    expect(search.best(search.vectorOf(0), 10, [])).toEqual([]);
    expect(search.best(search.vectorOf(1), 10, []).map(({ row }) => row)).toEqual([1, 3]);
    search.close();
  });

  test('takes the direction of vectors whose square f32 cannot hold', () => {
    const search = open([
      [1e-30, 1e-30],
      [1e30, 1e30],
      [1, 1],
      [1e-44, 0],
      [-3e38, 0],
    ]);
    const found = search.best(search.vectorOf(2), 10, []);
    expect(found.slice(0, 3).map(({ score }) => score)).toEqual(new Array(3).fill(found[0]!.score));
    expect(found.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4]);
    expect(found[3]!.score).toBeCloseTo(Math.SQRT1_2, 6);
    expect(found[4]!.score).toBeCloseTo(-Math.SQRT1_2, 6);
    search.close();
  });

  test('of an empty catalogue finds nothing', () => {
    const file = openVectorFile(writeVectors(join(folder, 'empty.npy'), [], 3));
    for (const inMemory of [false, true]) {
      const search = openExactSearch(file, { measure: 'cosine', maxK: 10, inMemory });
      expect(search.best(Float32Array.of(1, 0, 0), 10, [])).toEqual([]);
    }
    file.close();
  });
});
