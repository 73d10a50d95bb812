/** Exact top k of one query at a time by scanning all vectors: the oracle, and fastest where the catalogue is small. */
import type { VectorFile } from '../compute/vector-file.js';
import { fileGap, visitRuns } from './among-scan.js';
import type { NeighbourSearch } from './neighbour-search.js';
import { openQueryScan, windowRows } from './query-scan.js';

/**
 * What a score is: the cosine of two vectors, or their inner product as it is. Cosines are inner products of unit
 * vectors, made by the same kernel wherever they are made, so that every search gives the same bits.
 */
export type Measure = 'cosine' | 'inner-product';

export interface ExactSearchOptions {
  readonly measure: Measure;
  /** The largest k that will be asked for. */
  readonly maxK: number;
  /** Keep all vectors in memory (many queries), or read them through a small window at each query (one). */
  readonly inMemory: boolean;
}

/** Takes over `file` and closes it. AppError 'too-large' where all vectors are to be kept and pass 4 GiB. */
export function openExactSearch(file: VectorFile, options: ExactSearchOptions): NeighbourSearch {
  try {
    return searchIn(file, options);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Rows in memory that are compared with rather than jumped over. */
const memoryGap = 16;

function searchIn(file: VectorFile, options: ExactSearchOptions): NeighbourSearch {
  const { numRows, dim } = file;
  const { inMemory, maxK, measure } = options;
  const rowsAtOnce = inMemory ? numRows : Math.min(numRows, windowRows(dim));
  const scan = openQueryScan({ numRows, dim, maxK, windowRows: rowsAtOnce, moreBytes: 0 });
  const { workspace, paddedDim, window, query } = scan;

  const read = (address: number, from: number, to: number): void => {
    file.readRangeInto(workspace, address, from, to);
    if (measure === 'cosine') workspace.kernels.unitRows(0, to - from, address, paddedDim);
  };
  if (inMemory) read(window, 0, numRows);
  const gap = inMemory ? memoryGap : fileGap(dim);

  return {
    numRows,
    dim,
    vectorOf(row) {
      read(query, row, row + 1);
      return workspace.f32(query, dim).slice();
    },
    best(vector, k, leaveOut, among) {
      scan.begin(vector, k, leaveOut, among);
      if (among !== undefined) {
        visitRuns(among, gap, rowsAtOnce, (from, to) => {
          if (!inMemory) read(window, from, to);
          scan.offer(to - from, inMemory ? 0 : from, 0, inMemory ? from : 0);
        });
        return scan.ranked();
      }
      for (let from = 0; from < numRows; from += rowsAtOnce) {
        const to = Math.min(numRows, from + rowsAtOnce);
        if (!inMemory) read(window, from, to);
        scan.offer(to - from, from, 0);
      }
      return scan.ranked();
    },
    close: () => file.close(),
  };
}
