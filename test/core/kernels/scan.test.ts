import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { rankHeap } from '#dist/core/numeric/top-k.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { inner, rankAll, type Rows } from '../../helpers/vectors.js';

const dim = 8;

/** Rows of whole numbers, so that inner products are exact and ties are many. */
function wholeRows(seed: number, numRows: number): number[][] {
  const random = seededRandom(seed);
  return Array.from({ length: numRows }, () => Array.from({ length: dim }, () => random.nextBelow(5) - 2));
}

function inMemory(rows: Rows, k: number, numQueries = 1) {
  const workspace = openWorkspace(1 << 20);
  const place = (values: Rows): number => {
    const address = workspace.allocate(values.length * dim * 4);
    workspace.f32(address, values.length * dim).set(values.flat());
    return address;
  };
  const heaps = workspace.allocate(8 * k * numQueries);
  return {
    workspace,
    place,
    V: place(rows),
    heaps,
    ranked: (q = 0) => {
      const heap = heaps + 8 * k * q;
      return rankHeap(workspace.f32(heap, 2 * k), workspace.u32(heap, 2 * k));
    },
  };
}

describe('scanTopK', () => {
  it.each([
    [1, 1],
    [3, 2],
    [4, 4],
    [97, 1],
    [97, 10],
    [97, 97],
    [97, 200],
  ])('keeps the best of %i rows, %i at most, ties to the lower row', (numRows, k) => {
    const rows = wholeRows(numRows, numRows);
    const { workspace, place, V, heaps, ranked } = inMemory(rows, k);
    const query = wholeRows(7, 1)[0]!;
    workspace.kernels.clearHeap(heaps, k);
    workspace.kernels.scanTopK(0, numRows, place([query]), V, dim, 0, 0, 0, k, heaps);
    expect(ranked()).toEqual(rankAll(rows, (row) => inner(row, query)).slice(0, k));
  });

  it('goes on where an earlier scan stopped, counts rows from `first`, and names them', () => {
    const rows = wholeRows(3, 60);
    const { workspace, place, V, heaps, ranked } = inMemory(rows, 5);
    const query = wholeRows(8, 1)[0]!;
    const x = place([query]);
    const wanted = rankAll(rows, (row) => inner(row, query)).slice(0, 5);
    const { kernels } = workspace;
    kernels.clearHeap(heaps, 5);
    kernels.scanTopK(33, 60, x, V, dim, 0, 0, 0, 5, heaps);
    kernels.scanTopK(0, 33, x, V, dim, 0, 0, 0, 5, heaps);
    expect(ranked()).toEqual(wanted);
    kernels.clearHeap(heaps, 5);
    kernels.scanTopK(0, 60, x, V, dim, 1000, 0, 0, 5, heaps);
    expect(ranked()).toEqual(wanted.map(({ row, score }) => ({ row: row + 1000, score })));

    // Names in reverse: among ties the lower name wins, whatever the order in which they come.
    const names = workspace.allocate(240);
    workspace.u32(names, 60).set(Array.from({ length: 60 }, (_, r) => 500 - r));
    kernels.clearHeap(heaps, 5);
    kernels.scanTopK(0, 60, x, V, dim, 0, names, 0, 5, heaps);
    const named = rows.map((row, r) => ({ row: 500 - r, score: inner(row, query) }));
    expect(ranked()).toEqual(named.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, 5));
  });

  it('leaves out what the bitmap says, and scores that are no number', () => {
    const rows = wholeRows(4, 30);
    rows[7] = new Array<number>(dim).fill(NaN);
    const { workspace, place, V, heaps, ranked } = inMemory(rows, 30);
    const query = new Array<number>(dim).fill(1);
    const skip = workspace.allocate(4);
    const left = [0, 8, 13, 29];
    for (const row of left) workspace.u8(skip, 4)[row >> 3]! |= 1 << (row & 7);
    workspace.kernels.clearHeap(heaps, 30);
    workspace.kernels.scanTopK(0, 30, place([query]), V, dim, 0, 0, skip, 30, heaps);
    expect(ranked()).toEqual(rankAll(rows, (row) => inner(row, query), left));
    expect(ranked()).toHaveLength(25);
  });
});

