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

describe('crossGram', () => {
  it.each([1, 3, 511, 512, 513])('is AᵀB for %i rows, and overwrites what stood in G', (numRows) => {
    const { workspace, V, rows, square, scratch } = rowsInMemory(2 * numRows);
    const B = V + numRows * dim * 4;
    workspace.f64(square, dim * dim).fill(99);
    workspace.kernels.crossGram(0, numRows, V, B, dim, square, scratch);
    const got = fromRows(workspace.f64(square, dim * dim) as unknown as Float32Array, dim, dim);
    const wanted = multiply(transposed(rows().slice(0, numRows)), rows().slice(numRows));
    for (let r = 0; r < dim; r++)
      for (let c = 0; c < dim; c++)
        expect(Math.abs(at(got, r, c) - at(wanted, r, c))).toBeLessThan(2e-7 * numRows);
  });

  it('of a matrix with itself has the bits of gram', () => {
    const { workspace, V, square, scratch } = rowsInMemory(700);
    workspace.kernels.gram(3, 700, V, dim, square, scratch);
    const wanted = workspace.f64(square, dim * dim).slice();
    workspace.kernels.crossGram(3, 700, V, V, dim, square, scratch);
    expect(workspace.f64(square, dim * dim)).toEqual(wanted);
  });
});

describe('squaredDistances', () => {
  it('are ‖a − b‖² row by row, of the rows asked for', () => {
    const { workspace, V, rows, square } = rowsInMemory(10);
    const out = workspace.f64(square, 5).fill(-1);
    workspace.kernels.squaredDistances(1, 4, V, V + 5 * dim * 4, dim, square);
    const wanted = rows()
      .slice(1, 4)
      .map((row, r) => row.reduce((sum, x, f) => sum + (x - at(rows(), r + 6, f)) ** 2, 0));
    wanted.forEach((value, r) => expect(out[r + 1]).toBeCloseTo(value, 12));
    expect([out[0], out[4]]).toEqual([-1, -1]);
  });

  it('keep the digits of a distance far below the vectors’ length', () => {
    const { workspace, V, square } = rowsInMemory(2);
    const [a, b] = [workspace.f32(V, dim), workspace.f32(V + dim * 4, dim)];
    a.fill(0.25);
    b.fill(0.25);
    b[3] = Math.fround(0.25 + 2 ** -20);
    workspace.kernels.squaredDistances(0, 1, V, V + dim * 4, dim, square);
    expect(workspace.f64(square, 1)[0]).toBe(2 ** -40);
  });
});

it.each([1, 2, 3, 4, 7])('rotate replaces %i rows by V·Q and touches no others', (numRows) => {
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

it('weightedSquares sums weight · squared norm in f64', () => {
  const { workspace, V, rows, square } = rowsInMemory(5);
  workspace.f32(square, 5).set([1, 2, 0, 4, 0.5]);
  const wanted = rows().reduce((sum, row, r) => sum + [1, 2, 0, 4, 0.5][r]! * inner(row, row), 0);
  expect(workspace.kernels.weightedSquares(0, 5, V, dim, square)).toBeCloseTo(wanted, 12);
});

it.each([Number.NaN, Infinity, -Infinity])('allFinite sees a single %d', (bad) => {
  const { workspace, V } = rowsInMemory(3);
  expect(workspace.kernels.allFinite(V, 3 * dim)).toBe(1);
  workspace.f32(V, 3 * dim)[3 * dim - 1] = bad;
  expect(workspace.kernels.allFinite(V, 3 * dim)).toBe(0);
});
