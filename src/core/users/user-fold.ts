import { solverScratchBytes } from '../compute/sparse-ranges.js';
import { paddedDim, type Factors } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import type { Pairs } from '../contracts.js';
import type { VectorFile } from '../vectors/vector-file.js';
import { foldInAll, foldInAllBytes, foldInOne, type FoldedUser, type FoldInModel } from './fold-in.js';
import { historyRows } from './history-weights.js';

/** From histories to vectors, in a model whose scores are inner products: one function for one user and for all. */
export interface UserFold {
  /** Not padded. */
  readonly dim: number;
  /** One user, pairs with a single row; reads only the vectors of the history's items. */
  one(history: Pairs, itemVectors: Pick<VectorFile, 'readRowsInto'>): FoldedUser;
  /** The same bits for every row of `histories`, into `users`; resolves with the number that did not converge. */
  all(pool: ComputePool, items: Factors, histories: Pairs, users: Factors): Promise<number>;
  /** Bytes of workspace that `all` allocates and gives back. */
  allBytes(numUsers: number): number;
  /** Bytes of scratch a worker for histories of up to `longest` items. */
  scratchBytes(longest: number): number;
}

/** The fold of models that solve normal equations. */
export function normalEquationsFold(model: FoldInModel): UserFold {
  return {
    dim: model.dim,
    one: (history, itemVectors) => foldInOne(model, history, itemVectors),
    async all(pool, items, histories, users) {
      const { workspace } = pool;
      const mark = workspace.mark();
      try {
        const rows = historyRows(model.weights, histories, workspace.kernels);
        return await foldInAll(pool, model, items, rows, users);
      } finally {
        workspace.release(mark);
      }
    },
    allBytes: (numUsers) => foldInAllBytes(numUsers, model.dim),
    scratchBytes: (longest) => solverScratchBytes(longest, paddedDim(model.dim)),
  };
}
