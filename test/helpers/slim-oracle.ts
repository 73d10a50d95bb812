import { at, matrix, multiply, solve, transposed, type Matrix } from './dense.js';
import { denseRows } from './ease-oracle.js';
import type { Entries } from './sparse.js';

/** 0.15, and less for histories shorter than 16 items in the mean: none from 8 on. */
function itemExponent(entries: Entries): number {
  const histories = entries.filter((row) => row.length > 0);
  const ofUser = histories.reduce((sum, row) => sum + row.length, 0) / histories.length;
  return 0.05 * (4 - Math.max(1, Math.min(4, (16 / ofUser) ** 2)));
}

/**
 * B of slim, naively: G = D_i^-γ Xᵀ D_u^-2δ X D_i^-γ; for item j its m largest entries above 0 (ties: the lower row), and
 * (G_NN + λ √mean √d) w = G_Nj; B_ij = n_i^-γ w_i n_j^ε. G rounds to f32, as its scaled entries do.
 */
export function slimOracle(
  entries: Entries,
  numItems: number,
  reg: number,
  m: number,
  { user, item, output } = { user: 0.25, item: itemExponent(entries), output: 0.12 },
): Matrix {
  const x = denseRows(entries, numItems);
  const counts = Array.from({ length: numItems }, (_, i) => x.filter((row) => row[i] !== 0).length);
  const y = x.map((row) => {
    const pairs = row.filter((value) => value !== 0).length;
    return row.map((value, i) =>
      value === 0 ? 0 : Math.fround(value * pairs ** -user * counts[i]! ** -item),
    );
  });
  const gram = multiply(transposed(y), y);
  const diagonal = gram.map((row, i) => row[i]!);
  const mean = diagonal.reduce((sum, d) => sum + d, 0) / diagonal.filter((d) => d > 0).length;
  const G = gram.map((row) => row.map(Math.fround));
  const B = matrix(numItems, numItems, () => 0);
  for (let j = 0; j < numItems; j++) {
    const near = G.map((row, i) => ({ i, entry: row[j]! }))
      .filter(({ i, entry }) => i !== j && entry > 0)
      .sort((a, b) => b.entry - a.entry || a.i - b.i)
      .slice(0, m)
      .map(({ i }) => i);
    const system = near.map((a) =>
      near.map((b) => at(G, a, b) + (a === b ? reg * Math.sqrt(mean * diagonal[a]!) : 0)),
    );
    const w = solve(
      system,
      near.map((a) => at(G, a, j)),
    );
    near.forEach((i, place) => (B[i]![j] = counts[i]! ** -item * w[place]! * counts[j]! ** output));
  }
  return B;
}
