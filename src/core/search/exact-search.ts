/** Exact top k of one query at a time by scanning all vectors: the oracle, and fastest where the catalogue is small. */
import { handingOn } from '../closers.js';
import type { Measure } from '../contracts.js';
import type { VectorFile } from '../compute/vector-file.js';
import { layoutOf, type Workspace } from '../compute/workspace.js';
import { fileGap, visitRuns } from './among-scan.js';
import type { NeighbourSearch } from './neighbour-search.js';
import { openQueryScan } from './query-scan.js';
import { onlyThread, type SearchWays } from './search-thread.js';

/** In memory, or through a small window at each query (one). */
export interface ExactSearchOptions extends SearchWays {
  readonly measure: Measure;
  /** The largest k that will be asked for. */
  readonly maxK: number;
}

/** Takes over `file` and closes it. AppError 'too-large' where all vectors are to be kept and pass 4 GiB. */
export function openExactSearch(file: VectorFile, options: ExactSearchOptions): NeighbourSearch {
  return handingOn(file, () => searchIn(file, options));
}

/** Rows in memory that are compared with rather than jumped over. */
const memoryGap = 16;

function searchIn(file: VectorFile, options: ExactSearchOptions): NeighbourSearch {
  const { numRows, dim } = file;
  const { inMemory, maxK, measure, thread = onlyThread } = options;
  const readInto = (workspace: Workspace, address: number, from: number, to: number): void => {
    file.readRangeInto(workspace, address, from, to);
    if (measure === 'cosine') workspace.kernels.unitRows(0, to - from, address, file.paddedDim);
  };
  const nothing = layoutOf({});
  const scan = openQueryScan({
    ...{ numRows, dim, maxK, inMemory, thread, name: `${measure} of ${file.path}` },
    ...{ held: nothing, own: nothing },
    fill(workspace, window) {
      if (inMemory) readInto(workspace, window, 0, numRows);
    },
  });
  const { workspace, window, query, rowsAtOnce } = scan;
  const gap = inMemory ? memoryGap : fileGap(dim);

  const offer = (from: number, to: number): void => {
    thread.checkAbort();
    if (!inMemory) readInto(workspace, window, from, to);
    scan.offer(to - from, inMemory ? 0 : from, 0, inMemory ? from : 0);
  };

  return {
    numRows,
    dim,
    vectorOf(row) {
      readInto(workspace, query, row, row + 1);
      return workspace.f32(query, dim).slice();
    },
    best(vector, k, leaveOut, among) {
      scan.begin(vector, k, leaveOut, among);
      if (among !== undefined) visitRuns(among, gap, rowsAtOnce, offer);
      else {
        for (let from = 0; from < numRows; from += rowsAtOnce) {
          offer(from, Math.min(numRows, from + rowsAtOnce));
        }
      }
      return scan.ranked();
    },
    close: () => file.close(),
  };
}
