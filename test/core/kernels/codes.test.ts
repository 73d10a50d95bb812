import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { rankHeap } from '#dist/core/numeric/top-k.js';
import { inner, randomRows, type Rows } from '../../helpers/vectors.js';

const workspace = openWorkspace(1 << 22);
const { kernels } = workspace;
const start = workspace.mark();

function place(rows: Rows): number {
  const values = rows.flat();
  const address = workspace.allocate(4 * Math.max(1, values.length));
  workspace.f32(address, values.length).set(values);
  return address;
}

function placeWhole(values: readonly number[]): number {
  const address = workspace.allocate(4 * Math.max(1, values.length));
  workspace.u32(address, values.length).set(values);
  return address;
}

/** Rows as codes in groups, and what the codes are, read as the layout says. */
function encode(rows: Rows, bounds: readonly number[], centres?: Rows) {
  workspace.release(start);
  const dim = rows[0]!.length;
  const count = bounds.at(-1)!;
  const tileBytes = 8 * dim;
  const tiles = workspace.allocate(Math.ceil(count / 8) * tileBytes);
  workspace.u8(tiles, Math.ceil(count / 8) * tileBytes).fill(0);
  const numGroups = bounds.length - 1;
  const scales = workspace.allocate(8 * numGroups);
  const decoded = workspace.allocate(4 * dim * count);
  const centresAt = centres === undefined ? 0 : place(centres);
  const args = [place(rows), dim, 0, placeWhole(bounds), centresAt, tiles, scales, decoded] as const;
  kernels.encodeGroups(0, numGroups, ...args);
  const bytes = new Int8Array(workspace.memory.buffer, tiles, Math.ceil(count / 8) * tileBytes);
  return {
    dim,
    count,
    tiles,
    codes: Array.from({ length: count }, (_, at) =>
      Array.from(
        { length: dim },
        (_, f) => bytes[(at >> 3) * tileBytes + (f >> 1) * 16 + (at & 7) * 2 + (f & 1)]!,
      ),
    ),
    scales: Array.from(
      { length: numGroups },
      (_, g) => [...workspace.f32(scales + 8 * g, 2)] as [number, number],
    ),
    decoded: Array.from({ length: count }, (_, at) => [...workspace.f32(decoded + 4 * dim * at, dim)]),
  };
}

/** A query in int16, and what 1 of it stands for. */
function encodeQuery(query: readonly number[]) {
  const dim = query.length;
  const out = workspace.allocate(2 * dim + 16);
  kernels.encodeQuery(place([query]), dim, out);
  const [unit = 0, slack = 0, length = 0] = workspace.f32(out + 2 * dim, 3);
  return { at: out, whole: [...new Int16Array(workspace.memory.buffer, out, dim)], unit, slack, length };
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, x, f) => sum + (x - b[f]!) ** 2, 0));

