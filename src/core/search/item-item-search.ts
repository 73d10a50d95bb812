/** The best k items for one history at a time, from a stored item × item matrix: only the history's rows are read. */
import { layoutOf, openWorkspace } from '../compute/workspace.js';
import type { RankedRow } from '../numeric/top-k.js';
import { scoreRankingLayout } from './best-of-scores.js';
import type { ItemItemMatrix } from './item-item-matrix.js';
import type { NeighbourSearch } from './neighbour-search.js';
import type { RowSet } from './row-set.js';
import { onlyThread, type SearchThread } from './search-thread.js';

export interface ItemItemSearch {
  readonly numItems: number;
  /**
   * The best k items by Σ weights[p] · row items[p] of the matrix, of `among` (undefined: of all), the rows of `leaveOut`
   * left out: fewer than k only where fewer are left. The same bits as models/item-item/rank-by-history.ts gives.
   */
  best(
    items: ArrayLike<number>,
    weights: ArrayLike<number>,
    k: number,
    leaveOut: Iterable<number>,
    among?: RowSet,
  ): RankedRow[];
  /** The same among neighbours: where most of the matrix is left out, only items that these give something to. */
  near(...asked: Parameters<ItemItemSearch['best']>): RankedRow[];
  /** Whether an item gives nothing to any other: it is like none. */
  isBlank(item: number): boolean;
  close(): void;
}

/** Takes over the matrix, and closes it. @param maxK the largest k that will be asked for */
export function openItemItemSearch(
  matrix: ItemItemMatrix,
  maxK: number,
  { checkAbort }: Pick<SearchThread, 'checkAbort'> = onlyThread,
): ItemItemSearch {
  const { numItems, rowBytes } = matrix;
  const layout = layoutOf({ row: rowBytes, ranking: scoreRankingLayout(numItems, maxK) });
  const workspace = openWorkspace(layout.bytes);
  const { row, ranking } = layout.allocate(workspace);

  const isSparse = matrix.numbers.layout === 'sparse';
  const search: ItemItemSearch = {
    numItems,
    best(items, weights, k, leaveOut, among) {
      workspace.f32(ranking.scores, numItems).fill(0);
      for (let p = 0; p < items.length; p++) {
        const weight = weights[p]!;
        if (weight === 0) continue;
        checkAbort();
        matrix.addRow(workspace, items[p]!, weight, row, ranking.scores);
      }
      return ranking.best(k, leaveOut, among);
    },
    near(...asked) {
      const ranked = search.best(...asked);
      return isSparse ? ranked.filter(({ score }) => score > 0) : ranked;
    },
    isBlank: (item) => [1, -1].every((weight) => search.best([item], [weight], 1, [])[0]?.score === 0),
    close: () => matrix.close(),
  };
  return search;
}

/**
 * The matrix as a search among items: an item's vector is 1 at its own row and 0 elsewhere, so that its neighbours are
 * the largest numbers of its row, and those of several items the largest of their rows' sum. An item whose row is zero
 * is like no other: its vector is NaN.
 */
export function searchByRows(matrix: ItemItemMatrix, maxK: number, thread?: SearchThread): NeighbourSearch {
  const search = openItemItemSearch(matrix, maxK, thread);
  const { numItems } = search;
  return {
    numRows: numItems,
    dim: numItems,
    vectorOf(row) {
      const vector = new Float32Array(numItems);
      if (search.isBlank(row)) return vector.fill(Number.NaN);
      vector[row] = 1;
      return vector;
    },
    best(query, k, leaveOut, among) {
      if (Number.isNaN(query[0])) return [];
      const rows: number[] = [];
      query.forEach((x, row) => {
        if (x !== 0) rows.push(row);
      });
      return search.near(
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
