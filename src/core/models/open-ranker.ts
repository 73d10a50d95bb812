import { allocateFactors, factorBytes, paddedDim } from '../compute/factors.js';
import { openPool } from '../compute/pool.js';
import type { Ranker, TaskContext } from '../contracts.js';
import { allocatedBytes } from '../compute/workspace.js';
import type { HistoryWeights } from './folding/history-weights.js';
import type { UserFold } from './folding/user-fold.js';
import { readSimilarityMatrix, similarityBytes } from './ease/similarity-matrix.js';
import { vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { historyRankMemory, rankByHistory } from './ease/rank-by-history.js';
import { rankByScore } from '../search/score-ranking.js';
import { rankByInnerProduct, rankMemory } from './rank-by-inner-product.js';

export interface OpenRanker extends Ranker {
  close(): Promise<void>;
}

/** A stored model of vectors, to rank for many people: all item vectors are read into memory. 'too-large' past 4 GiB. */
export async function openInnerProductRanker(
  itemVectors: VectorFile,
  fold: UserFold,
  threads: number,
  { signal }: TaskContext,
): Promise<OpenRanker> {
  const dim = paddedDim(fold.dim);
  const { numRows } = itemVectors;
  const memory = rankMemory(numRows, fold);
  const workspaceBytes = memory.workspaceBytes + factorBytes(numRows, dim);
  const pool = openPool({ threads, workspaceBytes, scratchBytes: memory.scratchBytes, signal });
  try {
    const items = allocateFactors(pool.workspace, numRows, dim);
    itemVectors.readAllInto(pool.workspace, items.address);
    return { ...rankByInnerProduct(pool, items, fold), close: () => pool.close() };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** A stored item × item matrix, to rank for many people: all of it is read into memory. 'too-large' past 4 GiB. */
export async function openItemItemRanker(
  matrix: VectorFile,
  weights: HistoryWeights,
  threads: number,
  { signal }: TaskContext,
): Promise<OpenRanker> {
  const { numRows } = matrix;
  const memory = historyRankMemory(numRows);
  const workspaceBytes =
    memory.workspaceBytes + similarityBytes(numRows) + allocatedBytes(vectorBytes(1, numRows));
  const pool = openPool({ threads, workspaceBytes, scratchBytes: memory.scratchBytes, signal });
  try {
    const items = readSimilarityMatrix(pool.workspace, matrix);
    return { ...rankByHistory(pool, items, weights), close: () => pool.close() };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** Stored scores, the same for everyone. */
export function openScoreRanker(scores: Float32Array): OpenRanker {
  return { ...rankByScore(scores), close: () => Promise.resolve() };
}
