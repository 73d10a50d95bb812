import { inner, matrix, multiply, solve, transposed, type Matrix } from './dense.js';
import type { Entries } from './sparse.js';

export interface OracleOptions {
  readonly unobservedWeight: number;
  readonly reg: number;
  readonly regExponent: number;
  readonly beta: number;
}

export const regOf = (o: OracleOptions, pairs: number, otherSide: number): number =>
  o.reg * (pairs + o.unobservedWeight * otherSide) ** o.regExponent;

/** The exact solution of a row's normal equations, given the other side's vectors (Rendle et al. 2021), drawn to `mean` or 0. */
export function exactRow(
  row: Entries[number],
  others: Matrix,
  o: OracleOptions,
  mean?: readonly number[],
): number[] {
  const dim = others[0]!.length;
  const gram = multiply(transposed(others), others);
  const reg = regOf(o, row.length, others.length);
  const a = matrix(dim, dim, (r, c) => o.unobservedWeight * gram[r]![c]! + (r === c ? reg : 0));
  const b = Array.from({ length: dim }, (_, f) => reg * (mean?.[f] ?? 0));
  for (const [other, w] of row) {
    const v = others[other]!;
    for (let r = 0; r < dim; r++) {
      if (w > 0) b[r]! += (w + o.beta) * v[r]!;
      for (let c = 0; c < dim; c++) a[r]![c]! += Math.abs(w) * v[r]! * v[c]!;
    }
  }
  return row.length === 0 && mean === undefined ? b : solve(a, b);
}

export function exchanged(entries: Entries, numColumns: number): Entries {
  return Array.from({ length: numColumns }, (_, column) =>
    entries.flatMap((row, r) => row.filter(([c]) => c === column).map(([, w]) => [r, w] as const)),
  );
}

/** The objective over all pairs of users and items, observed or not, divided by the number of observed ones. */
export function exactLoss(
  entries: Entries,
  users: Matrix,
  items: Matrix,
  o: OracleOptions,
  means?: Matrix,
): number {
  let total = 0;
  users.forEach((x, u) => {
    const observed = new Map(entries[u]);
    items.forEach((y, i) => {
      const t = inner(x, y);
      const w = observed.get(i);
      if (w === undefined) total += o.unobservedWeight * t * t;
      else {
        const miss = (w > 0 ? 1 : 0) - t;
        // Hu's c = 1 + w replaces the unobserved weight on observed pairs; iALS adds w to it.
        total +=
          o.beta === 1
            ? (1 + Math.abs(w)) * miss * miss
            : Math.abs(w) * miss * miss + o.unobservedWeight * t * t;
      }
    });
    total += regOf(o, observed.size, items.length) * inner(x, x);
  });
  exchanged(entries, items.length).forEach((row, i) => {
    const less = items[i]!.map((value, f) => value - (means?.[i]![f] ?? 0));
    total += regOf(o, row.length, users.length) * inner(less, less);
  });
  return total / entries.flat().length;
}
