import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paddedDim } from '#dist/core/compute/factors.js';
import { openPool } from '#dist/core/compute/pool.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { eigenLayout, eigenScratchBytes, symmetricEigen } from '#dist/core/compute/symmetric-eigen.js';
import { at, inner, matrix, multiply, transposed, type Matrix } from '../../helpers/dense.js';

/** A matrix's eigenvalues and eigenvectors, with two padded columns where its size is odd. */
async function eigenOf(m: Matrix, threads = 1): Promise<{ values: number[]; vectors: Matrix; bits: string }> {
  const n = m.length;
  const dim = paddedDim(n);
  const pool = openPool({
    threads,
    workspaceBytes: dim * dim * 8 + eigenLayout(dim).bytes,
    scratchBytes: eigenScratchBytes(dim),
    signal: new AbortController().signal,
  });
  try {
    const at = pool.workspace.allocate(dim * dim * 8);
    const eigen = symmetricEigen(pool, n, dim, eigenLayout(dim).allocate(pool.workspace));
    const array = pool.workspace.f64(at, dim * dim).fill(Number.NaN);
    m.forEach((row, r) => array.set(row, r * dim));
    const { values, vectors } = await eigen(at);
    return {
      values: [...values.subarray(0, n)],
      vectors: matrix(n, n, (r, c) => vectors[r * dim + c] ?? Number.NaN),
      bits: createHash('sha256').update(values).update(vectors).digest('hex'),
    };
  } finally {
    await pool.close();
  }
}

/** Largest |A·V − V·Λ| and |VᵀV − I|. */
async function errors(m: Matrix): Promise<{ residual: number; orthogonality: number }> {
  const { values, vectors } = await eigenOf(m);
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
  it('gives A·V = V·Λ with orthonormal V, values descending, for any symmetric matrix', async () => {
    // Squares of entries below 1e-150 underflow; no Gramian of vectors in f32 has any.
    const entries = fc
      .double({ min: -100, max: 100, noNaN: true })
      .map((x) => (Math.abs(x) < 1e-100 ? 0 : x));
    const symmetric = fc
      .integer({ min: 1, max: 12 })
      .chain((n) => fc.array(entries, { minLength: n * n, maxLength: n * n }).map((flat) => ({ n, flat })))
      .map(({ n, flat }) => matrix(n, n, (r, c) => flat[Math.min(r, c) * n + Math.max(r, c)] ?? 0));
    await fc.assert(
      fc.asyncProperty(symmetric, async (m) => {
        const { residual, orthogonality } = await errors(m);
        expect(residual).toBeLessThan(1e-10);
        expect(orthogonality).toBeLessThan(1e-12);
        const { values } = await eigenOf(m);
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
  ])('handles %s', async (_, m) => {
    const scale = Math.max(1, ...m.flat().map(Math.abs));
    const { residual, orthogonality } = await errors(m);
    expect(residual / scale).toBeLessThan(1e-13);
    expect(orthogonality).toBeLessThan(1e-12);
  });

  it('finds the eigenvalues of a matrix whose answer is known', async () => {
    // The second-difference matrix has eigenvalues 2 − 2 cos(πk / (n + 1)).
    const n = 20;
    const { values } = await eigenOf(matrix(n, n, (r, c) => (r === c ? 2 : Math.abs(r - c) === 1 ? -1 : 0)));
    const wanted = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((Math.PI * (n - k)) / (n + 1)));
    values.forEach((value, k) => expect(value).toBeCloseTo(wanted[k] ?? Number.NaN, 12));
    expect(inner(values, values)).toBeCloseTo(inner(wanted, wanted), 10);
  });

  it('has the same bits at any number of threads, where threads share the work', async () => {
    const random = seededRandom(5);
    const half = matrix(101, 101, () => random.nextFraction() - 0.5);
    const m = matrix(101, 101, (r, c) => at(half, r, c) + at(half, c, r));
    const all = await Promise.all([1, 2, 3].map((threads) => eigenOf(m, threads)));
    expect(new Set(all.map(({ bits }) => bits)).size).toBe(1);
    const { residual, orthogonality } = await errors(m);
    expect(residual).toBeLessThan(1e-12);
    expect(orthogonality).toBeLessThan(1e-12);
  });
});

it('rotations that do not fit in their buffer are applied in portions, with the same bits', () => {
  const n = 24;
  const vectorsWith = (capacity: number): number[] => {
    const { allocate, f64, kernels } = openWorkspace(1 << 20);
    const [d, e, W, rotations, sweeps] = [n, n, n * n, 2 * n * n, 4 * n].map((size): number =>
      allocate(size * 8),
    ) as [...[number, number, number, number, number]];
    const scratch = allocate(n * 64);
    f64(d, n).set(Array.from({ length: n }, (_, f) => 1 + (f % 5)));
    f64(e, n).fill(0.7).fill(0, 0, 1);
    for (let f = 0; f < n; f++) f64(W, n * n)[f * n + f] = 1;
    const turn = [W, n, n, sweeps] as const;
    const left = kernels.iterateQl(...([d, e, n, rotations, capacity, sweeps, W, n, scratch] as const));
    kernels.applyRotations(0, n / 8, ...turn, left, rotations, scratch);
    return [...f64(W, n * n)];
  };
  expect(vectorsWith(n)).toEqual(vectorsWith(n * n));
});
