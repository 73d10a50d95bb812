import { allocateFactors, factorBytes, paddedDim } from '../compute/factors.js';
import { openPool } from '../compute/pool.js';
import type { Ranker, TaskContext } from '../contracts.js';
import type { UserFold } from '../users/user-fold.js';
import type { VectorFile } from '../vectors/vector-file.js';
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
