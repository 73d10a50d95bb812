import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '#dist/core/numeric/symmetric-eigen.js';
import { at, fromRows, inner, matrix, multiply, transposed, type Matrix } from '../../helpers/dense.js';

function eigenOf(m: Matrix): { values: number[]; vectors: Matrix } {
  const n = m.length;
  const { values, vectors } = symmetricEigen(Float64Array.from(m.flat()), n);
  return { values: [...values], vectors: fromRows(vectors as unknown as Float32Array, n, n) };
}

/** Largest |A·V − V·Λ| and |VᵀV − I|. */
function errors(m: Matrix): { residual: number; orthogonality: number } {
  const { values, vectors } = eigenOf(m);
  const av = multiply(m, vectors);
  const vtv = multiply(transposed(vectors), vectors);
  const largest = (difference: (r: number, c: number) => number): number =>
    Math.max(...matrix(m.length, m.length, (r, c) => Math.abs(difference(r, c))).flat());
  return {
    residual: largest((r, c) => at(av, r, c) - at(vectors, r, c) * (values[c] ?? 0)),
    orthogonality: largest((r, c) => at(vtv, r, c) - (r === c ? 1 : 0)),
  };
}

describe('symmetricEigen', () => {
  it('gives A·V = V·Λ with orthonormal V, values descending, for any symmetric matrix', () => {
    // Squares of entries below 1e-150 underflow; no Gramian of vectors in f32 has any.
    const entries = fc
      .double({ min: -100, max: 100, noNaN: true })
      .map((x) => (Math.abs(x) < 1e-100 ? 0 : x));
    const symmetric = fc
      .integer({ min: 1, max: 12 })
      .chain((n) => fc.array(entries, { minLength: n * n, maxLength: n * n }).map((flat) => ({ n, flat })))
      .map(({ n, flat }) => matrix(n, n, (r, c) => flat[Math.min(r, c) * n + Math.max(r, c)] ?? 0));
    fc.assert(
      fc.property(symmetric, (m) => {
        const { residual, orthogonality } = errors(m);
        expect(residual).toBeLessThan(1e-10);
        expect(orthogonality).toBeLessThan(1e-12);
        const { values } = eigenOf(m);
        expect(values).toEqual(values.toSorted((a, b) => b - a));
      }),
    );
  });

  it.each([
    ['zeros', matrix(5, 5, () => 0)],
    ['the unit matrix', matrix(5, 5, (r, c) => (r === c ? 1 : 0))],
    ['rank one', matrix(6, 6, (r, c) => (r + 1) * (c + 1))],
    ['one by one', [[-3]]],
    ['entries 30 orders of magnitude apart', matrix(4, 4, (r, c) => (r === c ? 10 ** (-10 * r) : 0))],
  ])('handles %s', (_, m) => {
    const scale = Math.max(1, ...m.flat().map(Math.abs));
    const { residual, orthogonality } = errors(m);
    expect(residual / scale).toBeLessThan(1e-13);
    expect(orthogonality).toBeLessThan(1e-12);
  });

  it('finds the eigenvalues of a matrix whose answer is known', () => {
    // The second-difference matrix has eigenvalues 2 − 2 cos(πk / (n + 1)).
    const n = 20;
    const { values } = eigenOf(matrix(n, n, (r, c) => (r === c ? 2 : Math.abs(r - c) === 1 ? -1 : 0)));
    const wanted = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((Math.PI * (n - k)) / (n + 1)));
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(wanted[k] ?? Number.NaN, 12);
    });
    expect(inner(values, values)).toBeCloseTo(inner(wanted, wanted), 10);
  });
});
