import { balancedRanges, rowSizes, type SparseRows } from '../numeric/csr.js';
import { sparseScratchBytes } from './job.js';

/** Pairs and rows a range: small enough to balance two threads' ends, large enough to hide the hand-over. */
const rangeEntries = 16_384;
export const rangeRows = 2048;

/** How sparse rows are cut for the pool. */
export function solverRanges(rows: SparseRows): Uint32Array {
  return rangesOfSizes(rowSizes(rows));
}

/** The same, by each row's number of entries. */
export function rangesOfSizes(sizes: Uint32Array): Uint32Array {
  return balancedRanges(sizes, rangeEntries, rangeRows);
}

/** Bytes of scratch a worker for the ranges of `solverRanges`. @param longest entries of the fullest row @param dim padded */
export function solverScratchBytes(longest: number, dim: number): number {
  return sparseScratchBytes(rangeRows, Math.max(rangeEntries, longest), dim);
}
