import { at, matrix, multiply, transposed, type Matrix } from './dense.js';
import type { Entries } from './sparse.js';

/** X of EASE: users × items, every entry its signed weight. */
export function denseRows(entries: Entries, numItems: number): Matrix {
  const rows = entries.map((row) => new Map(row));
  return matrix(entries.length, numItems, (u, i) => rows[u]?.get(i) ?? 0);
}

/** B of Steck 2019, eq. 8: −P_ij / P_jj with P = (XᵀX + λI)⁻¹. */
export function easeOracle(entries: Entries, numItems: number, reg: number): Matrix {
  const x = denseRows(entries, numItems);
  const gram = multiply(transposed(x), x).map((row, r) => row.map((g, c) => g + (r === c ? reg : 0)));
  const P = inverse(gram);
  return matrix(numItems, numItems, (i, j) => (i === j ? 0 : -at(P, i, j) / at(P, j, j)));
}

/** By Gauss–Jordan elimination, without exchanges: for positive definite matrices. */
function inverse(m: Matrix): Matrix {
  const n = m.length;
  const rows = m.map((row, r) =>
    Float64Array.from({ length: 2 * n }, (_, c) => row[c] ?? (c === n + r ? 1 : 0)),
  );
  rows.forEach((row, p) => {
    const pivot = row[p] ?? 0;
    for (let c = p; c < 2 * n; c++) row[c] = (row[c] ?? 0) / pivot;
    for (const other of rows) {
      const factor = other[p] ?? 0;
      if (other === row || factor === 0) continue;
      for (let c = p; c < 2 * n; c++) other[c] = (other[c] ?? 0) - factor * (row[c] ?? 0);
    }
  });
  return rows.map((row) => [...row.subarray(n)]);
}
