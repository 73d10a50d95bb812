import { inner, matrix, multiply, transposed, type Matrix } from './dense.js';
import type { Entries } from './sparse.js';

/** N = D W F of signs, and its scales by their formulas: D = s_u^−½, F = (1 + s_i / s̄)^−½; [users × items]. */
export function normalisedSigns(
  entries: Entries,
  numItems: number,
): { readonly W: Matrix; readonly N: Matrix; readonly itemScale: readonly number[] } {
  const users = new Array<number>(numItems).fill(0);
  for (const [item] of entries.flat()) users[item]!++;
  const mean = entries.flat().length / users.filter((n) => n > 0).length;
  const itemScale = users.map((n) => (1 + n / mean) ** -0.5);
  const W = matrix(entries.length, numItems, () => 0);
  entries.forEach((row, u) => {
    for (const [item, weight] of row) W[u]![item] = Math.sign(weight);
  });
  const N = W.map((row, u) => row.map((w, i) => w * entries[u]!.length ** -0.5 * itemScale[i]!));
  return { W, N, itemScale };
}

/** The k strongest right singular vectors of N, by many steps of orthogonal iteration, as rows; and their singular values. */
export function singularVectors(N: Matrix, k: number): { readonly V: Matrix; readonly sigma: number[] } {
  const gram = multiply(transposed(N), N);
  let V = matrix(k, gram.length, (f, i) => Math.sin(1 + f * 131 + i * 17 + f * i));
  for (let step = 0; step < 400; step++) {
    const next = multiply(V, gram);
    V = [];
    for (const row of next) {
      // Gram and Schmidt, twice: once leaves what rounding leaves.
      let rest = row;
      for (let again = 0; again < 2; again++)
        for (const other of V) {
          const along = inner(rest, other);
          rest = rest.map((x, i) => x - along * other[i]!);
        }
      const length = Math.sqrt(inner(rest, rest));
      V.push(rest.map((x) => x / length));
    }
  }
  return { V, sigma: V.map((v) => Math.sqrt(inner(v, multiply([v], gram)[0]!))) };
}
