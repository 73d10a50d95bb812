import { inScope } from '../../compute/workspace.js';
import { solverScratchBytes } from '../../compute/sparse-ranges.js';
import { KeptWorkspace } from '../../compute/kept-workspace.js';
import { paddedDim, type Factors } from '../../compute/factors.js';
import type { ComputePool } from '../../compute/pool.js';
import type { Pairs } from '../../contracts.js';
import type { SparseRows } from '../../numeric/csr.js';
import type { Transcendental } from '../../numeric/pair-weights.js';
import type { VectorFile } from '../../compute/vector-file.js';
import { foldInAll, foldInAllBytes, foldInOne, type FoldedUser, type FoldInModel } from './fold-in.js';
import { historyRows } from './history-weights.js';
import { equationParts, type ScoreParts } from './score-parts.js';

/** What a fold takes of a pool's memory. */
export interface FoldSizes {
  /** Of the vectors, not padded. */
  readonly dim: number;
  /** Bytes of workspace that folding in so many users allocates and gives back. */
  allBytes(numUsers: number): number;
  /** Bytes of scratch a worker for histories of up to `longest` items. */
  scratchBytes(longest: number): number;
}

/** From histories to vectors, in a model whose scores are inner products: one function for one user and for all. */
export interface UserFold extends FoldSizes {
  /** One user, pairs with a single row; reads only the vectors of the history's items. */
  one(history: Pairs, itemVectors: Pick<VectorFile, 'readRowsInto'>): FoldedUser;
  /** The same bits for every row of `histories`, into `users`; resolves with the number that did not converge. */
  all(pool: ComputePool, items: Factors, histories: Pairs, users: Factors): Promise<number>;
  /** What `all` makes of histories first: each pair weighed, without those that weigh nothing. */
  rowsOf(histories: Pairs, math: Transcendental): SparseRows;
  /** What it makes of them then. */
  allOf(pool: ComputePool, items: Factors, rows: SparseRows, users: Factors): Promise<number>;
  /**
   * What each item of one user's history adds to the score of an item, by its vector [≥ dim]. `user` is what `one` gave:
   * the parts add up to its inner product with that vector, but for its rounding (score-parts.ts).
   */
  parts(
    history: Pairs,
    user: Float32Array,
    itemVectors: Pick<VectorFile, 'readRowsInto'>,
  ): ScoreParts<Float32Array>;
}

/** A fold whose two steps are there, with both in one. */
export function withAll(fold: Omit<UserFold, 'all'>): UserFold {
  return {
    ...fold,
    all: (pool, items, histories, users) =>
      fold.allOf(pool, items, fold.rowsOf(histories, pool.workspace.kernels), users),
  };
}

export function normalEquationsSizes(dim: number): FoldSizes {
  return {
    dim,
    allBytes: (numUsers) => foldInAllBytes(numUsers, dim),
    scratchBytes: (longest) => solverScratchBytes(longest, paddedDim(dim)),
  };
}

/** The fold of models that solve normal equations. */
export function normalEquationsFold(model: FoldInModel): UserFold {
  const memory = new KeptWorkspace();
  return withAll({
    ...normalEquationsSizes(model.dim),
    one: (history, itemVectors) => foldInOne(model, history, itemVectors, memory),
    rowsOf: (histories, math) => historyRows(model.weights, histories, math),
    async allOf(pool, items, rows, users) {
      const { workspace } = pool;
      return inScope(workspace, async () => foldInAll(pool, model, items, rows, users));
    },
    parts: (history, user, itemVectors) => equationParts(model, history, user, itemVectors),
  });
}
