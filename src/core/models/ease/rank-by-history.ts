import type { ComputePool } from '../../compute/pool.js';
import { tileSize } from '../../compute/tiles.js';
import { layoutOf, inScope } from '../../compute/workspace.js';
import type { Pairs, Ranker } from '../../contracts.js';
import { evenRanges } from '../../numeric/csr.js';
import { usersOf } from '../../numeric/split-pairs.js';
import { rankHeap } from '../../numeric/top-k.js';
import type { HistoryWeights } from '../folding/history-weights.js';
import { scoredHistories } from './scored-histories.js';
import type { SimilarityMatrix } from './similarity-matrix.js';
import { maxRanked } from '../rank-by-inner-product.js';

/** Users whose rankings are found at once, their pairs, and users that a thread takes at a time. */
const usersAtOnce = 256;
const pairsAtOnce = 2 ** 18;
const usersARange = 8;

/** A history has every item at most once. */
function mostPairs(numItems: number): number {
  return Math.max(pairsAtOnce, numItems);
}

/** Bytes of workspace that ranking allocates (and gives back), and of scratch a worker. */
export function historyRankMemory(numItems: number): {
  readonly workspaceBytes: number;
  readonly scratchBytes: number;
} {
  return {
    workspaceBytes: blockLayout(numItems, Math.min(maxRanked, numItems)).bytes,
    scratchBytes: 4 * tileSize + Math.ceil(numItems / 8),
  };
}

/** A block of histories, and the best `count` of each. */
function blockLayout(numItems: number, count: number) {
  const idx = 4 * mostPairs(numItems);
  return layoutOf({ heaps: 8 * usersAtOnce * count, indptr: 4 * (usersAtOnce + 1), idx, weight: idx });
}

/** Ranks by Σ weight · row of the matrix over a history's items, exactly. The matrix stays the caller's. */
export function rankByHistory(
  pool: ComputePool,
  { address, numItems }: SimilarityMatrix,
  weights: HistoryWeights,
): Ranker {
  const { workspace } = pool;
  return {
    numItems,
    async rank(histories, k, each) {
      const count = Math.min(k, numItems);
      await inScope(workspace, async () => {
        const { heaps, indptr, idx, weight } = blockLayout(numItems, count).allocate(workspace);
        for (let from = 0, to: number; from < histories.numUsers; from = to) {
          to = blockEnd(histories, from, mostPairs(numItems));
          const rows = scoredHistories(usersOf(histories, from, to), weights, workspace.kernels);
          workspace.u32(indptr, to - from + 1).set(rows.indptr);
          workspace.u32(idx, rows.idx.length).set(rows.idx);
          workspace.f32(weight, rows.idx.length).set(rows.weight);
          await pool.run({
            kernel: 'rankHistories',
            bounds: evenRanges(to - from, usersARange),
            args: [indptr, idx, weight, address, numItems, count, heaps, 'scratch'],
          });
          for (let u = from; u < to; u++) {
            const heap = heaps + 8 * (u - from) * count;
            each(u, rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count)));
          }
        }
      });
    },
  };
}

/** The end of a block of users that starts at `from`: as many as fit, at least one. */
function blockEnd({ numUsers, indptr }: Pairs, from: number, most: number): number {
  let to = from + 1;
  while (to < numUsers && to - from < usersAtOnce && (indptr[to + 1] ?? 0) - (indptr[from] ?? 0) <= most)
    to++;
  return to;
}
