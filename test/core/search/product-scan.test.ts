import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { bestOfMany, type Matrix } from '#dist/core/search/exact-batch.js';
import {
  openProductScan,
  productScanBytes,
  productScanScratchBytes,
} from '#dist/core/search/product-scan.js';
import { rankingOf } from '#dist/core/search/ranked-batch.js';
import { rowSetOf, type RowSet } from '#dist/core/search/row-set.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { inner, randomRows, rankAll, type Rows } from '../../helpers/vectors.js';

const widest = 80;
const open = (threads: number): ComputePool =>
  openPool({
    threads,
    workspaceBytes: 2 ** 26,
    scratchBytes: productScanScratchBytes(widest),
    signal: new AbortController().signal,
  });
let pool: ComputePool;
beforeAll(() => {
  pool = open(1);
});
afterAll(() => pool.close());

function place({ workspace }: ComputePool, rows: Rows, paddedDim: number): Matrix {
  const address = workspace.allocate(Math.max(1, rows.length) * paddedDim * 4);
  const values = workspace.f32(address, rows.length * paddedDim);
  values.fill(0);
  rows.forEach((row, r) => values.set(row, r * paddedDim));
  return { address, numRows: rows.length, paddedDim };
}

interface Case {
  readonly items: Rows;
  readonly queries: Rows;
  readonly k: number;
  readonly leaveOut?: ((q: number) => Uint32Array) | undefined;
  readonly among?: RowSet | undefined;
}

const bits = (score: number): number => new Uint32Array(Float32Array.of(score).buffer)[0]!;

/** What the scan finds and what the brute force in f32 does, as rows and the bits of scores. */
async function both(pool: ComputePool, { items, queries, k, leaveOut, among }: Case) {
  const mark = pool.workspace.mark();
  try {
    const dim = items[0]?.length ?? queries[0]?.length ?? 1;
    const paddedDim = Math.ceil(dim / 8) * 8;
    const [V, Q] = [place(pool, items, paddedDim), place(pool, queries, paddedDim)];
    const scan = await openProductScan(pool, V);
    const batch = await scan.best(Q, k, { leaveOut, among });
    const wanted = await bestOfMany(pool, Q, V, k, leaveOut, among);
    const asBits = (ranked: readonly { row: number; score: number }[]) =>
      ranked.map(({ row, score }) => [row, bits(score)]);
    return {
      found: queries.map((_, q) => asBits(rankingOf(batch, q))),
      wanted: wanted.map(asBits),
      lookedAt: scan.lookedAt,
    };
  } finally {
    pool.workspace.release(mark);
  }
}

