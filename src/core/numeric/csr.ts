import { sharedBytes } from './shared-arrays.js';

/**
 * Sparse rows as the kernels read them. Every array stands on memory that worker threads share, so that they read the
 * one copy there is.
 */
export interface SparseRows {
  readonly numRows: number;
  /** [numRows + 1]. */
  readonly indptr: Uint32Array;
  /** [nnz] row numbers of the other side, ascending within a row. */
  readonly idx: Uint32Array;
  /** [nnz] confidence weight; its sign is the preference: > 0 liked or played, < 0 disliked; never 0. */
  readonly weight: Float32Array;
}

export function allocateSparseRows(numRows: number, nnz: number): SparseRows {
  return {
    numRows,
    indptr: new Uint32Array(sharedBytes(4 * (numRows + 1))),
    idx: new Uint32Array(sharedBytes(4 * nnz)),
    weight: new Float32Array(sharedBytes(4 * nnz)),
  };
}

/** The same entries with rows and columns exchanged, by counting sort: [numColumns] rows, ascending within a row. O(nnz). */
export function transpose(rows: SparseRows, numColumns: number): SparseRows {
  const nnz = rows.idx.length;
  const result = allocateSparseRows(numColumns, nnz);
  const { indptr } = result;
  for (let p = 0; p < nnz; p++) indptr[rows.idx[p] + 1]++;
  for (let c = 0; c < numColumns; c++) indptr[c + 1] += indptr[c];
  const next = indptr.slice(0, numColumns);
  for (let row = 0; row < rows.numRows; row++) {
    for (let p = rows.indptr[row]; p < rows.indptr[row + 1]; p++) {
      const at = next[rows.idx[p]]++;
      result.idx[at] = row;
      result.weight[at] = rows.weight[p];
    }
  }
  return result;
}

/** Number of entries of the fullest row. */
export function longestRow(rows: SparseRows): number {
  let longest = 0;
  for (let row = 0; row < rows.numRows; row++)
    longest = Math.max(longest, rows.indptr[row + 1] - rows.indptr[row]);
  return longest;
}

/** Number of entries of the fullest column, of numColumns. */
export function longestColumn(rows: SparseRows, numColumns: number): number {
  const sizes = new Uint32Array(numColumns);
  let longest = 0;
  for (let p = 0; p < rows.idx.length; p++) longest = Math.max(longest, ++sizes[rows.idx[p]]);
  return longest;
}

/**
 * Boundaries [numRanges + 1] that cut all rows into consecutive ranges of at most `maxEntries` entries and `maxRows`
 * rows; a row with more entries than that is a range of its own.
 */
export function balancedRanges(rows: SparseRows, maxEntries: number, maxRows: number): Uint32Array {
  const bounds = [0];
  let from = 0;
  for (let row = 0; row < rows.numRows; row++) {
    const entries = rows.indptr[row + 1] - rows.indptr[from];
    if (row > from && (entries > maxEntries || row - from >= maxRows)) {
      bounds.push(row);
      from = row;
    }
  }
  if (rows.numRows > 0) bounds.push(rows.numRows);
  return Uint32Array.from(bounds);
}

/** Boundaries [numRanges + 1] of consecutive ranges of `size` rows each, the last one shorter. */
export function evenRanges(numRows: number, size: number): Uint32Array {
  const numRanges = Math.ceil(numRows / size);
  return Uint32Array.from({ length: numRanges + 1 }, (_, range) => Math.min(numRows, range * size));
}
