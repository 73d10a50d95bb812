/** Stored models, to rank many histories at a time: what is searched is read into memory. */
import { allocateFactors, factorBytes, paddedDim } from '../compute/factors.js';
import { inOwnPool } from '../compute/pool.js';
import { sparseLayout } from '../compute/sparse-arrays.js';
import { vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { allocatedBytes, type Workspace } from '../compute/workspace.js';
import type { OpenRanker, TaskContext } from '../contracts.js';
import { readSimilarityMatrix, similarityBytes } from './item-item/dense-matrix.js';
import { historyRankMemory, rankByHistory, type RankedMatrix } from './item-item/rank-by-history.js';
import { readSparseMatrix } from './item-item/sparse-matrix.js';
import type { ItemItemMatrix } from '../search/item-item-matrix.js';
import type { HistoryWeights } from './folding/history-weights.js';
import type { UserFold } from './folding/user-fold.js';
import { rankByInnerProduct, rankMemory } from './rank-by-inner-product.js';

/** By vectors, all of which are read. The file stays the caller's. AppError 'too-large' past 4 GiB. */
export function openInnerProductRanker(
  itemVectors: VectorFile,
  fold: UserFold,
  threads: number,
  { signal }: TaskContext,
): Promise<OpenRanker> {
  const dim = paddedDim(fold.dim);
  const { numRows } = itemVectors;
  const memory = rankMemory(numRows, fold);
  const workspaceBytes = memory.workspaceBytes + factorBytes(numRows, dim);
  return inOwnPool({ threads, workspaceBytes, scratchBytes: memory.scratchBytes, signal }, (pool) => {
    const items = allocateFactors(pool.workspace, numRows, dim);
    itemVectors.readAllInto(pool.workspace, items.address);
    return rankByInnerProduct(pool, items, fold);
  });
}

/** By an item × item matrix, all of which is read. It stays the caller's. AppError 'too-large' past 4 GiB. */
export function openItemItemRanker(
  matrix: ItemItemMatrix,
  weights: HistoryWeights,
  threads: number,
  { signal }: TaskContext,
): Promise<OpenRanker> {
  const { bytes, read } = toBeRead(matrix);
  const { workspaceBytes, scratchBytes } = historyRankMemory(matrix.numItems);
  return inOwnPool({ threads, workspaceBytes: workspaceBytes + bytes, scratchBytes, signal }, (pool) =>
    rankByHistory(pool, read(pool.workspace), weights),
  );
}

/** What reading a matrix into a workspace takes there, and does. */
interface ToBeRead {
  readonly bytes: number;
  read(workspace: Workspace): RankedMatrix;
}

function toBeRead({ numItems, numbers }: ItemItemMatrix): ToBeRead {
  if (numbers.layout === 'dense') {
    return {
      bytes: similarityBytes(numItems) + allocatedBytes(vectorBytes(1, numItems)),
      read: (workspace) => readSimilarityMatrix(workspace, numbers.file),
    };
  }
  return {
    bytes: sparseLayout(numItems, numbers.indptr[numItems] ?? 0).bytes,
    read: (workspace) => readSparseMatrix(workspace, numItems, numbers),
  };
}
