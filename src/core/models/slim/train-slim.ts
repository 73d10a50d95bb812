import type { ComputePool } from '../../compute/pool.js';
import { copyRows, sparseLayout } from '../../compute/sparse-arrays.js';
import { inScope, layoutOf, type Addresses } from '../../compute/workspace.js';
import { evenRanges, rowSizes, transpose, type SparseRows } from '../../numeric/csr.js';
import { singular } from '../ease/invert-symmetric.js';
import type { TrainingMemory, TrainingSize } from '../item-item/item-item-model.js';
import type { SparseMatrix } from '../item-item/sparse-matrix.js';

/** Changed whenever the same options and interactions would give other bits than before. */
export const slimAlgorithmVersion = 2;

/** δ and ε: what users and the items that are scored are scaled by, as powers of their numbers of pairs. */
export const exponents = { user: 0.25, output: 0.12 } as const;

export interface SlimSettings {
  /** λ in multiples of the Gram matrix's mean diagonal. */
  readonly reg: number;
  /** m: the nearest items of which a ridge is made. */
  readonly neighbours: number;
  /** γ: what items of the Gram matrix are scaled by, as a power of their numbers of pairs. */
  readonly 'item-exponent': number;
}

/** Items, the first and most played, whose Gram matrix is made once: 256 MiB of it. The bits do not depend on them. */
export const mostHotItems = 11_584;
/** Items a range, and ranges between two reports at least. */
const itemsARange = 32;
const rangesAReport = 32;
const mostReports = 100;

/** No item has more neighbours than there are others. */
export function neighboursOf(numItems: number, neighbours: number): number {
  return Math.max(1, Math.min(neighbours, numItems - 1));
}

/**
 * The result takes 8 bytes × items × neighbours. Beside it: as much again, 16 bytes a pair and up to 256 MiB. Scratch:
 * 12 bytes an item and 8 a pair of neighbours.
 */
export function slimMemory(size: TrainingSize, neighbours: number): TrainingMemory {
  const m = neighboursOf(size.numItems, neighbours);
  return {
    result: sparseLayout(size.numItems, size.numItems * m).bytes,
    beside: besideLayout(size, m, mostHotItems).bytes,
    scratchBytes: 12 * size.numItems + 64 + 8 * m * (m + 6),
  };
}

function besideLayout({ numUsers, numItems, nnz }: TrainingSize, m: number, mostHot: number) {
  const hot = Math.min(numItems, mostHot);
  const perItem = 8 * numItems;
  return layoutOf({
    users: sparseLayout(numUsers, nnz),
    items: sparseLayout(numItems, nnz),
    triangle: 2 * hot * (hot + 1),
    ...{ ridge: perItem, give: perItem, take: perItem },
    ...{ neighbours: 4 * numItems * m, weights: 4 * numItems * m, counts: 4 * numItems },
  });
}

/**
 * A ridge per item over its nearest columns (SLIM, Ning & Karypis 2011; EASE of Steck 2019, each item restricted to its
 * neighbours): with G = D_i^-γ Xᵀ D_u^-2δ X D_i^-γ, D the numbers of pairs of users and items, N the m largest entries above 0
 * of column j, and d the diagonal of G, w solves (G_NN + λ √(mean d) √d) w = G_Nj; B_ij = n_i^-γ w_i n_j^ε. Entries of X are
 * signed weights. The same bits at any number of threads. AppError 'diverged' where λ is too small for f64.
 * @param pool just opened, with the workspace and scratch of `slimMemory` @param mostHot decides about time and memory alone
 */
