import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { at, fromRows, inner, matrix, multiply, transposed } from '../../helpers/dense.js';

const dim = 16;

/** A workspace with numRows seeded rows (and three of slack) and a [dim × dim] buffer, a tile, and their addresses. */
function rowsInMemory(numRows: number) {
  const workspace = openWorkspace(1 << 20);
  const V = workspace.allocate((numRows + 3) * dim * 4);
  const random = seededRandom(numRows);
  const values = workspace.f32(V, numRows * dim);
  for (let k = 0; k < values.length; k++) values[k] = random.nextFraction() - 0.5;
  return {
    workspace,
    V,
    rows: () => fromRows(values, numRows, dim),
    square: workspace.allocate(dim * dim * 8),
    scratch: workspace.allocate(dim * dim * 4),
  };
}

describe('gram', () => {
  it.each([1, 3, 511, 512, 513, 1300])('is VᵀV, symmetric, for %i rows', (numRows) => {
    const { workspace, V, rows, square, scratch } = rowsInMemory(numRows);
    workspace.kernels.gram(0, numRows, V, dim, square, scratch);
    const got = fromRows(workspace.f64(square, dim * dim) as unknown as Float32Array, dim, dim);
    const wanted = multiply(transposed(rows()), rows());
    for (let r = 0; r < dim; r++)
      for (let c = 0; c < dim; c++)
        expect(Math.abs(at(got, r, c) - at(wanted, r, c))).toBeLessThan(2e-7 * numRows);
    expect(got).toEqual(transposed(got));
  });

  it('overwrites what stood in G, and sums only the rows asked for', () => {
    const { workspace, V, rows, square, scratch } = rowsInMemory(9);
    workspace.f64(square, dim * dim).fill(99);
    workspace.kernels.gram(2, 5, V, dim, square, scratch);
    const part = rows().slice(2, 5);
    expect(workspace.f64(square, 1)[0]).toBeCloseTo(at(multiply(transposed(part), part), 0, 0), 6);
  });
});

describe('rotate', () => {
  it.each([1, 2, 3, 4, 7])('replaces %i rows by V·Q and touches no others', (numRows) => {
    const { workspace, V, rows, square, scratch } = rowsInMemory(numRows + 2);
    const random = seededRandom(5);
    const q = matrix(dim, dim, () => Math.fround(random.nextFraction() - 0.5));
    workspace.f32(square, dim * dim).set(q.flat());
    const before = rows();
    workspace.kernels.rotate(1, 1 + numRows, V, dim, square, scratch);
    const wanted = multiply(before.slice(1, 1 + numRows), q);
    const got = rows();
    expect(got[0]).toEqual(before[0]);
    expect(got.at(-1)).toEqual(before.at(-1));
    for (let r = 0; r < numRows; r++)
      for (let c = 0; c < dim; c++) expect(at(got, r + 1, c)).toBeCloseTo(at(wanted, r, c), 5);
  });
});

describe('weightedSquares', () => {
  it('sums weight · squared norm in f64', () => {
    const { workspace, V, rows, square } = rowsInMemory(5);
    workspace.f32(square, 5).set([1, 2, 0, 4, 0.5]);
    const wanted = rows().reduce((sum, row, r) => sum + [1, 2, 0, 4, 0.5][r]! * inner(row, row), 0);
    expect(workspace.kernels.weightedSquares(0, 5, V, dim, square)).toBeCloseTo(wanted, 12);
  });
});

describe('allFinite', () => {
  it.each([Number.NaN, Infinity, -Infinity])('sees a single %d', (bad) => {
    const { workspace, V } = rowsInMemory(3);
    expect(workspace.kernels.allFinite(V, 3 * dim)).toBe(1);
    workspace.f32(V, 3 * dim)[3 * dim - 1] = bad;
    expect(workspace.kernels.allFinite(V, 3 * dim)).toBe(0);
  });
});
