/** Every score of one query, in the order of rows: for whoever counts how many are better than a given one. */
import { KeptWorkspace } from '../compute/kept-workspace.js';
import { layoutOf } from '../compute/workspace.js';
import { vectorBytes, type VectorFile } from '../compute/vector-file.js';
import type { ItemItemMatrix } from './item-item-matrix.js';
import { windowRows } from './query-scan.js';
import { onlyThread, type SearchThread } from './search-thread.js';

/** Scores of the rows from `first` on; overwritten by the next ones. */
export type EachScores = (first: number, scores: Float32Array) => void;

/**
 * The inner products of `query` [dim] with every row of `file`, which stays the caller's: the bits that a search gives.
 * Read through a window of 1 MiB. Cost: numRows · 2 dim flops.
 */
export function visitInnerProducts(
  file: VectorFile,
  query: Float32Array,
  each: EachScores,
  { checkAbort }: Pick<SearchThread, 'checkAbort'> = onlyThread,
  memory = new KeptWorkspace(),
): void {
  const { numRows, dim, paddedDim } = file;
  const rowsAtOnce = Math.min(numRows, windowRows(dim));
  const layout = layoutOf({
    window: vectorBytes(rowsAtOnce, dim),
    x: vectorBytes(1, dim),
    out: 4 * rowsAtOnce,
  });
  const workspace = memory.take(layout.bytes);
  const { window, x, out } = layout.allocate(workspace);
  workspace.f32(x, paddedDim).fill(0).set(query);
  for (let from = 0; from < numRows; from += rowsAtOnce) {
    checkAbort();
    const count = Math.min(rowsAtOnce, numRows - from);
    file.readRangeInto(workspace, window, from, from + count);
    workspace.kernels.scoreRows(0, count, x, window, paddedDim, out);
    each(from, workspace.f32(out, count));
  }
}

/**
 * The sums of the rows `items` of an item × item matrix, each times its weight: the bits of openItemItemSearch. Only those
 * rows are read.
 */
export function visitRowSums(
  matrix: ItemItemMatrix,
  items: ArrayLike<number>,
  weights: ArrayLike<number>,
  each: EachScores,
  memory = new KeptWorkspace(),
): void {
  const { numItems, rowBytes } = matrix;
  const layout = layoutOf({ row: rowBytes, sums: vectorBytes(1, numItems) });
  const workspace = memory.take(layout.bytes);
  const { row, sums } = layout.allocate(workspace);
  workspace.f32(sums, numItems).fill(0);
  for (let p = 0; p < items.length; p++) {
    const [item = 0, weight = 0] = [items[p], weights[p]];
    if (weight === 0) continue;
    matrix.addRow(workspace, item, weight, row, sums);
  }
  each(0, workspace.f32(sums, numItems));
}
