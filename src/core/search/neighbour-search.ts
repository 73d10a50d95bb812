import type { RankedRow } from '../numeric/top-k.js';
import type { RowSet } from './row-set.js';

/** One query at a time over the vectors of one kind: the seam between the exact scan and the inverted file. */
export interface NeighbourSearch {
  readonly numRows: number;
  readonly dim: number;
  /**
   * Row's vector as this search compares it, [dim]: of length 1 where cosines are compared; NaN throughout where the
   * vector is zero, which has no direction.
   */
  vectorOf(row: number): Float32Array;
  /**
   * The best k rows for `query` [dim] among the rows of `among` (undefined: all there are; else a set over numRows), the
   * rows of `leaveOut` left out, both during the search: fewer than k only where fewer are left, or where a sparse matrix
   * has no more. A row without direction is nobody's neighbour, and a query that is NaN has none.
   */
  best(query: Float32Array, k: number, leaveOut: Iterable<number>, among?: RowSet): RankedRow[];
  /** Closes the files it reads. */
  close(): void;
}
