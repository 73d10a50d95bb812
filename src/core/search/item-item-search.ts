/** The best k items for one history at a time, from a stored item × item matrix: only the history's rows are read. */
import { layoutOf, openWorkspace } from '../compute/workspace.js';
import { rankHeap, type RankedRow } from '../numeric/top-k.js';
import { vectorBytes, type VectorFile } from '../compute/vector-file.js';
import type { NeighbourSearch } from './neighbour-search.js';
import { bitmapBytes } from './row-bitmap.js';
import type { RowSet } from './row-set.js';
import { onlyThread, type SearchThread } from './search-thread.js';
import { openSkipBitmap } from './skip-bitmap.js';

export interface ItemItemSearch {
  readonly numItems: number;
  /**
   * The best k items by Σ weights[p] · row items[p] of the matrix, of `among` (undefined: of all), the rows of `leaveOut`
   * left out: fewer than k only where fewer are left. The same bits as models/ease/rank-by-history.ts gives.
   */
  best(
    items: ArrayLike<number>,
    weights: ArrayLike<number>,
    k: number,
    leaveOut: Iterable<number>,
    among?: RowSet,
  ): RankedRow[];
  close(): void;
}

/** Takes over `file`, f32 [n × n], and closes it. @param maxK the largest k that will be asked for */
export function openItemItemSearch(
  file: VectorFile,
  maxK: number,
  { checkAbort }: Pick<SearchThread, 'checkAbort'> = onlyThread,
): ItemItemSearch {
  const { numRows: numItems, paddedDim } = file;
  const most = Math.min(maxK, numItems);
  const rowBytes = vectorBytes(1, numItems);
  const layout = layoutOf({
    row: rowBytes,
    scores: rowBytes,
    skip: bitmapBytes(numItems),
    heap: 8 * Math.max(1, most),
  });
  const workspace = openWorkspace(layout.bytes);
  const { row, scores, skip, heap } = layout.allocate(workspace);
  const { kernels } = workspace;
  const skips = openSkipBitmap(workspace, skip, numItems);

  return {
    numItems,
    best(items, weights, k, leaveOut, among) {
      if (k > maxK) throw new RangeError(`k is ${k}; this search was opened for ${maxK} at most`);
      const count = Math.min(k, most);
      if (count === 0) return [];
      workspace.f32(scores, paddedDim).fill(0);
      for (let p = 0; p < items.length; p++) {
        const weight = weights[p]!;
        if (weight === 0) continue;
        checkAbort();
        file.readRangeInto(workspace, row, items[p]!, items[p]! + 1);
        kernels.addScaled(paddedDim, weight, row, scores);
      }
      skips.allow(leaveOut, among);
      kernels.clearHeap(heap, count);
      kernels.offerScores(numItems, scores, skip, count, heap);
      return rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count));
    },
    close: () => file.close(),
  };
}

/**
 * The matrix as a search among items: an item's vector is 1 at its own row and 0 elsewhere, so that its neighbours are
 * the largest numbers of its row, and those of several items the largest of their rows' sum. An item whose row is zero
 * is like no other: its vector is NaN.
 */
export function searchByRows(file: VectorFile, maxK: number, thread?: SearchThread): NeighbourSearch {
  const search = openItemItemSearch(file, maxK, thread);
  const { numItems } = search;
  return {
    numRows: numItems,
    dim: numItems,
    vectorOf(row) {
      const vector = new Float32Array(numItems);
      const [largest] = search.best([row], [1], 1, []);
      const [smallest] = search.best([row], [-1], 1, []);
      if (largest?.score === 0 && smallest?.score === 0) return vector.fill(Number.NaN);
      vector[row] = 1;
      return vector;
    },
    best(query, k, leaveOut, among) {
      if (Number.isNaN(query[0])) return [];
      const rows: number[] = [];
      query.forEach((x, row) => {
        if (x !== 0) rows.push(row);
      });
      return search.best(
        rows,
        rows.map((row) => query[row]!),
        k,
        leaveOut,
        among,
      );
    },
    close: () => search.close(),
  };
}
