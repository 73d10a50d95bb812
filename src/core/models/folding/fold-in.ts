import { KeptWorkspace } from '../../compute/kept-workspace.js';
import { paddedDim, type Factors } from '../../compute/factors.js';
import { sparseKernelBytes } from '../../compute/job.js';
import type { ComputePool } from '../../compute/pool.js';
import { solverRanges } from '../../compute/sparse-ranges.js';
import { layoutOf, type AddressesOf, type Workspace } from '../../compute/workspace.js';
import type { Pairs } from '../../contracts.js';
import type { SparseRows } from '../../numeric/csr.js';
import { rowRegularisation, type NormalEquations } from '../../numeric/weighting.js';
import type { VectorFile } from '../../compute/vector-file.js';
import { historyRows, type HistoryWeights } from './history-weights.js';

/** What a model needs to give a user a vector. */
export interface FoldInModel {
  /** Not padded. */
  readonly dim: number;
  readonly numItems: number;
  /** Items that the eigenvalues are of, where others have vectors too: what users are held against. */
  readonly numTrained?: number;
  /** [≥ dim] of YᵀY, in the basis that the item vectors stand in; entries past dim are not read. */
  readonly eigenvalues: Float64Array;
  readonly equations: NormalEquations;
  readonly weights: HistoryWeights;
}

/** A user is solved when the recurrence residual, in the preconditioned norm, is this share of its start. */
const tolerance = 1e-6;
/** … or after this many steps a dimension: such users are counted. */
const stepsPerDim = 2;

export interface FoldedUser {
  /** [dim]. All zero for a history without a single play, like or dislike. */
  readonly vector: Float32Array;
  readonly converged: boolean;
}

/**
 * vector = foldIn(model, history): the solution of the user's normal equations from zero (kernels/als.ts), the same
 * bits as `foldInAll` gives, whatever order the events came in. Reads only the vectors of the history's items.
 *
 * @param history pairs with one row @param itemVectors of the model @param memory to calculate in
 */
export function foldInOne(
  model: FoldInModel,
  history: Pairs,
  itemVectors: Pick<VectorFile, 'readRowsInto'>,
  memory = new KeptWorkspace(),
): FoldedUser {
  const dim = paddedDim(model.dim);
  const workspace = memory.take(foldOneLayout(history.item.length, dim).bytes);
  const { kernels } = workspace;
  const rows = historyRows(model.weights, history, kernels);
  const nnz = rows.idx.length;

  const arrays = foldOneLayout(nnz, dim).allocate(workspace);
  const { items, idx, weight, indptr, user, scratch } = arrays;
  itemVectors.readRowsInto(workspace, items, rows.idx);
  // The kernel sees the gathered rows as rows 0 … nnz − 1: the same numbers in the same order as with the whole matrix.
  workspace.u32(idx, nnz).forEach((_, p, local) => (local[p] = p));
  workspace.f32(weight, nnz).set(rows.weight);
  workspace.u32(indptr, 2).set([0, nnz]);
  const { diag, reg } = writeEquations(workspace, model, dim, [nnz], arrays.equations);
  workspace.f32(user, dim).fill(0);

  const steps = stepsPerDim * model.dim;
  const unconverged = kernels.solveRows(
    ...[
      0,
      1,
      indptr,
      idx,
      weight,
      scratch,
      items,
      user,
      dim,
      diag,
      reg,
      model.equations.beta,
      steps,
      tolerance,
    ],
  );
  return {
    vector: workspace.f32(user, model.dim).slice(),
    converged: unconverged === 0,
  };
}

/** Of one user with so many items. @param dim padded */
function foldOneLayout(numEntries: number, dim: number) {
  return layoutOf({
    items: numEntries * dim * 4,
    idx: numEntries * 4,
    weight: numEntries * 4,
    indptr: 8,
    equations: equationsLayout(1, dim),
    user: dim * 4,
    scratch: sparseKernelBytes(dim),
  });
}

/** @param dim padded */
function equationsLayout(numRows: number, dim: number) {
  return layoutOf({ diag: dim * 4, reg: numRows * 4 });
}

/** Bytes of workspace that `foldInAll` allocates beside what is there. */
export function foldInAllBytes(numUsers: number, dim: number): number {
  return equationsLayout(numUsers, paddedDim(dim)).bytes;
}

/** The same for every user: `users` is overwritten. Resolves with the number of users that did not converge. */
export async function foldInAll(
  pool: ComputePool,
  model: FoldInModel,
  items: Factors,
  histories: SparseRows,
  users: Factors,
): Promise<number> {
  const { workspace } = pool;
  const sizes = Array.from({ length: histories.numRows }, (_, u) => rowSize(histories, u));
  const arrays = equationsLayout(histories.numRows, items.dim).allocate(workspace);
  const { diag, reg } = writeEquations(workspace, model, items.dim, sizes, arrays);
  workspace.f32(users.address, users.numRows * users.dim).fill(0);
  const steps = stepsPerDim * model.dim;
  const unconverged = await pool.run({
    kernel: 'solveRows',
    bounds: solverRanges(histories),
    sparse: histories,
    args: [items.address, users.address, items.dim, diag, reg, model.equations.beta, steps, tolerance],
  });
  return unconverged.reduce((total, count) => total + count, 0);
}

function rowSize(rows: SparseRows, row: number): number {
  return (rows.indptr[row + 1] ?? 0) - (rows.indptr[row] ?? 0);
}

/** Writes the diagonal α₀·Λ (padded dims 0) and each row's regularisation. */
function writeEquations(
  workspace: Workspace,
  model: FoldInModel,
  dim: number,
  sizes: readonly number[],
  arrays: AddressesOf<ReturnType<typeof equationsLayout>>,
): typeof arrays {
  const { equations, eigenvalues } = model;
  const { diag, reg } = arrays;
  workspace
    .f32(diag, dim)
    .set(
      Array.from({ length: dim }, (_, f) =>
        f < model.dim ? equations.unobservedWeight * (eigenvalues[f] ?? 0) : 0,
      ),
    );
  const regularisation = rowRegularisation(
    equations,
    model.numTrained ?? model.numItems,
    workspace.kernels.power,
  );
  workspace.f32(reg, sizes.length).set(sizes.map(regularisation));
  return arrays;
}
