import type { ComputePool, PoolSizes } from '../../compute/pool.js';
import { copyRows, type RowAddresses } from '../../compute/sparse-arrays.js';
import { tileSize } from '../../compute/tiles.js';
import { layoutOf, inScope } from '../../compute/workspace.js';
import type { Pairs, Ranker } from '../../contracts.js';
import { evenRanges } from '../../numeric/csr.js';
import type { HistoryWeights } from '../folding/history-weights.js';
import { maxRanked } from '../rank-by-inner-product.js';
import { blockParts, blocksOf, eachRanking, pairsOfBlock, usersAtOnce } from './history-blocks.js';
import { scoredHistories } from './scored-histories.js';

/** Users that a thread takes at a time. */
const usersARange = 8;

/** An item × item matrix in kernel memory, sparse or dense, as kernels/item-item.ts reads it. */
export interface RankedMatrix {
  readonly numItems: number;
  readonly rows: RowAddresses;
}

/** What ranking allocates (and gives back) of the workspace, and scratch a worker. */
export function historyRankMemory(numItems: number): PoolSizes {
  const ranking = layoutFor(numItems, usersAtOnce, 8 * Math.min(maxRanked, numItems));
  const scoring = layoutFor(numItems, scoredAtOnce(numItems), 4 * numItems);
  return {
    workspaceBytes: Math.max(ranking.bytes, scoring.bytes),
    scratchBytes: 4 * tileSize * Math.ceil(numItems / tileSize) + Math.ceil(numItems / 8),
  };
}

/** As many as have their scores where the heaps of the longest rankings have room, or one. */
function scoredAtOnce(numItems: number): number {
  const most = Math.floor((2 * usersAtOnce * Math.min(maxRanked, numItems)) / numItems);
  return Math.max(1, Math.min(usersAtOnce, most));
}

/** @param outBytes of each user: a heap, or scores */
function layoutFor(numItems: number, numUsers: number, outBytes: number) {
  return layoutOf({
    out: numUsers * outBytes,
    ...blockParts(numUsers, numItems),
    weight: 4 * pairsOfBlock(numItems),
  });
}

/** Ranks by Σ weight · row of the matrix over a history's items, exactly. The matrix stays the caller's. */
export function rankByHistory(
  pool: ComputePool,
  { numItems, rows }: RankedMatrix,
  weights: HistoryWeights,
): Ranker {
  const { workspace } = pool;
  /** Copies a block of histories at a time to where kernels read them. */
  const inBlocks = (
    histories: Pairs,
    mostUsers: number,
    outBytes: number,
    use: (read: RowAddresses, out: number, numUsers: number, from: number) => Promise<void>,
  ): Promise<void> =>
    inScope(workspace, async () => {
      const { out, ...at } = layoutFor(numItems, mostUsers, outBytes).allocate(workspace);
      for (const [users, from] of blocksOf(histories, numItems, mostUsers)) {
        const read = copyRows(workspace, scoredHistories(users, weights, workspace.kernels), at);
        await use(read, out, users.numUsers, from);
      }
    });
  return {
    numItems,
    rank(histories, k, each) {
      const count = Math.min(k, numItems);
      return inBlocks(histories, usersAtOnce, 8 * count, async (read, heaps, numUsers, from) => {
        const bounds = evenRanges(numUsers, usersARange);
        const args = [...read, ...rows, numItems, count, heaps, 'scratch'] as const;
        await pool.run({ kernel: 'rankHistories', bounds, args });
        eachRanking(workspace, heaps, count, numUsers, (u, ranking) => {
          each(from + u, ranking);
        });
      });
    },
    score: (histories, each) =>
      inBlocks(histories, scoredAtOnce(numItems), 4 * numItems, async (read, scores, numUsers, from) => {
        const args = [...read, ...rows, numItems, scores, 'scratch'] as const;
        await pool.run({ kernel: 'scoreHistories', bounds: evenRanges(numUsers, 1), args });
        for (let u = 0; u < numUsers; u++) each(from + u, workspace.f32(scores + 4 * u * numItems, numItems));
      }),
  };
}
