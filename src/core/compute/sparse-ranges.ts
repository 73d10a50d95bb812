import { balancedRanges, type SparseRows } from '../numeric/csr.js';
import { sparseScratchBytes } from './job.js';

/** Pairs and rows a range: small enough to balance two threads' ends, large enough to hide the hand-over. */
const rangeEntries = 16_384;
const rangeRows = 2048;

/** How sparse rows are cut for the pool. */
export function solverRanges(rows: SparseRows): Uint32Array {
  return balancedRanges(rows, rangeEntries, rangeRows);
}

/** Bytes of scratch a worker for the ranges of `solverRanges`. @param longest entries of the fullest row @param dim padded */
export function solverScratchBytes(longest: number, dim: number): number {
  return sparseScratchBytes(rangeRows, Math.max(rangeEntries, longest), dim);
}
