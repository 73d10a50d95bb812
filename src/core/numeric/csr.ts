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

/** The same entries with rows and columns exchanged: [numColumns] rows, ascending within a row. O(nnz). */
export function transpose(rows: SparseRows, numColumns: number): SparseRows {
  return transposeRange(rows, numColumns, 0, rows.numRows);
}

/**
 * The entries of rows r0 … r1 − 1 with rows and columns exchanged, by counting sort: [numColumns] rows, ascending within
 * a row, which keep the rows' numbers. O(nnz + numColumns).
 */
export function transposeRange(rows: SparseRows, numColumns: number, r0: number, r1: number): SparseRows {
  const [start, end] = [rows.indptr[r0], rows.indptr[r1]];
  const result = allocateSparseRows(numColumns, end - start);
  const { indptr } = result;
  for (let p = start; p < end; p++) indptr[rows.idx[p] + 1]++;
  for (let c = 0; c < numColumns; c++) indptr[c + 1] += indptr[c];
  const next = indptr.slice(0, numColumns);
  for (let row = r0; row < r1; row++) {
    for (let p = rows.indptr[row]; p < rows.indptr[row + 1]; p++) {
      const at = next[rows.idx[p]]++;
      result.idx[at] = row;
      result.weight[at] = rows.weight[p];
    }
  }
  return result;
}

/** The entries in columns c0 … c1 − 1, in rows and columns of the same numbers. O(nnz). */
export function columnRange(rows: SparseRows, c0: number, c1: number): SparseRows {
  const within = (p: number): boolean => rows.idx[p] >= c0 && rows.idx[p] < c1;
  let count = 0;
  for (let p = 0; p < rows.idx.length; p++) if (within(p)) count++;
  const result = allocateSparseRows(rows.numRows, count);
  let at = 0;
  for (let row = 0; row < rows.numRows; row++) {
    for (let p = rows.indptr[row]; p < rows.indptr[row + 1]; p++) {
      if (!within(p)) continue;
      result.idx[at] = rows.idx[p];
      result.weight[at++] = rows.weight[p];
    }
    result.indptr[row + 1] = at;
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

/** [numRows] entries of each row. */
export function rowSizes({ numRows, indptr }: SparseRows): Uint32Array {
  const sizes = new Uint32Array(numRows);
  for (let row = 0; row < numRows; row++) sizes[row] = indptr[row + 1] - indptr[row];
  return sizes;
}

/**
 * Boundaries [numRanges + 1] that cut rows of such sizes into consecutive ranges of at most `maxEntries` entries and
 * `maxRows` rows; a row with more entries than that is a range of its own.
 */
export function balancedRanges(sizes: Uint32Array, maxEntries: number, maxRows: number): Uint32Array {
  const bounds = [0];
  let [from, entries] = [0, 0];
  for (let row = 0; row < sizes.length; row++) {
    if (row > from && (entries + sizes[row] > maxEntries || row - from >= maxRows)) {
      bounds.push(row);
      [from, entries] = [row, 0];
    }
    entries += sizes[row];
  }
  if (sizes.length > 0) bounds.push(sizes.length);
  return Uint32Array.from(bounds);
}

/** Boundaries [numRanges + 1] of consecutive ranges of `size` rows each, the last one shorter. */
export function evenRanges(numRows: number, size: number): Uint32Array {
  const numRanges = Math.ceil(numRows / size);
  return Uint32Array.from({ length: numRanges + 1 }, (_, range) => Math.min(numRows, range * size));
}