describe('the best by inner product', () => {
  test('are those of a sort in f64, with rows of their own left out', async () => {
    const [items, queries] = [randomRows(1, 3000, 12), randomRows(2, 70, 12)];
    const leaveOut = (q: number) => Uint32Array.of(q, 2 * q + 100, 2999, 3000, 4_000_000_000);
    const { found } = await both(pool, { items, queries, k: 12, leaveOut });
    found.forEach((ranked, q) => {
      const wanted = rankAll(items, (item) => inner(item, queries[q]!), [...leaveOut(q)]).slice(0, 12);
      expect(ranked.map(([row]) => row)).toEqual(wanted.map(({ row }) => row));
    });
  });

  test('have the bits of the brute force, whatever the vectors, the k and the rows', async () => {
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) },
      { weight: 6, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
      { weight: 1, arbitrary: fc.float() },
    );
    const scale = fc.oneof(
      { weight: 8, arbitrary: fc.constant(1) },
      { weight: 4, arbitrary: fc.constantFrom(0, 2 ** -149, 2 ** -126, 1e-30, 1e-20, 1e20, 1e38, 3e38) },
    );
    const cases = fc.integer({ min: 1, max: 20 }).chain((dim) => {
      const row = fc
        .tuple(fc.array(value, { minLength: dim, maxLength: dim }), scale)
        .map(([values, by]) => values.map((x) => Math.fround(x * by)));
      const rows = fc.array(fc.nat(60), { maxLength: 30 });
      return fc.record({
        items: fc.array(row, { maxLength: 60 }),
        queries: fc.array(row, { maxLength: 9 }),
        k: fc.integer({ min: 1, max: 70 }),
        out: fc.array(rows, { minLength: 9, maxLength: 9 }),
        in: fc.option(rows),
      });
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ items, queries, k, out, in: only }) => {
        const lists = out.map((rows) => Uint32Array.from(new Set(rows)).sort());
        const among = only === null ? undefined : rowSetOf(items.length, only);
        const { found, wanted } = await both(pool, { items, queries, k, leaveOut: (q) => lists[q]!, among });
        expect(found).toEqual(wanted);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test.each([8, 40, 72])('do not depend on what packing in int16 rounds away, in %i dims', async (dim) => {
    // All near one direction, and nearer to each other in score than packing can tell: the integers alone rank them wrongly.
    const random = seededRandom(dim);
    const near = (by: number): number[] =>
      Array.from({ length: dim }, () => Math.fround(1 + by * (random.nextFraction() - 0.5)));
    const items = Array.from({ length: 1500 }, () => near(3e-5));
    const queries = Array.from({ length: 20 }, () => near(3e-5));
    const { found, wanted } = await both(pool, { items, queries, k: 10 });
    expect(found).toEqual(wanted);
  });

  test('are found where packing loses most: every number of both just short of a half', async () => {
    // 32,000 / √8 · (1 + t): with t in such a place that all eight round down, or all up.
    const base = 32_000 / Math.sqrt(8);
    const short = (half: number): number[] => {
      const first = Math.floor(base) + half;
      const rest = Math.sqrt((32_000 ** 2 - 4 * first ** 2) / 4);
      return [first, first, first, first, rest, rest, rest, rest].map((x) => Math.fround(x / 32_000));
    };
    const items = Array.from({ length: 2000 }, (_, i) => short(0.4 + (i % 200) / 1000));
    const { found, wanted } = await both(pool, { items, queries: items.slice(0, 200), k: 7 });
    expect(found).toEqual(wanted);
  });

  test('come by row where all are equal, though the longest come first', async () => {
    const items = Array.from({ length: 700 }, (_, i) => [1, i % 97, 0, 0]);
    const { found } = await both(pool, {
      items,
      queries: [
        [1, 0, 0, 0],
        [0, 0, 0, 0],
      ],
      k: 5,
    });
    expect(found.map((ranked) => ranked.map(([row]) => row))).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });

  test('are the same where sums in f32 overflow and where they underflow', async () => {
    const rows = randomRows(5, 300, 9);
    for (const [byItem, byQuery] of [
      [1e19, 1e19],
      [3e38, 3e38],
      [1e38, 1e-38],
      [1e-30, 1e-15],
      [1e-23, 1e-23],
      [1e-40, 1e38],
    ] as const) {
      const scaled = (by: number) => rows.map((row) => row.map((x) => Math.fround((x / 8) * by)));
      const { found, wanted } = await both(pool, {
        items: scaled(byItem),
        queries: scaled(byQuery).slice(0, 40),
        k: 6,
      });
      expect(found).toEqual(wanted);
    }
  });

  test('are found where a sum in f32 overflows beside scores that do not', async () => {
    const by = (row: number[]): number[] => row.map((x) => Math.fround(1e19 * x));
    const queries = [by([1, 1, 1, 1, 1, 1, 1, 1])];
    // In f64 the second has a smaller product than the first, which is longer; in f32 its first lane is infinite.
    const items = [by([0.8, -2.4, 2.4, 2.4, 0, 0, 0, -2.4]), by([2, -1.3, -1.3, -1.3, 2, 0, 0, 0])];
    const { found, wanted } = await both(pool, { items, queries, k: 1 });
    expect(wanted).toEqual([[[1, bits(Infinity)]]]);
    expect(found).toEqual(wanted);
    // Among infinite scores the lower row comes first, though it is shorter.
    const infinite = [by([3, 0, 0, 0, 3, 0, 0, 0]), by([9, 0, 0, 0, 9, 0, 0, 0])];
    expect((await both(pool, { items: infinite, queries, k: 1 })).found).toEqual([[[0, bits(Infinity)]]]);
  });

  test('are found where all scores are below 0, and a short vector comes late among long ones', async () => {
    const long = Array.from({ length: 9 }, () => [-1, 10, 0, 0]);
    const items = [...long, [-0.5, 0, 0, 0], [-0.25, 0, 0, 0]];
    const { found, wanted } = await both(pool, { items, queries: [[1, 0, 0, 0]], k: 2 });
    expect(wanted).toEqual([[10, 9].map((row) => [row, bits(items[row]![0]!)])]);
    expect(found).toEqual(wanted);
  });

  test('are found where norms are so small that f32 has no digits for them', async () => {
    const least = 2 ** -149;
    // All have the same product; the first is shorter by more than rounding, and its row is the lowest.
    const items = [[least, least], ...Array.from({ length: 80 }, () => [2 * least, 0])];
    const { found } = await both(pool, { items, queries: [[2 ** 120, 2 ** 120]], k: 1 });
    expect(found).toEqual([[[0, bits(2 ** -28)]]]);
  });

  test('are found among vectors, and by one, whose norm no f32 can hold', async () => {
    const most = Math.fround(3e38);
    const longest = [...Array.from({ length: 40 }, () => [most, most]), [Math.fround(3.2e38), most]];
    const among = await both(pool, { items: longest, queries: [[1, 0]], k: 1 });
    expect(among.found).toEqual([[[40, bits(3.2e38)]]]);
    const short = [...Array.from({ length: 40 }, () => [0.5, 0]), [0.375, 0.25]];
    const by = await both(pool, { items: short, queries: [[most, most]], k: 1 });
    expect(by.found).toEqual([[[40, bits(0.625 * most)]]]);
  });

  test('are the same beside vectors that are no numbers', async () => {
    const items = randomRows(11, 400, 8).map((row, i) =>
      i % 7 === 3 ? row.map((x, f) => (f === i % 8 ? [NaN, Infinity, -Infinity][i % 3]! : x)) : row,
    );
    const queries = [...randomRows(12, 6, 8), [NaN, 1, 1, 1, 1, 1, 1, 1], [Infinity, 1, 1, 1, 1, 1, 1, 1]];
    const { found, wanted } = await both(pool, { items, queries, k: 90 });
    expect(found).toEqual(wanted);
  });

  test('are found where every addition in f32 rounds up', async () => {
    // In each lane 256, and then 254 times 1.6e-5: just more than half of what 256 can be told apart from in f32. Norms and
    // products are chosen so that packing loses next to nothing, and only the error of f32 is left to be allowed for.
    const rest = Array<number>(1018).fill(Math.fround(0.004));
    const alone = Math.fround(0.33102);
    const query = [16, 16, 16, 16, ...rest, alone, 0];
    const item = [16, 16, 16, 16, ...rest, 0, alone];
    const exact = inner(query, item);
    const between = Math.fround((exact * (1 + 1e-5)) / 16);
    const longer = [between, ...Array<number>(1023).fill(0)];
    const wide = openPool({
      ...{ threads: 1, workspaceBytes: 2 ** 24, signal: new AbortController().signal },
      scratchBytes: productScanScratchBytes(1024),
    });
    const { found, wanted } = await both(wide, { items: [longer, item], queries: [query], k: 1 });
    await wide.close();
    expect(exact).toBeLessThan(16 * between);
    expect(wanted[0]![0]![0]).toBe(1);
    expect(found).toEqual(wanted);
  });

  test('are found without looking at short vectors', async () => {
    const items = randomRows(3, 4000, 16).map((row, i) => row.map((x) => Math.fround(x / (1 + i / 20))));
    const { found, wanted, lookedAt } = await both(pool, { items, queries: randomRows(4, 50, 16), k: 10 });
    expect(found).toEqual(wanted);
    expect(lookedAt).toBeLessThan(0.3 * 50 * 4000);
    // Of what is not finite nothing is known, and of the others as much as before.
    const beside = await both(pool, { items: [...items, [Infinity]], queries: randomRows(4, 50, 16), k: 10 });
    expect(beside.lookedAt).toBeLessThan(0.3 * 50 * 4001);
  });

  test('are the same on 1 and 3 threads, and where memory is not shared', async () => {
    const leaveOut = (q: number) => Uint32Array.from({ length: q % 40 }, (_, i) => 3 * i);
    const wanted: Case = {
      items: randomRows(8, 2500, 24),
      queries: randomRows(9, 1100, 24),
      ...{ k: 25, leaveOut, among: rowSetOf(2500, Array(2000).keys()) },
    };
    const alone = await both(pool, wanted);
    expect(alone.found).toEqual(alone.wanted);
    const crew = open(3);
    const { found, lookedAt } = await both(crew, wanted);
    await crew.close();
    expect(found).toEqual(alone.found);
    expect(lookedAt).toBeGreaterThan(0);
    const shared = globalThis.SharedArrayBuffer;
    Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
    try {
      const unshared = open(2);
      expect(unshared.workspace.shared).toBe(false);
      expect((await both(unshared, wanted)).found).toEqual(alone.found);
    } finally {
      globalThis.SharedArrayBuffer = shared;
    }
  });
});

describe('one scan', () => {
  test('allows for what packing loses of any item, also of the last of many', async () => {
    const dim = 64;
    // Integers hold the query and the first 4,096 items nearly as they are; of the last, each number is rounded down by 0.4.
    const lossy = Array.from({ length: dim }, (_, f) => Math.fround((f < 38 ? 4000.4 : 3999.4) / 4000));
    const query = Array<number>(dim).fill(1);
    const score = inner(query, lossy);
    const others = [Math.fround(score * (1 - 5e-5)), ...Array<number>(dim - 1).fill(0)];
    const items = [...Array.from({ length: 4096 }, () => others), lossy];
    const { found, wanted } = await both(pool, { items, queries: [query], k: 1 });
    expect(wanted[0]![0]![0]).toBe(4096);
    expect(found).toEqual(wanted);
  });

  test('answers batch after batch, for all rows and for some', async () => {
    const mark = pool.workspace.mark();
    const [items, queries] = [randomRows(1, 500, 8), randomRows(2, 9, 8)];
    const [V, Q] = [place(pool, items, 8), place(pool, queries, 8)];
    const scan = await openProductScan(pool, V);
    const some = rowSetOf(500, [3, 77, 78, 401]);
    const none = rowSetOf(500, []);
    for (const among of [undefined, some, some, none, undefined]) {
      const batch = await scan.best(Q, 6, { among });
      const wanted = await bestOfMany(pool, Q, V, 6, undefined, among);
      expect(queries.map((_, q) => rankingOf(batch, q))).toEqual(wanted);
    }
    pool.workspace.release(mark);
  });

  test('takes the memory that was announced, and cuts a batch that does not fit it', async () => {
    const numItems = 1000;
    const items = randomRows(1, numItems, 8);
    // Results of 3,000 queries for all items pass the batch's memory several times.
    const queries = randomRows(2, 3000, 8);
    const everyOther = Uint32Array.from({ length: numItems / 2 }, (_, i) => 2 * i);
    const mark = pool.workspace.mark();
    const [V, Q] = [place(pool, items, 8), place(pool, queries, 8)];
    const before = pool.workspace.mark();
    const scan = await openProductScan(pool, V);
    const after = pool.workspace.mark();
    expect(after - before).toBe(productScanBytes(numItems, 8));
    const batch = await scan.best(Q, 2 * numItems, { leaveOut: () => everyOther });
    expect(pool.workspace.mark()).toBe(after);
    expect(batch.k).toBe(numItems);
    expect(new Set(batch.counts)).toEqual(new Set([numItems / 2]));
    for (const q of [0, 1500, 2999]) {
      const wanted = rankAll(items, (item) => inner(item, queries[q]!), [...everyOther]);
      expect(rankingOf(batch, q).map(({ row }) => row)).toEqual(wanted.map(({ row }) => row));
    }
    pool.workspace.release(mark);
  });

  test('of no items, or of no queries, finds nothing', async () => {
    const none = await both(pool, { items: [], queries: [[1, 2]], k: 3 });
    expect(none.found).toEqual([[]]);
    expect((await both(pool, { items: [[1, 2]], queries: [], k: 3 })).found).toEqual([]);
  });
});