describe.each([8, 24, 64])('codes of %i dims', (dim) => {
  const rows = randomRows(dim, 45, dim);
  const centres = randomRows(dim + 1, 4, dim);
  // Groups that begin and end within tiles, one of a single row, one empty.
  const bounds = [0, 1, 1, 20, 45];

  it('are the differences from the centre in the scale of the group, and its error is the largest', () => {
    const { codes, scales, decoded } = encode(rows, bounds, centres);
    for (let g = 0; g + 1 < bounds.length; g++) {
      const [scale, error] = scales[g]!;
      const members = rows.slice(bounds[g], bounds[g + 1]);
      const widest = Math.max(
        0,
        ...members.flatMap((row) => row.map((x, f) => Math.abs(Math.fround(x - centres[g]![f]!)))),
      );
      expect(scale).toBe(widest === 0 ? 1 : Math.fround(widest / 127));
      const distances = members.map((row, m) => {
        const at = bounds[g]! + m;
        row.forEach((x, f) => {
          expect(Math.abs((x - centres[g]![f]!) / scale - codes[at]![f]!)).toBeLessThan(0.5001);
          expect(decoded[at]![f]).toBeCloseTo(centres[g]![f]! + scale * codes[at]![f]!, 5);
        });
        return distance(row, decoded[at]!);
      });
      const most = Math.max(0, ...distances);
      expect(error).toBeGreaterThanOrEqual(most);
      expect(error).toBeLessThanOrEqual(most * 1.00001);
    }
  });

  it('are read by scans with sums that are exact, from and to anywhere', () => {
    const { codes, tiles, count } = encode(rows, [0, 45]);
    const query = randomRows(9, 1, dim)[0]!;
    const { at, whole } = encodeQuery(query);
    const sums = codes.map((code) => inner(code, whole));
    const heap = workspace.allocate(8 * count);
    for (const [from, to] of [
      [0, 45],
      [3, 45],
      [8, 16],
      [7, 9],
      [41, 42],
      [5, 5],
    ] as const) {
      kernels.clearHeap(heap, count);
      // A factor of 1 and a base of 0: scores are the sums, as f32 has them.
      kernels.scanCodes(from, to, tiles, at, dim, 0, 1, 0, 0, 0, count, heap, 0, 0);
      const wanted = sums
        .map((sum, row) => ({ row, score: Math.fround(sum) }))
        .slice(from, to)
        .sort((a, b) => b.score - a.score || a.row - b.row);
      expect(rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count))).toEqual(wanted);
    }
  });

  it('hold the largest sums without overflow', () => {
    const most = [new Array<number>(dim).fill(1), new Array<number>(dim).fill(-1)];
    const { tiles } = encode(most, [0, 2]);
    const { at, whole } = encodeQuery(new Array<number>(dim).fill(1));
    const heap = workspace.allocate(16);
    kernels.clearHeap(heap, 2);
    kernels.scanCodes(0, 2, tiles, at, dim, 0, 1, 0, 0, 0, 2, heap, 0, 0);
    const sum = 127 * whole.reduce((total, x) => total + x, 0);
    expect(rankHeap(workspace.f32(heap, 4), workspace.u32(heap, 4))).toEqual([
      { row: 0, score: Math.fround(sum) },
      { row: 1, score: Math.fround(-sum) },
    ]);
  });

  it('the best k of what was scanned are among the candidates, and few others', () => {
    const many = randomRows(5, 900, dim).map((row) => {
      const length = Math.hypot(...row);
      return row.map((x) => Math.fround(x / length));
    });
    const edges = [0, 33, 34, 500, 900];
    const { tiles, scales } = encode(
      many,
      edges,
      randomRows(6, 4, dim).map((row) => row.map((x) => Math.fround(x / 8))),
    );
    const means = randomRows(6, 4, dim).map((row) => row.map((x) => Math.fround(x / 8)));
    const query = randomRows(7, 1, dim)[0]!;
    const { at, unit, slack, length } = encodeQuery(query);
    const k = 10;
    const heap = workspace.allocate(8 * k);
    const candidates = workspace.allocate(16 * many.length);
    const skip = workspace.allocate(113);
    workspace.u8(skip, 113).fill(0);
    const left = many.map((_, row) => row).filter((row) => row % 3 !== 0);
    for (let row = 0; row < 900; row += 3) workspace.u8(skip + (row >> 3), 1)[0]! |= 1 << (row & 7);
    kernels.clearHeap(heap, k);
    let found = 0;
    scales.forEach(([scale, error], g) => {
      const base = inner(means[g]!, query);
      const args = [
        tiles,
        at,
        dim,
        base,
        scale * unit,
        slack + length * error,
        0,
        skip,
        k,
        heap,
        candidates,
      ] as const;
      found = kernels.scanCodes(edges[g]!, edges[g + 1]!, ...args, found);
    });
    const counts = workspace.allocate(8);
    kernels.sortCandidates(candidates, found, workspace.f32(heap, 1)[0]!, counts);
    const [sure = 0, all = 0] = workspace.u32(counts, 2);
    const entry = (c: number) => ({
      upper: workspace.f32(candidates + 16 * c, 1)[0]!,
      lower: workspace.f32(candidates + 16 * c + 4, 1)[0]!,
      row: workspace.u32(candidates + 16 * c + 8, 1)[0]!,
    });
    const entries = Array.from({ length: all }, (_, c) => entry(c));
    for (const { upper, lower, row } of entries) {
      const score = inner(many[row]!, query);
      expect([lower <= score, score <= upper]).toEqual([true, true]);
    }
    const best = left.toSorted((a, b) => inner(many[b]!, query) - inner(many[a]!, query)).slice(0, k);
    expect(best.every((row) => entries.some((candidate) => candidate.row === row))).toBe(true);
    expect([sure >= k, all >= sure, all < 60]).toEqual([true, true, true]);
    expect(entries.every(({ row }) => row % 3 !== 0)).toBe(true);
  });
});

describe('a query in int16', () => {
  it.each([1, 1e-20, 1e15])('has length 32,000 whatever its own (× %d)', (by) => {
    workspace.release(start);
    const query = randomRows(3, 1, 16)[0]!.map((x) => Math.fround(x * by));
    const { whole, unit, length } = encodeQuery(query);
    expect(Math.hypot(...whole)).toBeCloseTo(32_000, -2);
    expect(length / Math.hypot(...query)).toBeCloseTo(1, 6);
    whole.forEach((x, f) => expect(Math.abs(x * unit - query[f]!)).toBeLessThan(0.5001 * unit));
  });

  it.each([0, NaN])('of nothing but %d is zeros', (x) => {
    workspace.release(start);
    const { whole } = encodeQuery(new Array<number>(16).fill(x));
    expect(whole.every((value) => value === 0)).toBe(true);
  });
});