export async function trainSlim(
  pool: ComputePool,
  byUser: SparseRows,
  numItems: number,
  { reg, neighbours, 'item-exponent': itemExponent }: SlimSettings,
  onStep: (done: number, total: number) => void,
  mostHot = mostHotItems,
): Promise<SparseMatrix> {
  const { workspace } = pool;
  const { power } = workspace.kernels;
  const m = neighboursOf(numItems, neighbours);
  const hot = Math.min(numItems, mostHot);
  const matrix = sparseLayout(numItems, numItems * m).allocate(workspace);
  const nnz = await inScope(workspace, async () => {
    const size = { numUsers: byUser.numRows, numItems, nnz: byUser.idx.length };
    const at = besideLayout(size, m, mostHot).allocate(workspace);
    const users = Float64Array.from(rowSizes(byUser));
    const items = new Float64Array(numItems);
    for (const item of byUser.idx) items[item] = (items[item] ?? 0) + 1;
    const give = items.map((count) => (count === 0 ? 0 : power(count, -itemExponent)));
    const take = items.map((count) => (count === 0 ? 0 : power(count, exponents.output)));
    const scaled = scaledRows(
      byUser,
      users.map((count) => (count === 0 ? 0 : power(count, -exponents.user))),
      give,
    );
    const rows = [
      ...copyRows(workspace, scaled, at.users),
      ...copyRows(workspace, transpose(scaled, numItems), at.items),
    ] as const;
    workspace.f64(at.ridge, numItems).set(ridgeOf(scaled, numItems, reg));
    workspace.f64(at.give, numItems).set(give);
    workspace.f64(at.take, numItems).set(take);
    await pool.run({
      kernel: 'gramTriangle',
      bounds: evenRanges(hot, itemsARange),
      args: [...rows, at.triangle, 'scratch'],
    });
    const ranges = evenRanges(numItems, itemsARange);
    const atOnce = Math.max(rangesAReport, Math.ceil(ranges.length / mostReports));
    const results = [at.neighbours, at.weights, at.counts] as const;
    for (let from = 0; from < ranges.length - 1; from += atOnce) {
      const bounds = ranges.slice(from, from + atOnce + 1);
      const failed = await pool.run({
        kernel: 'solveItems',
        bounds,
        args: [...rows, numItems, hot, at.triangle, m, at.ridge, at.give, at.take, ...results, 'scratch'],
      });
      if (failed.some((count) => count > 0)) throw singular();
      onStep(bounds.at(-1) ?? 0, numItems);
    }
    return rowsOfColumns(pool, numItems, m, at, matrix);
  });
  return { numItems, nnz, rows: [matrix.indptr, matrix.idx, matrix.weight] };
}

/** Entries w · n_u^-δ · n_i^-γ, rounded to f32. */
function scaledRows(rows: SparseRows, users: Float64Array, items: Float64Array): SparseRows {
  const weight = new Float32Array(rows.weight.length);
  for (let u = 0; u < rows.numRows; u++) {
    const user = users[u] ?? 0;
    for (let p = rows.indptr[u] ?? 0; p < (rows.indptr[u + 1] ?? 0); p++)
      weight[p] = (rows.weight[p] ?? 0) * user * (items[rows.idx[p] ?? 0] ?? 0);
  }
  return { ...rows, weight };
}

/** λ √(mean d) √d_i, the mean over items that have pairs. */
function ridgeOf({ idx, weight }: SparseRows, numItems: number, reg: number): Float64Array {
  const diagonal = new Float64Array(numItems);
  for (let p = 0; p < idx.length; p++) {
    const item = idx[p] ?? 0;
    diagonal[item] = (diagonal[item] ?? 0) + (weight[p] ?? 0) ** 2;
  }
  const mean =
    diagonal.reduce((sum, d) => sum + d, 0) / diagonal.reduce((count, d) => count + (d > 0 ? 1 : 0), 0);
  return diagonal.map((d) => reg * Math.sqrt(mean * d));
}

/** From each item's neighbours and weights, m places an item, to the rows of B: by counting sort. Returns the number of entries. */
function rowsOfColumns(
  { workspace }: ComputePool,
  numItems: number,
  m: number,
  from: Addresses<'neighbours' | 'weights' | 'counts'>,
  to: Addresses<'indptr' | 'idx' | 'weight'>,
): number {
  const neighbours = workspace.u32(from.neighbours, numItems * m);
  const weights = workspace.f32(from.weights, numItems * m);
  const counts = workspace.u32(from.counts, numItems);
  const indptr = workspace.u32(to.indptr, numItems + 1).fill(0);
  const eachEntry = (each: (place: number, row: number, column: number) => void): void => {
    for (let j = 0; j < numItems; j++)
      for (let place = j * m; place < j * m + (counts[j] ?? 0); place++)
        if (weights[place] !== 0) each(place, neighbours[place] ?? 0, j);
  };
  eachEntry((_, row) => {
    indptr[row + 1] = (indptr[row + 1] ?? 0) + 1;
  });
  for (let row = 0; row < numItems; row++) indptr[row + 1] = (indptr[row + 1] ?? 0) + (indptr[row] ?? 0);
  const nnz = indptr[numItems] ?? 0;
  const next = indptr.slice(0, numItems);
  const idx = workspace.u32(to.idx, nnz);
  const weight = workspace.f32(to.weight, nnz);
  eachEntry((place, row, column) => {
    const at = next[row] ?? 0;
    next[row] = at + 1;
    idx[at] = column;
    weight[at] = weights[place] ?? 0;
  });
  return nnz;
}
