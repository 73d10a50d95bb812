/** Stored models, to rank many histories at a time: what is searched is read into memory. */
import { allocateFactors, factorBytes, paddedDim } from '../compute/factors.js';
import { inOwnPool } from '../compute/pool.js';
import { vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { allocatedBytes } from '../compute/workspace.js';
import type { OpenRanker, TaskContext } from '../contracts.js';
import { historyRankMemory, rankByHistory } from './ease/rank-by-history.js';
import { readSimilarityMatrix, similarityBytes } from './ease/similarity-matrix.js';
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

/** By an item × item matrix, all of which is read. The file stays the caller's. AppError 'too-large' past 4 GiB. */
export function openItemItemRanker(
  matrix: VectorFile,
  weights: HistoryWeights,
  threads: number,
  { signal }: TaskContext,
): Promise<OpenRanker> {
  const { numRows } = matrix;
  const memory = historyRankMemory(numRows);
  const workspaceBytes =
    memory.workspaceBytes + similarityBytes(numRows) + allocatedBytes(vectorBytes(1, numRows));
  return inOwnPool({ threads, workspaceBytes, scratchBytes: memory.scratchBytes, signal }, (pool) =>
    rankByHistory(pool, readSimilarityMatrix(pool.workspace, matrix), weights),
  );
}
