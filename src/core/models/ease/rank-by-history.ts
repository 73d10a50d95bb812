import type { ComputePool } from '../../compute/pool.js';
import { layoutOf, inScope } from '../../compute/workspace.js';
import type { Pairs, Ranker } from '../../contracts.js';
import { evenRanges } from '../../numeric/csr.js';
import { usersOf } from '../../numeric/split-pairs.js';
import { rankHeap } from '../../numeric/top-k.js';
import type { HistoryWeights } from '../folding/history-weights.js';
import { scoredHistories } from './scored-histories.js';
import type { RowAddresses } from './train-ease.js';
import { maxRanked } from '../rank-by-inner-product.js';

/** Users whose rankings are found at once, their pairs, and users that a thread takes at a time. */
const usersAtOnce = 256;
const pairsAtOnce = 2 ** 18;
const usersARange = 8;

/** A history has every item at most once. */
function mostPairs(numItems: number): number {
  return Math.max(pairsAtOnce, numItems);
}

/** An item × item matrix in kernel memory, and what adds up its rows. */
export interface RankedMatrix {
  readonly numItems: number;
  /** Of scratch a worker, for the scores that stand there beside what is left out. */
  readonly scoreBytes: number;
  /** As the kernel rankHistories. */
  rank(
    pool: ComputePool,
    bounds: Uint32Array,
    histories: RowAddresses,
    count: number,
    heaps: number,
  ): Promise<unknown>;
  /** As the kernel scoreHistories. */
  score(pool: ComputePool, bounds: Uint32Array, histories: RowAddresses, out: number): Promise<unknown>;
}

/** Bytes of workspace that ranking allocates (and gives back), and of scratch a worker. */
export function historyRankMemory({ numItems, scoreBytes }: Pick<RankedMatrix, 'numItems' | 'scoreBytes'>): {
  readonly workspaceBytes: number;
  readonly scratchBytes: number;
} {
  return {
    workspaceBytes: blockLayout(numItems, Math.min(maxRanked, numItems)).bytes,
    scratchBytes: scoreBytes + Math.ceil(numItems / 8),
  };
}

/** A block of histories, and the best `count` of each. */
function blockLayout(numItems: number, count: number) {
  const idx = 4 * mostPairs(numItems);
  return layoutOf({ heaps: 8 * usersAtOnce * count, indptr: 4 * (usersAtOnce + 1), idx, weight: idx });
}

/** Ranks by Σ weight · row of the matrix over a history's items, exactly. The matrix stays the caller's. */
export function rankByHistory(pool: ComputePool, matrix: RankedMatrix, weights: HistoryWeights): Ranker {
  const { workspace } = pool;
  const { numItems } = matrix;
  /** Copies a block of histories at a time to where kernels read them; `use` gets its first row and its end. */
  const inBlocks = async (
    histories: Pairs,
    layout: ReturnType<typeof blockLayout>,
    mostUsers: number,
    use: (block: ReturnType<typeof layout.allocate>, from: number, to: number) => Promise<void>,
  ): Promise<void> =>
    inScope(workspace, async () => {
      const block = layout.allocate(workspace);
      for (let from = 0, to: number; from < histories.numUsers; from = to) {
        to = blockEnd(histories, from, mostUsers, mostPairs(numItems));
        const rows = scoredHistories(usersOf(histories, from, to), weights, workspace.kernels);
        workspace.u32(block.indptr, to - from + 1).set(rows.indptr);
        workspace.u32(block.idx, rows.idx.length).set(rows.idx);
        workspace.f32(block.weight, rows.idx.length).set(rows.weight);
        await use(block, from, to);
      }
    });
  return {
    numItems,
    async rank(histories, k, each) {
      const count = Math.min(k, numItems);
      const layout = blockLayout(numItems, count);
      await inBlocks(histories, layout, usersAtOnce, async ({ heaps, indptr, idx, weight }, from, to) => {
        await matrix.rank(pool, evenRanges(to - from, usersARange), [indptr, idx, weight], count, heaps);
        for (let u = from; u < to; u++) {
          const heap = heaps + 8 * (u - from) * count;
          each(u, rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count)));
        }
      });
    },
    async score(histories, each) {
      // As many scores as the heaps of the longest rankings have room for.
      const layout = blockLayout(numItems, Math.min(maxRanked, numItems));
      const most = Math.min(
        usersAtOnce,
        Math.floor((2 * usersAtOnce * Math.min(maxRanked, numItems)) / numItems),
      );
      await inBlocks(histories, layout, most, async ({ heaps: scores, indptr, idx, weight }, from, to) => {
        await matrix.score(pool, evenRanges(to - from, 1), [indptr, idx, weight], scores);
        for (let u = from; u < to; u++) each(u, workspace.f32(scores + 4 * (u - from) * numItems, numItems));
      });
    },
  };
}

/** The end of a block of users that starts at `from`: as many as fit, at least one. */
function blockEnd({ numUsers, indptr }: Pairs, from: number, mostUsers: number, most: number): number {
  let to = from + 1;
  while (to < numUsers && to - from < mostUsers && (indptr[to + 1] ?? 0) - (indptr[from] ?? 0) <= most) to++;
  return to;
}
