/**
 * Let W be the weighed pairs [users × items], s_u and s_i the sums of a user's and an item's |w|, and s̄ the mean of the
 * s_i. What is taken apart is N = D W F, with D = diag(s_u^−½) and F = diag(f_i), f_i = (1 + s_i / s̄)^−½. That is the
 * regularised normalisation of spectral clustering (Qin and Rohe 2013), in which items with a few users do not make
 * singular vectors of their own. With V its k strongest right singular vectors, and σ their singular values, the score of
 * item j is
 *
 *   (Σ_i w_ui f_i v_i) · ((σ / σ₁)^¼ v_j) / f_j^¾
 *
 * Without the root, and with f_j, that is W's best approximation of rank k as seen by N, D and F taken back. The root makes
 * weak vectors count less: the more of them there are, the more of a history they would rebuild as it stands. The exponent of
 * f_j takes a little from popular items.
 */
import { allocateFactors, factorsLayout, paddedDim, type Factors } from '../../compute/factors.js';
import type { ComputePool } from '../../compute/pool.js';
import { randomizedSvd } from '../../compute/randomized-svd.js';
import { solverRanges, solverScratchBytes } from '../../compute/sparse-ranges.js';
import { layoutOf, type Workspace } from '../../compute/workspace.js';
import { transpose, type SparseRows } from '../../numeric/csr.js';
import { sharedBytes } from '../../numeric/shared-arrays.js';
import { gramianEngine, gramianLayout, gramianScratchBytes } from '../als/gramian.js';
import type { AlsShape } from '../als/train-als.js';

/** Columns beyond those that are wanted, which make the last of these more exact (Halko et al. 2011, §4.3). */
const oversampling = 64;

export function spectralColumns(factors: number): number {
  return paddedDim(factors + oversampling);
}

function besideLayout({ numUsers, numItems }: Pick<AlsShape, 'numUsers' | 'numItems'>, columns: number) {
  return layoutOf({
    users: factorsLayout(numUsers, columns),
    gramian: gramianLayout(Math.max(numUsers, numItems), columns),
  });
}

/** What `spectralVectors` takes: the larger of `beside` and `output` beside `input`, of which `beside` is given back. */
export function spectralMemory(
  shape: AlsShape,
  factors: number,
): Record<'input' | 'output' | 'beside' | 'scratchBytes', number> {
  const columns = spectralColumns(factors);
  return {
    input: factorsLayout(shape.numItems, columns).bytes,
    output: factorsLayout(shape.numItems, paddedDim(factors)).bytes,
    beside: besideLayout(shape, columns).bytes,
    scratchBytes: Math.max(gramianScratchBytes(columns), solverScratchBytes(shape.longest, columns)),
  };
}

export interface SpectralVectors {
  /** f_i v_i: what an item brings to its users' vectors. */
  readonly input: Factors;
  /** (σ / σ₁)^¼ v_j / f_j^¾: what scores are made with. Both are 0 beyond the rank of the matrix. */
  readonly output: Factors;
}

/** @param afterProduct called with how many of the products of the SVD are done */
export async function spectralVectors(
  pool: ComputePool,
  byUser: SparseRows,
  numItems: number,
  { dim, seed }: { readonly dim: number; readonly seed: number },
  afterProduct: (done: number) => void,
): Promise<SpectralVectors> {
  const { workspace } = pool;
  const { rows, itemScale } = normalised(byUser, numItems);
  const columns = spectralColumns(dim);
  const V = allocateFactors(workspace, numItems, columns);
  const mark = workspace.mark();
  const arrays = besideLayout({ numUsers: rows.numRows, numItems }, columns).allocate(workspace);
  const gramian = gramianEngine(pool, columns, arrays.gramian);
  const side = (of: SparseRows, factors: Factors) => ({ rows: of, factors, ranges: solverRanges(of) });
  const [users, items] = [side(rows, arrays.users), side(transpose(rows, numItems), V)];
  const sigma = await randomizedSvd<typeof users>(
    {
      pieces: ({ factors: { address, numRows } }) => [workspace.f32(address, numRows * columns)],
      eigen: ({ factors }) => gramian.eigen(factors),
      rotate: ({ factors }, Q) => gramian.rotate(factors, Q),
      async multiply(to, from) {
        const args = [from.factors.address, to.factors.address, columns, 1] as const;
        await pool.run({ kernel: 'spmm', bounds: to.ranges, sparse: to.rows, args });
      },
    },
    { users, items, itemsBy: () => 1 },
    { stride: columns, dim: columns, seed },
    afterProduct,
  );
  workspace.release(mark);
  const roots = sigma.map((value) => Math.sqrt(Math.sqrt(value / (sigma[0] ?? 1))));
  return scaled(workspace, V, dim, itemScale, roots);
}

/** N, and f_i. */
function normalised(
  { numRows, indptr, idx, weight }: SparseRows,
  numItems: number,
): { readonly rows: SparseRows; readonly itemScale: Float64Array } {
  const ofItems = new Float64Array(numItems);
  for (let p = 0; p < idx.length; p++) {
    const i = idx[p] ?? 0;
    ofItems[i] = (ofItems[i] ?? 0) + Math.abs(weight[p] ?? 0);
  }
  const met = ofItems.filter((sum) => sum > 0);
  const mean = met.reduce((sum, each) => sum + each, 0) / met.length;
  const itemScale = ofItems.map((sum) => 1 / Math.sqrt(1 + sum / mean));
  const scaledWeight = new Float32Array(sharedBytes(4 * idx.length));
  for (let u = 0; u < numRows; u++) {
    const [from, to] = [indptr[u] ?? 0, indptr[u + 1] ?? 0];
    let ofUser = 0;
    for (let p = from; p < to; p++) ofUser += Math.abs(weight[p] ?? 0);
    const scale = 1 / Math.sqrt(ofUser);
    for (let p = from; p < to; p++)
      scaledWeight[p] = (weight[p] ?? 0) * scale * (itemScale[idx[p] ?? 0] ?? 0);
  }
  return { rows: { numRows, indptr, idx, weight: scaledWeight }, itemScale };
}

/** Of the first columns of V, which the input takes the place of. @param roots (σ / σ₁)^¼ by column */
function scaled(
  workspace: Workspace,
  { address, numRows, dim: stride }: Factors,
  dim: number,
  itemScale: Float64Array,
  roots: Float64Array,
): SpectralVectors {
  const padded = paddedDim(dim);
  const input = { address, numRows, dim: padded };
  const output = allocateFactors(workspace, numRows, padded);
  const from = workspace.f32(address, numRows * stride);
  const to = workspace.f32(output.address, numRows * padded);
  for (let row = 0; row < numRows; row++) {
    const scale = itemScale[row] ?? 0;
    const ofOutput = Math.sqrt(scale * Math.sqrt(scale));
    // Ascending, since a row's place overlaps that of its own columns and of no later row's.
    for (let f = 0; f < padded; f++) {
      const value = f < dim ? (from[row * stride + f] ?? 0) : 0;
      from[row * padded + f] = value * scale;
      to[row * padded + f] = (value * (roots[f] ?? 0)) / ofOutput;
    }
  }
  return { input, output };
}
