import { describe, expect, it } from 'vitest';
import { addOuterProducts, factor, solveFactored } from '#dist/core/numeric/cholesky.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { matrix, solve, type Matrix } from '../../helpers/dense.js';

const stride = 12;

/** Rows of n random numbers, `stride` apart, with something between them that belongs to nobody. */
function randomVectors(numRows: number, n: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: numRows * stride }, (_, at) =>
    at % stride < n ? random.nextFraction() - 0.5 : 1e9,
  );
}

function naive(diagonal: Float64Array, rows: Float32Array, weight: readonly number[]): Matrix {
  const n = diagonal.length;
  return matrix(n, n, (r, c) =>
    weight.reduce(
      (sum, w, p) => sum + w * rows[p * stride + r]! * rows[p * stride + c]!,
      r === c ? diagonal[r]! : 0,
    ),
  );
}

function onDiagonal(diagonal: Float64Array): Float64Array {
  const n = diagonal.length;
  const a = new Float64Array(n * n);
  diagonal.forEach((x, f) => (a[f * n + f] = x));
  return a;
}

describe('a positive definite system', () => {
  it.each([
    [1, 1],
    [2, 3],
    [5, 0],
    [9, 4],
    [12, 30],
  ])('of %i unknowns and %i outer products is what Gaussian elimination makes of it', (n, numRows) => {
    const rows = randomVectors(numRows, n, 7 * n + numRows);
    const weight = Array.from({ length: numRows }, (_, p) => (p % 3) * 0.75);
    const diagonal = Float64Array.from({ length: n }, (_, f) => 0.01 + f / 10);
    const a = onDiagonal(diagonal);
    addOuterProducts(a, n, rows, stride, weight);
    const wanted = naive(diagonal, rows, weight);
    wanted.forEach((row, r) =>
      row.slice(0, r + 1).forEach((x, c) => expect(a[r * n + c]).toBeCloseTo(x, 12)),
    );

    expect(factor(a, n)).toBe(true);
    for (const b of [wanted.map((_, r) => r - 1.5), wanted.map(() => 0), wanted.map((_, r) => 1 / (r + 1))]) {
      const x = Float64Array.from(b);
      solveFactored(a, n, x);
      solve(wanted, b).forEach((value, f) => expect(x[f]).toBeCloseTo(value, 9));
    }
  });

  it('is told from one that is not', () => {
    expect(factor(Float64Array.of(1, 0, 2, 1), 2)).toBe(false);
    expect(factor(Float64Array.of(0), 1)).toBe(false);
    expect(factor(Float64Array.of(Number.NaN), 1)).toBe(false);
    expect(factor(Float64Array.of(Infinity), 1)).toBe(false);
    expect(factor(new Float64Array(0), 0)).toBe(true);
  });
});
