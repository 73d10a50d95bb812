/** Many histories a block at a time: where one stands for kernels that rank it, and the rankings that these leave. */
import type { Workspace } from '../../compute/workspace.js';
import type { Pairs } from '../../contracts.js';
import { usersOf } from '../../numeric/split-pairs.js';
import { rankHeap, type RankedRow } from '../../numeric/top-k.js';

/** Users whose rankings are found at once, at most. */
export const usersAtOnce = 256;

/** Pairs of a block. A history has every item at most once. */
export function pairsOfBlock(numItems: number): number {
  return Math.max(2 ** 18, numItems);
}

/** What a block takes of a workspace: the histories' items, as sparse rows. */
export function blockParts(numUsers: number, numItems: number): Record<'indptr' | 'idx', number> {
  return { indptr: 4 * (numUsers + 1), idx: 4 * pairsOfBlock(numItems) };
}

/** As many users at a time as a block takes, at least one, with the row of the first. */
export function* blocksOf(
  histories: Pairs,
  numItems: number,
  mostUsers = usersAtOnce,
): Generator<readonly [block: Pairs, from: number]> {
  const { numUsers, indptr } = histories;
  const most = pairsOfBlock(numItems);
  for (let from = 0, to: number; from < numUsers; from = to) {
    to = from + 1;
    while (to < numUsers && to - from < mostUsers && (indptr[to + 1] ?? 0) - (indptr[from] ?? 0) <= most)
      to++;
    yield [usersOf(histories, from, to), from];
  }
}

/** What stands in the heaps of a block's users. */
export function eachRanking(
  workspace: Workspace,
  heaps: number,
  count: number,
  numUsers: number,
  each: (user: number, ranking: RankedRow[]) => void,
): void {
  for (let u = 0; u < numUsers; u++) {
    const heap = heaps + 8 * u * count;
    each(u, rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count)));
  }
}
