import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openExactSearch } from '#dist/core/search/exact-search.js';
import { openOrderedSearch } from '#dist/core/search/norm-order.js';
import { rowSetOf, type RowSet } from '#dist/core/search/row-set.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { writeOrder, type VectorsWithOrder } from '../../helpers/norm-order.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { inner, randomRows, type Rows } from '../../helpers/vectors.js';

const newDirectory = temporaryDirectories();
const maxK = 1000;

const write = (rows: Rows): VectorsWithOrder => writeOrder(newDirectory(), rows);

interface Asked {
  readonly query: Float32Array;
  readonly k: number;
  readonly leaveOut?: readonly number[];
  readonly among?: RowSet | undefined;
}

function open({ vectors, order }: VectorsWithOrder) {
  const file = openVectorFile(vectors);
  const ordered = openOrderedSearch(file, order, { maxK, inMemory: false });
  const inMemory = openOrderedSearch(file, order, { maxK, inMemory: true });
  const exact = openExactSearch(openVectorFile(vectors), {
    ...{ measure: 'inner-product' as const, maxK, inMemory: false },
  });
  return {
    ordered,
    both({ query, k, leaveOut = [], among }: Asked) {
      const found = ordered.best(query, k, leaveOut, among);
      expect(inMemory.best(query, k, leaveOut, among)).toEqual(found);
      return { found, wanted: exact.best(query, k, leaveOut, among) };
    },
    close() {
      ordered.close();
      inMemory.close();
      file.close();
      exact.close();
    },
  };
}

/** Rows of falling length, in mixed order. */
function longTail(seed: number, n: number, dim: number): number[][] {
  return randomRows(seed, n, dim).map((row, i) =>
    row.map((x) => Math.fround(x / (1 + ((i * 7919) % n) / 10))),
  );
}

