import { describe, expect, it } from 'vitest';
import { openPool } from '#dist/core/compute/pool.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { nearestRotation, rotationBytes } from '#dist/core/compute/nearest-rotation.js';

type Matrix = readonly (readonly number[])[];

async function rotate(product: Matrix, threads = 1): Promise<Matrix> {
  const n = product.length;
  const pool = openPool({ threads, ...rotationBytes(n), signal: new AbortController().signal });
  try {
    const flat = await nearestRotation(pool, Float64Array.from(product.flat()), n);
    return product.map((_, i) => [...flat.subarray(i * n, i * n + n)]);
  } finally {
    await pool.close();
  }
}

function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => random.nextFraction() + random.nextFraction() - 1),
  );
}

const transposed = (m: Matrix): Matrix => (m[0] ?? []).map((_, j) => m.map((row) => row[j]!));
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, x, f) => sum + x * b[f]![j]!, 0)));
const identity = (n: number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? 1 : 0)));
const trace = (m: Matrix): number => m.reduce((sum, row, i) => sum + row[i]!, 0);

/** Singular values by one-sided Jacobi rotations, the obvious way. */
function singularValues(m: Matrix): number[] {
  const columns = transposed(m).map((column) => [...column]);
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, x, f) => s + x * b[f]!, 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let i = 0; i < columns.length; i++) {
      for (let j = i + 1; j < columns.length; j++) {
        const [a, b] = [columns[i]!, columns[j]!];
        const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
        if (Math.abs(ab) <= 1e-16 * Math.sqrt(aa * bb)) continue;
        const angle = 0.5 * Math.atan2(2 * ab, aa - bb);
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let f = 0; f < a.length; f++) [a[f], b[f]] = [c * a[f]! + s * b[f]!, c * b[f]! - s * a[f]!];
      }
    }
  }
  return columns.map((column) => Math.sqrt(dot(column, column)));
}

function expectClose(got: Matrix, wanted: Matrix, digits: number): void {
  got.forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(wanted[i]![j]!, digits)));
}

/** An orthogonal matrix that has nothing to do with what is tested: Gram and Schmidt's, of a random one. */
function planted(n: number, seed: number): Matrix {
  const rows: number[][] = [];
  for (const row of randomMatrix(n, n, seed)) {
    const next = [...row];
    for (const other of [...rows, ...rows]) {
      const along = next.reduce((sum, x, f) => sum + x * other[f]!, 0);
      other.forEach((x, f) => (next[f] = next[f]! - along * x));
    }
    const norm = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0));
    rows.push(next.map((x) => x / norm));
  }
  return rows;
}

/** [9 × 9], in directions that have nothing to do with the axes. */
function withSingularValues(value: (i: number) => number): Matrix {
  const scaled = planted(9, 21).map((row, i) => row.map((x) => x * value(i)));
  return times(transposed(planted(9, 20)), scaled);
}

describe('nearestRotation', () => {
  it.each([1, 2, 3, 8, 17, 40])('finds a planted rotation of %i dimensions', async (n) => {
    const a = randomMatrix(5 * n, n, n);
    const q = planted(n, n + 1);
    expectClose(await rotate(times(transposed(a), times(a, q))), q, 9);
  });

  it('finds a reflection too', async () => {
    const flip = [
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ];
    const a = randomMatrix(20, 3, 5);
    expectClose(await rotate(times(transposed(a), times(a, flip))), flip, 12);
  });

  it('reaches the largest trace there is: the sum of the singular values', async () => {
    for (const n of [4, 12, 31]) {
      const product = times(transposed(randomMatrix(50, n, n)), randomMatrix(50, n, n + 7));
      const q = await rotate(product);
      const most = singularValues(product).reduce((sum, value) => sum + value, 0);
      expect(trace(times(transposed(q), product))).toBeCloseTo(most, 9);
      expectClose(times(transposed(q), q), identity(n), 12);
    }
  });

  it.each<[string, Matrix]>([
    ['equal singular values', identity(9)],
    ['nearly equal ones', identity(9).map((row, i) => row.map((x, j) => x + 1e-13 * Math.sin(i + 2 * j)))],
    ['ones of very different size', withSingularValues((i) => 10 ** -i)],
    ['ones below what counts', withSingularValues((i) => 10 ** (-3 * i))],
    ['no full rank', times(randomMatrix(9, 2, 1), randomMatrix(2, 9, 2))],
    ['a rank of one', times(randomMatrix(9, 1, 1), randomMatrix(1, 9, 2))],
    ['nothing in it', identity(9).map((row) => row.map(() => 0))],
  ])('is orthogonal, and as good as can be, for a matrix of %s', async (_, product) => {
    const q = await rotate(product);
    expectClose(times(transposed(q), q), identity(9), 8);
    const most = singularValues(product).reduce((sum, value) => sum + value, 0);
    expect(trace(times(transposed(q), product))).toBeCloseTo(most, 7);
  });

  it('has the same bits at 1, 2 and 3 threads, also where threads share the work', async () => {
    const product = times(transposed(randomMatrix(80, 60, 1)), randomMatrix(80, 60, 2));
    const [one, two, three] = [await rotate(product, 1), await rotate(product, 2), await rotate(product, 3)];
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });
});
