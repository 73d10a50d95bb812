import type { RowsToLearn } from '#dist/core/models/features/rows-to-learn.js';
import { allocateSparseRows } from '#dist/core/numeric/csr.js';
import { at, matrix, solve, type Matrix } from './dense.js';

export function featureRows(rows: Matrix): RowsToLearn {
  const entries = rows.map((row) => row.flatMap((value, g) => (value === 0 ? [] : [[g, value] as const])));
  const made = allocateSparseRows(rows.length, entries.flat().length);
  entries.forEach((row, r) => (made.indptr[r + 1] = made.indptr[r]! + row.length));
  made.idx.set(entries.flat().map(([g]) => g));
  made.weight.set(entries.flat().map(([, value]) => value));
  return { ...made, items: Uint32Array.from(rows.keys()) };
}

/** Of each dimension the dense solution of (FᵀDF + μ w̄ I) W = FᵀDY. */
export function naiveRidge(rows: Matrix, weights: number[], y: Matrix, penalty: number): Matrix {
  const numFeatures = rows[0]!.length;
  const counted = weights.filter((w) => w > 0);
  const mean = counted.reduce((sum, w) => sum + w, 0) / counted.length;
  const sum = (of: (item: number) => number): number =>
    weights.reduce((total, weight, item) => total + weight * of(item), 0);
  const a = matrix(
    numFeatures,
    numFeatures,
    (g, h) => sum((i) => at(rows, i, g) * at(rows, i, h)) + (g === h ? penalty * mean : 0),
  );
  const columns = y[0]!.map((_, f) =>
    solve(
      a,
      Array.from({ length: numFeatures }, (_, g) => sum((i) => at(rows, i, g) * at(y, i, f))),
    ),
  );
  return matrix(numFeatures, columns.length, (g, f) => columns[f]![g]!);
}
