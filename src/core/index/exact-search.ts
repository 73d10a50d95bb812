/** Exact top k of one query at a time by scanning all vectors: the oracle, and fastest where the catalogue is small. */
import { allocatedBytes, openWorkspace, type Workspace } from '../compute/workspace.js';
import { rankHeap } from '../numeric/top-k.js';
import { vectorBytes, type VectorFile } from '../vectors/vector-file.js';
import type { NeighbourSearch } from './neighbour-search.js';
import { bitmapBytes, markRows } from './row-bitmap.js';

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

/** Bytes of vectors read at a time where they are not kept: they stay in the cache from read to scan. */
const windowBytes = 2 ** 20;

/** Takes over `file` and closes it. AppError 'too-large' where all vectors are to be kept and pass 4 GiB. */
export function openExactSearch(file: VectorFile, options: ExactSearchOptions): NeighbourSearch {
  const { numRows, dim, paddedDim } = file;
  const { inMemory } = options;
  const k = Math.min(options.maxK, numRows);
  const rowBytes = vectorBytes(1, dim);
  const windowRows = inMemory ? Math.max(1, numRows) : Math.max(1, Math.floor(windowBytes / rowBytes));
  const sizes = [windowRows * rowBytes, rowBytes, bitmapBytes(numRows), 8 * k];
  const workspace = openWorkspace(sizes.reduce((sum, bytes) => sum + allocatedBytes(bytes), 0));
  const [window = 0, query = 0, skip = 0, heap = 0] = sizes.map((bytes) => workspace.allocate(bytes));
  const { kernels } = workspace;

  const readWindow = (address: number, from: number, to: number): void => {
    file.readRangeInto(workspace, address, from, to);
    if (options.measure === 'cosine') kernels.unitRows(0, to - from, address, paddedDim);
  };
  if (inMemory) readWindow(window, 0, numRows);

  return {
    numRows,
    dim,
    vectorOf(row) {
      readWindow(query, row, row + 1);
      return workspace.f32(query, dim).slice();
    },
    best(vector, wanted, leaveOut) {
      const count = checkedCount(wanted, options.maxK, k);
      if (count === 0) return [];
      writeQuery(workspace, query, paddedDim, vector);
      kernels.clearHeap(heap, count);
      const rows = [...leaveOut];
      markRows(workspace, skip, numRows, rows, true);
      for (let from = 0; from < numRows; from += windowRows) {
        const to = Math.min(numRows, from + windowRows);
        if (!inMemory) readWindow(window, from, to);
        kernels.scanTopK(0, to - from, query, window, paddedDim, from, 0, skip, count, heap);
      }
      markRows(workspace, skip, numRows, rows, false);
      return rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count));
    },
    close: () => file.close(),
  };
}

/** How many places a heap needs for `wanted` results; `most` is what exists. */
export function checkedCount(wanted: number, maxK: number, most: number): number {
  if (wanted > maxK) throw new RangeError(`k is ${wanted}; this search was opened for ${maxK} at most`);
  return Math.min(wanted, most);
}

/** A query into kernel memory, filled up with zeros. */
export function writeQuery(
  workspace: Workspace,
  address: number,
  paddedDim: number,
  vector: Float32Array,
): void {
  const row = workspace.f32(address, paddedDim);
  row.set(vector);
  row.fill(0, vector.length);
}
