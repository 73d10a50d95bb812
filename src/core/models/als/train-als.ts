import { factorBytes, factorsLayout, paddedDim, type Factors } from '../../compute/factors.js';
import type { ComputePool } from '../../compute/pool.js';
import { solverRanges, solverScratchBytes } from '../../compute/sparse-ranges.js';
import { layoutOf } from '../../compute/workspace.js';
import type { EpochReport } from '../../contracts.js';
import { longestColumn, longestRow, type SparseRows } from '../../numeric/csr.js';
import { betaOf, rowRegularisation } from '../../numeric/weighting.js';
import { openRidge } from '../features/ridge.js';
import type { TrainedFeatures } from '../features/trained-features.js';
import type { EpochHooks } from '../model.js';
import { alternate, type AlsSides } from './alternate.js';
import type { AlsOptions } from './als-options.js';
import { gramianEngine, gramianLayout, gramianScratchBytes } from './gramian.js';

/** Vectors still in kernel memory, both sides in the eigenbasis of the items' Gramian: all that an epoch leaves. */
export interface AlsState {
  readonly users: Factors;
  readonly items: Factors;
  /** [paddedDim] of YᵀY, descending; those of padded dims are 0. */
  readonly eigenvalues: Float64Array;
}

/** What training hands on. */
export interface TrainedFactors extends AlsState {
  readonly epochs: readonly EpochReport[];
}

/** Both orders of the same pairs. */
export interface TrainingRows {
  readonly byUser: SparseRows;
  readonly byItem: SparseRows;
  /** What is known of items: their vectors are drawn to what it says of them, instead of to 0. */
  readonly features?: Pick<TrainedFeatures, 'rows' | 'numFeatures'> | undefined;
}

/** What decides how much memory training takes, beside the dimensions. */
export interface AlsShape {
  readonly numUsers: number;
  readonly numItems: number;
  /** Pairs of the user or the item that has most. */
  readonly longest: number;
  readonly hasFeatures?: boolean;
}

export function alsShape(byUser: SparseRows, numItems: number, hasFeatures = false): AlsShape {
  const longest = Math.max(longestRow(byUser), longestColumn(byUser, numItems));
  return { numUsers: byUser.numRows, numItems, longest, hasFeatures };
}

/** Workspace and scratch that `trainAls` allocates for such pairs (or fewer of them): what its pool must be opened with. */
export function alsMemory(
  { numUsers, numItems, longest, hasFeatures }: AlsShape,
  factors: number,
): { workspaceBytes: number; scratchBytes: number } {
  const dim = paddedDim(factors);
  return {
    workspaceBytes: alsLayout(numUsers, numItems, dim, hasFeatures === true).bytes,
    scratchBytes: Math.max(gramianScratchBytes(dim), solverScratchBytes(longest, dim)),
  };
}

function alsLayout(numUsers: number, numItems: number, dim: number, hasFeatures: boolean) {
  const side = (numRows: number) => layoutOf({ factors: factorsLayout(numRows, dim), reg: numRows * 4 });
  return layoutOf({
    users: side(numUsers),
    items: side(numItems),
    gramian: gramianLayout(Math.max(numUsers, numItems), dim),
    diag: dim * 4,
    means: hasFeatures ? factorBytes(numItems, dim) : undefined,
  });
}

interface Side {
  readonly factors: Factors;
  readonly rows: SparseRows;
  readonly ranges: Uint32Array;
  /** Address of f32 [numRows]: each row's regularisation. */
  readonly reg: number;
}

/**
 * Implicit ALS (objective and names: docs/internals/architecture.md), each half-epoch in the eigenbasis of the fixed side's
 * Gramian. The same bits at any number of threads. AppError 'diverged' when the loss is no longer a number.
 * Training that is resumed after an epoch goes on with the bits of one that was not interrupted.
 * Cost an epoch: pairs · (cgSteps + 1) · 8 · dim + (users + items) · 5 · dim² flops, about.
 */
export async function trainAls(
  pool: ComputePool,
  { byUser, byItem, features }: TrainingRows,
  options: AlsOptions,
  clock: () => number,
  hooks: EpochHooks<AlsState>,
): Promise<TrainedFactors> {
  const { workspace } = pool;
  const dim = paddedDim(options.factors);
  const beta = betaOf(options.objective);

  const arrays = alsLayout(byUser.numRows, byItem.numRows, dim, features !== undefined).allocate(workspace);
  const { diag, means } = arrays;

  const side = (
    rows: SparseRows,
    otherSide: number,
    { factors, reg }: Pick<Side, 'factors' | 'reg'>,
  ): Side => {
    const regularisation = rowRegularisation(options, otherSide, workspace.kernels.power);
    const values = workspace.f32(reg, rows.numRows);
    for (let row = 0; row < rows.numRows; row++)
      values[row] = regularisation((rows.indptr[row + 1] ?? 0) - (rows.indptr[row] ?? 0));
    return { factors, rows, ranges: solverRanges(rows), reg };
  };
  const users = side(byUser, byItem.numRows, arrays.users);
  const items = side(byItem, byUser.numRows, arrays.items);
  const { numRows: numItems } = byItem;
  const weights = Float64Array.from(workspace.f32(items.reg, numItems));
  const ridge = features && openRidge(features.rows, features.numFeatures, weights, dim);
  const gramian = gramianEngine(pool, options.factors, arrays.gramian);

  const sides: AlsSides<Side, AlsState> = {
    users,
    items,
    kernels: workspace.kernels,
    state: { users: users.factors, items: items.factors, eigenvalues: new Float64Array(dim) },
    pieces: ({ factors: { address, numRows } }) => [workspace.f32(address, numRows * dim)],
    eigen: ({ factors }) => gramian.eigen(factors),
    rotate: ({ factors }, Q) => gramian.rotate(factors, Q),
    async multiply(to, from) {
      await pool.run({
        kernel: 'spmm',
        bounds: to.ranges,
        sparse: to.rows,
        args: [from.factors.address, to.factors.address, dim, 0],
      });
    },
    async improve(free, fixed, eigenvalues) {
      const isDrawn = ridge !== undefined && free === items;
      if (isDrawn) {
        const values = workspace.f32(free.factors.address, numItems * dim);
        ridge.smooth({ values, stride: dim, dim }, workspace.f32(means, numItems * dim));
      }
      workspace.f32(diag, dim).set(eigenvalues.map((value) => options.unobservedWeight * value));
      const shares = await pool.run({
        kernel: 'improveRows',
        bounds: free.ranges,
        sparse: free.rows,
        args: [
          fixed.factors.address,
          free.factors.address,
          dim,
          diag,
          free.reg,
          beta,
          options.cgSteps,
          isDrawn ? means : 0,
        ],
      });
      return sum(shares);
    },
    async userRegularisation() {
      const { factors, ranges, reg } = users;
      const args = [factors.address, dim, reg] as const;
      return sum(await pool.run({ kernel: 'weightedSquares', bounds: ranges, args }));
    },
  };
  const epochs = await alternate(sides, options, byUser.idx.length, clock, hooks);
  return { ...sides.state, epochs };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