describe('a search by the order of norms', () => {
  test('has the bits of the exact scan, for all rows and some, and looks at few', () => {
    const searches = open(write(longTail(1, 20_000, 30)));
    for (const [seed, k] of [
      [1, 1],
      [2, 10],
      [3, 300],
    ] as const) {
      const query = Float32Array.from(randomRows(seed, 1, 30)[0]!);
      const leaveOut = searches.both({ query, k: 5 }).wanted.map(({ row }) => row);
      const among = rowSetOf(
        20_000,
        Array.from({ length: 9000 }, (_, i) => 2 * i),
      );
      for (const asked of [
        { query, k },
        { query, k, leaveOut },
        { query, k, leaveOut, among },
      ]) {
        const { found, wanted } = searches.both(asked);
        expect(found).toEqual(wanted);
        expect(found).toHaveLength(k);
      }
      const { codes, rows } = searches.ordered.lookedAt;
      if (k <= 10) expect(codes).toBeLessThan(10_000);
      expect(rows).toBeLessThan(3 * k + 150);
    }
    searches.close();
  });

  test('has them for any vectors, or says that it cannot tell', () => {
    let told = 0;
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) },
      { weight: 6, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
    );
    const scale = fc.constantFrom(1, 1, 1, 1, 0, 2 ** -149, 1e-30, 1e-8, 1e8, 1e20);
    const cases = fc.integer({ min: 1, max: 20 }).chain((dim) => {
      const row = fc
        .tuple(fc.array(value, { minLength: dim, maxLength: dim }), scale)
        .map(([values, by]) => values.map((x) => Math.fround(x * by)));
      const asked = fc.record({
        query: row,
        k: fc.integer({ min: 1, max: 70 }),
        leaveOut: fc.array(fc.nat(70), { maxLength: 20 }),
        among: fc.option(fc.array(fc.nat(59))),
      });
      return fc.record({
        rows: fc.array(row, { minLength: 1, maxLength: 60 }),
        questions: fc.array(asked, { minLength: 1, maxLength: 3 }),
      });
    });
    fc.assert(
      fc.property(cases, ({ rows, questions }) => {
        const searches = open(write(rows));
        for (const { query, k, leaveOut, among } of questions) {
          const listed = among?.filter((row) => row < rows.length);
          const { found, wanted } = searches.both({
            ...{ query: Float32Array.from(query), k, leaveOut },
            among:
              listed &&
              rowSetOf(
                rows.length,
                [...new Set(listed)].sort((a, b) => a - b),
              ),
          });
          if (found === undefined) continue;
          told++;
          expect(found).toEqual(wanted);
        }
        searches.close();
      }),
      { numRuns: 150, seed: 11 },
    );
    expect(told).toBeGreaterThan(25);
  });

  test('does not depend on what eight bits round away', () => {
    // All near one direction: codes rank them wrongly.
    const near = (rows: Rows): number[][] => rows.map((row) => row.map((x) => Math.fround(1 + x / 1000)));
    const searches = open(write(near(randomRows(5, 900, 24))));
    for (const query of near(randomRows(6, 20, 24))) {
      const { found, wanted } = searches.both({ query: Float32Array.from(query), k: 7 });
      expect(found).toEqual(wanted);
    }
    searches.close();
  });

  test('finds an item of which the codes hold nothing that the query asks for', () => {
    const [query, small] = [Array<number>(23).fill(1), Array<number>(23).fill(0.49)];
    const items = [
      [127.5, 5, ...Array<number>(22).fill(0)],
      [127, ...small],
    ];
    const searches = open(write(items));
    const { found, wanted } = searches.both({ query: Float32Array.from([0, ...query]), k: 1 });
    searches.close();
    expect(wanted[0]!.row).toBe(1);
    expect(found).toEqual(wanted);
  });

  test('does not take a score for what the codes make of it', () => {
    // The longer item's numbers are rounded up to twice what they are; the other one's codes lose nothing.
    const query = Float32Array.from([0, ...Array<number>(23).fill(1)]);
    const items = [
      [127.5, ...Array<number>(23).fill(0.51)],
      [127, ...Array<number>(12).fill(1), ...Array<number>(11).fill(0)],
    ];
    const searches = open(write(items.map((row) => row.map(Math.fround))));
    const { found, wanted } = searches.both({ query, k: 1 });
    searches.close();
    expect(wanted[0]!.row).toBe(1);
    expect(found).toEqual(wanted);
  });

  test('does not depend on what the query loses as integers', () => {
    // 32,000 / √84 is 3,491.49: each number of the query is rounded down by nearly a half. The other item comes first, since
    // its code loses much, and scores a little less.
    const query = Array<number>(84).fill(1);
    const lost = Array.from({ length: 82 }, (_, f) => (f % 2 === 0 ? 0.25 : -0.25));
    const items = [[Math.fround(84 * (1 - 7e-5)), ...lost, 0], query];
    const searches = open(write(items));
    const { found, wanted } = searches.both({ query: Float32Array.from(query), k: 1 });
    searches.close();
    expect(wanted[0]!.row).toBe(1);
    expect(found).toEqual(wanted);
  });

  test('goes on to a short item that points where the query does', () => {
    // A first window of items twice as long, and then one that is hardly longer than their score.
    const items = [...Array.from({ length: 1024 }, () => [1, Math.sqrt(3), 0, 0]), [1.02, 0, 0, 0]];
    const searches = open(write(items.map((row) => row.map(Math.fround))));
    const { found, wanted } = searches.both({ query: Float32Array.of(1, 0, 0, 0), k: 1 });
    searches.close();
    expect(wanted[0]!.row).toBe(1024);
    expect(found).toEqual(wanted);
  });

  test('cannot tell where f32 may overflow or underflow, and leaves that to the scan', () => {
    const rows = randomRows(9, 40, 8);
    for (const [byItem, byQuery] of [
      [2 ** 70, 1],
      [1, 2 ** 70],
      [2 ** -30, 1],
      [1, 2 ** -30],
    ] as const) {
      const searches = open(write(rows.map((row) => row.map((x) => x * byItem))));
      const query = Float32Array.from(rows[0]!, (x) => x * byQuery);
      expect(searches.both({ query, k: 3 }).found).toBeUndefined();
      searches.close();
    }
  });

  test('is in files that end in zeros, whatever was written before', () => {
    // Two windows of codes; the second ends with a tile of six items, one of them zeros.
    const rows = randomRows(10, 1030, 1024);
    rows[17] = Array<number>(1024).fill(0);
    const { order } = write(rows);
    const numbers = (path: string): Buffer => readFileSync(path).subarray(-16 * 1024);
    const codes = new Int8Array(numbers(order.codes));
    const items = Array.from({ length: 16 }, (_, lane) =>
      codes.filter((__, at) => Math.floor(at / 2) % 16 === lane).some((code) => code !== 0),
    );
    expect(items).toEqual(Array.from({ length: 16 }, (_, lane) => lane < 5));
    const bounds = new Float32Array(Uint8Array.from(readFileSync(order.bounds).subarray(-4 * 48)).buffer);
    expect(Array.from(bounds, (bound) => bound !== 0)).toEqual(
      Array.from({ length: 48 }, (_, at) => at % 16 < 5),
    );
  });

  test('does not depend on what f32 rounds up', () => {
    // Codes of the item lose nothing, and those of the query next to nothing. In each lane f32 adds 254 times 4.5 of the
    // least that it tells apart there, and rounds it to 5.
    const first = Math.fround((1.0902 * 2 ** 11) / 127);
    const rest = Math.fround(4.5001 * 2 ** -12);
    const spread = (big: number, small: number): number[] => [
      ...Array<number>(4).fill(big),
      ...Array<number>(1020).fill(small),
    ];
    const [query, item] = [spread(first, rest), spread(127, 1)];
    const exact = inner(query, item);
    const between = Math.fround((exact * (1 + 1e-5)) / first);
    const searches = open(write([[between, ...Array<number>(1023).fill(0)], item]));
    const { found, wanted } = searches.both({ query: Float32Array.from(query), k: 1 });
    searches.close();
    expect(exact).toBeLessThan(first * between);
    expect(wanted[0]!.row).toBe(1);
    expect(found).toEqual(wanted);
  });

  test('leaves it to the scan where it would read row by row: nothing can be left out of equal scores', () => {
    const rows = Array.from({ length: 6000 }, () => [0.5, 1, 0, 2]);
    const searches = open(write(rows));
    expect(searches.both({ query: Float32Array.of(1, 1, 1, 1), k: 3 }).found).toBeUndefined();
    expect(searches.both({ query: new Float32Array(4), k: 3 }).found).toBeUndefined();
    expect(searches.ordered.best(Float32Array.of(1, 1, 1, 1), 0, [])).toEqual([]);
    searches.close();
  });

  test('refuses files that do not fit the vectors, and rows that there are not', () => {
    const few = write(randomRows(1, 40, 8));
    const more = write(randomRows(1, 60, 8));
    const damaged = expect.objectContaining({ code: 'damaged-snapshot' });
    expect(() => open({ vectors: few.vectors, order: more.order })).toThrow(damaged);
    const rows = new Uint32Array(40).fill(40);
    writeFileSync(few.order.rows, Buffer.from(rows.buffer), { flag: 'r+', flush: true });
    expect(() => open(few)).toThrow(damaged);
  });
});
