import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { inner, randomRows, rankAll, type Rows } from '../../helpers/vectors.js';

const dim = 16;

function unitRows(seed: number, numRows: number): number[][] {
  return randomRows(seed, numRows, dim).map((row) => {
    const length = Math.hypot(...row);
    return row.map((x) => Math.fround(x / length));
  });
}

function inMemory() {
  const workspace = openWorkspace(1 << 20);
  return {
    workspace,
    scratch: workspace.allocate(8 * dim),
    place(rows: Rows): number {
      const address = workspace.allocate(rows.length * dim * 4);
      workspace.f32(address, rows.length * dim).set(rows.flat());
      return address;
    },
    placeWhole(values: readonly number[]): number {
      const address = workspace.allocate(4 * values.length);
      workspace.u32(address, values.length).set(values);
      return address;
    },
  };
}

/** Assigns members of `rows` to `centroids`, numbered from `first` on; all are assigned to 77, with score `before`. */
function assign(rows: Rows, centroids: Rows, members: readonly number[], first = 0, before = -Infinity) {
  const { workspace, scratch, place, placeWhole } = inMemory();
  const tiles = Math.ceil(centroids.length / 12);
  const packed = workspace.allocate(tiles * 12 * dim * 2);
  workspace.kernels.packCentroids(0, tiles, place(centroids), centroids.length, dim, packed, scratch);
  const assignment = placeWhole(new Array<number>(rows.length).fill(77));
  const scores = workspace.allocate(4 * rows.length);
  workspace.f32(scores, rows.length).fill(before);
  const membersAt = placeWhole(members);
  const V = place(rows);
  const args = [membersAt, V, dim, packed, tiles, first, assignment, scores, scratch] as const;
  workspace.kernels.assignRows(0, members.length, ...args);
  return {
    assignment: [...workspace.u32(assignment, rows.length)],
    scores: [...workspace.f32(scores, rows.length)],
  };
}

describe('assignRows', () => {
  it.each([
    [1, 1],
    [5, 11],
    [6, 12],
    [7, 13],
    [40, 50],
  ])('gives %i rows the nearest of %i centroids, as int16 tells them apart', (numRows, numCentroids) => {
    const rows = unitRows(1, numRows);
    const centroids = unitRows(2, numCentroids);
    const all = rows.map((_, row) => row);
    const { assignment, scores } = assign(rows, centroids, all);
    rows.forEach((row, r) => {
      const best = rankAll(centroids, (c) => inner(c, row))[0]!;
      const got = inner(centroids[assignment[r]!]!, row);
      expect(best.score - got).toBeLessThan(4e-4);
      expect(Math.abs(scores[r]! - got)).toBeLessThan(4e-4);
    });
  });

  it('takes the lower of equal centroids, wherever in a tile they stand', () => {
    const [a, b] = unitRows(3, 2) as [number[], number[]];
    for (const [first, second] of [
      [0, 1],
      [3, 4],
      [2, 15],
      [11, 12],
      [5, 29],
    ] as const) {
      const centroids = Array.from({ length: 30 }, (_, c) => (c === first || c === second ? a : b));
      expect(assign([a], centroids, [0]).assignment).toEqual([first]);
    }
  });

  it('assigns members only, in any order', () => {
    const rows = unitRows(4, 9);
    const centroids = unitRows(5, 20);
    const whole = assign(rows, centroids, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const { assignment, scores } = assign(rows, centroids, [8, 2, 5, 0, 7]);
    const members = new Set([8, 2, 5, 0, 7]);
    expect(assignment).toEqual(whole.assignment.map((c, row) => (members.has(row) ? c : 77)));
    expect(scores).toEqual(whole.scores.map((s, row) => (members.has(row) ? s : -Infinity)));
  });

  it('leaves a row where it is nearer to what it was assigned to, and counts from the first', () => {
    const rows = unitRows(4, 9);
    const centroids = unitRows(5, 20);
    const all = rows.map((_, row) => row);
    const { assignment, scores } = assign(rows, centroids, all);
    const near = scores.toSorted((a, b) => a - b)[4]!;
    const later = assign(rows, centroids, all, 100, near);
    expect(later.assignment).toEqual(assignment.map((c, row) => (scores[row]! > near ? 100 + c : 77)));
    expect(later.scores).toEqual(scores.map((score) => Math.max(score, near)));
  });

  it('holds the longest sums that unit vectors give', () => {
    const one = [1, ...new Array<number>(dim - 1).fill(0)];
    const even = new Array<number>(dim).fill(Math.fround(1 / Math.sqrt(dim)));
    const { assignment, scores } = assign([one, even], [one.map((x) => -x), even, one], [0, 1]);
    expect(assignment).toEqual([2, 1]);
    expect(scores[0]).toBe(1);
    expect(scores[1]).toBeCloseTo(1, 4);
  });
});

describe('updateCentroids', () => {
  it('points each centroid where its members point together; one without members stays', () => {
    const rows = unitRows(6, 10);
    const { workspace, scratch, place, placeWhole } = inMemory();
    const before = unitRows(7, 4);
    const centroids = place(before);
    const members = placeWhole([4, 5, 9, 0, 1, 2]);
    const offsets = placeWhole([0, 3, 3, 6, 6]);
    workspace.kernels.updateCentroids(0, 3, place(rows), dim, members, offsets, centroids, scratch);
    const got = before.map((_, c) => [...workspace.f32(centroids + c * dim * 4, dim)]);
    const direction = (of: readonly number[]): number[] => {
      const sum = rows[0]!.map((_, f) => of.reduce((total, row) => total + rows[row]![f]!, 0));
      return sum.map((x) => x / Math.hypot(...sum));
    };
    [direction([4, 5, 9]), before[1]!, direction([0, 1, 2]), before[3]!].forEach((wanted, c) => {
      wanted.forEach((x, f) => expect(got[c]![f]).toBeCloseTo(x, 6));
    });
  });

  it('keeps a centroid whose members cancel out', () => {
    const [a, b] = unitRows(8, 2) as [number[], number[]];
    const { workspace, scratch, place, placeWhole } = inMemory();
    const centroids = place([b]);
    const rows = place([a, a.map((x) => -x)]);
    workspace.kernels.updateCentroids(
      ...[0, 1, rows, dim, placeWhole([0, 1]), placeWhole([0, 2]), centroids],
      scratch,
    );
    expect([...workspace.f32(centroids, dim)]).toEqual(b);
  });
});
