/** Naive linear algebra in f64, the oracle of kernels and solvers. Matrices are arrays of rows. */
export type Matrix = number[][];

export function matrix(
  rows: number,
  columns: number,
  entry: (row: number, column: number) => number,
): Matrix {
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => entry(r, c)));
}

export function at(m: Matrix, row: number, column: number): number {
  const value = m[row]?.[column];
  if (value === undefined) throw new RangeError(`no entry ${row}, ${column}`);
  return value;
}

export function multiply(a: Matrix, b: Matrix): Matrix {
  return matrix(a.length, b[0]?.length ?? 0, (r, c) =>
    b.reduce((sum, row, k) => sum + at(a, r, k) * (row[c] ?? 0), 0),
  );
}

export function transposed(m: Matrix): Matrix {
  return matrix(m[0]?.length ?? 0, m.length, (r, c) => at(m, c, r));
}

export function inner(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);
}

/** The solution of a·x = b by Gaussian elimination with partial pivoting. */
export function solve(a: Matrix, b: readonly number[]): number[] {
  const n = b.length;
  const m = a.map((row, r) => [...row, b[r] ?? 0]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(at(m, r, c)) > Math.abs(at(m, pivot, c))) pivot = r;
    [m[c], m[pivot]] = [m[pivot] ?? [], m[c] ?? []];
    for (let r = c + 1; r < n; r++) {
      const factor = at(m, r, c) / at(m, c, c);
      for (let k = c; k <= n; k++) (m[r] ?? [])[k] = at(m, r, k) - factor * at(m, c, k);
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let r = n - 1; r >= 0; r--) {
    let sum = at(m, r, n);
    for (let k = r + 1; k < n; k++) sum -= at(m, r, k) * (x[k] ?? 0);
    x[r] = sum / at(m, r, r);
  }
  return x;
}

/** Rows of a padded f32 buffer as a matrix of the first `columns` entries each. */
export function fromRows(values: Float32Array, numRows: number, stride: number, columns = stride): Matrix {
  return matrix(numRows, columns, (r, c) => values[r * stride + c] ?? Number.NaN);
}
