import { layoutOf, type Workspace, type WorkspaceLayout } from '../compute/workspace.js';
import { rankHeap, type RankedRow } from '../numeric/top-k.js';
import { bitmapBytes } from './row-bitmap.js';
import type { RowSet } from './row-set.js';
import { openSkipBitmap } from './skip-bitmap.js';

/**
 * The best k ≤ `most` rows by scores that stand in the workspace: of `among` (undefined: of all), the rows of `leaveOut` left
 * out. Fewer than k only where fewer are left; a score that is no number is in none.
 */
export type BestOfScores = (k: number, leaveOut: Iterable<number>, among?: RowSet) => RankedRow[];

/** Where the scores of all rows are to be written, f32 [numRows padded to a multiple of 8], and how the best are found. */
export interface ScoreRanking {
  readonly scores: number;
  readonly best: BestOfScores;
}

/** To be allocated in the workspace that it is then opened over. @param most the largest k that will be asked for */
export function scoreRankingLayout(numRows: number, most: number): WorkspaceLayout<ScoreRanking> {
  const { bytes, allocate } = layoutOf({
    scores: 32 * Math.ceil(numRows / 8),
    skip: bitmapBytes(numRows),
    heap: 8 * Math.max(1, Math.min(most, numRows)),
  });
  return {
    bytes,
    allocate(workspace) {
      const { scores, skip, heap } = allocate(workspace);
      return { scores, best: rankingOver(workspace, numRows, most, { scores, skip, heap }) };
    },
  };
}

function rankingOver(
  workspace: Workspace,
  numRows: number,
  most: number,
  { scores, skip, heap }: Readonly<Record<'scores' | 'skip' | 'heap', number>>,
): BestOfScores {
  const skips = openSkipBitmap(workspace, skip, numRows);
  return (k, leaveOut, among) => {
    if (k > most) throw new RangeError(`k is ${k}; this search was opened for ${most} at most`);
    const count = Math.min(k, numRows);
    if (count === 0) return [];
    skips.allow(leaveOut, among);
    workspace.kernels.clearHeap(heap, count);
    workspace.kernels.offerScores(numRows, scores, skip, count, heap);
    return rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count));
  };
}