describe('scanMany', () => {
  it.each([1, 3, 4, 5, 9])('gives each of %i queries what a scan of its own gives', (numQueries) => {
    const rows = wholeRows(5, 131);
    const { workspace, place, V, heaps, ranked } = inMemory(rows, 6, numQueries);
    const queries = wholeRows(9, numQueries);
    const skipBytes = 17;
    const skips = workspace.allocate(numQueries * skipBytes);
    const left = (q: number): number[] => [q, 130 - q];
    for (let q = 0; q < numQueries; q++)
      for (const row of left(q)) workspace.u8(skips + q * skipBytes, skipBytes)[row >> 3]! |= 1 << (row & 7);
    const Q = place(queries);
    workspace.kernels.scanMany(0, numQueries, Q, V, 131, dim, skips, skipBytes, 6, heaps);
    queries.forEach((query, q) => {
      expect(ranked(q)).toEqual(rankAll(rows, (row) => inner(row, query), left(q)).slice(0, 6));
    });
    workspace.kernels.scanMany(0, numQueries, Q, V, 131, dim, 0, 0, 6, heaps);
    queries.forEach((query, q) => {
      expect(ranked(q)).toEqual(rankAll(rows, (row) => inner(row, query)).slice(0, 6));
    });
  });

  it('has the bits of scanTopK where sums are not exact', () => {
    const random = seededRandom(6);
    const rows = Array.from({ length: 50 }, () =>
      Array.from({ length: dim }, () => random.nextFraction() - 0.5),
    );
    const { workspace, V, heaps, ranked } = inMemory(rows, 50, 6);
    workspace.kernels.scanMany(0, 6, V, V, 50, dim, 0, 0, 50, heaps);
    const together = [0, 1, 2, 3, 4, 5].map(ranked);
    for (let q = 0; q < 6; q++) {
      workspace.kernels.clearHeap(heaps, 50);
      workspace.kernels.scanTopK(0, 50, V + q * dim * 4, V, dim, 0, 0, 0, 50, heaps);
      expect(ranked()).toEqual(together[q]);
    }
  });
});

it('scoreRows writes the inner products of a range, and nothing else', () => {
  const rows = wholeRows(10, 12);
  const { workspace, V } = inMemory(rows, 1);
  const out = workspace.allocate(48);
  workspace.f32(out, 12).fill(99);
  workspace.kernels.scoreRows(2, 11, V, V, dim, out);
  const wanted = rows.map((row, r) => (r >= 2 && r < 11 ? inner(row, rows[0]!) : 99));
  expect([...workspace.f32(out, 12)]).toEqual(wanted);
});

it('unitRows makes lengths 1, whatever they were, and NaN of a zero row', () => {
  const rows = [
    [3, 0, -4, 0],
    [1e-40, 0, 0, 0],
    [0, 2e38, 0, 0],
    [1e-23, 1e-23, 0, 0],
    [0, 0, 0, 0],
  ].map((row) => [...row, 0, 0, 0, 0]);
  const { workspace, V } = inMemory([...rows, rows[0]!], 1);
  workspace.kernels.unitRows(0, 5, V, dim);
  const got = Array.from({ length: 6 }, (_, r) => [...workspace.f32(V + r * dim * 4, dim)]);
  expect(got[0]!.slice(0, 4)).toEqual([0.6, 0, -0.8, 0].map(Math.fround));
  expect(got[1]!.slice(0, 2)).toEqual([1, 0]);
  expect(got[2]!.slice(0, 2)).toEqual([0, 1]);
  expect(got[3]!.slice(0, 2)).toEqual([Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2)]);
  expect(got[4]).toEqual(new Array(dim).fill(NaN));
  expect(got[5]!.slice(0, 4)).toEqual([3, 0, -4, 0]);
});
