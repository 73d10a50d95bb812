/** Reading only the rows that a filter allows: a scan in runs, and when that beats probing lists. */
import { vectorBytes } from '../compute/vector-file.js';
import type { RowSet } from './row-set.js';

/**
 * Bytes of unwanted vectors that are read rather than jumped over: a read of its own, with what the kernel is called for
 * it, takes as long (bench/filtered-search.ts).
 */
const gapBytes = 16 * 1024;

/** Rows that may lie between two wanted ones in one run, for vectors that come from a file. */
export function fileGap(dim: number): number {
  return Math.max(8, Math.floor(gapBytes / vectorBytes(1, dim)));
}

/**
 * Visits the rows of a set, ascending, as runs from … to − 1 of at most `most` rows that begin and end at wanted rows;
 * wanted rows with at most `gap` others between them share a run. O(numRows / 8 + runs).
 * @param gap at least 7: within a byte of the set nothing is told apart
 */
export function visitRuns(
  { bits }: RowSet,
  gap: number,
  most: number,
  visit: (from: number, to: number) => void,
): void {
  let from = 0;
  let to = 0;
  const visitRun = (): void => {
    for (; from < to; from += most) visit(from, Math.min(to, from + most));
  };
  for (let byte = 0; byte < bits.length; byte++) {
    const word = bits[byte]!;
    if (word === 0) continue;
    const first = 8 * byte + (31 - Math.clz32(word & -word));
    if (to === 0 || first - to > gap) {
      visitRun();
      from = first;
    }
    to = 8 * byte + (32 - Math.clz32(word));
  }
  visitRun();
}

/**
 * Share of the rows below which an inverted file compares with every row of a filter instead of probing lists: it is as
 * fast, and leaves nothing out.
 */
const selectiveShare = 1 / 8;

/** Whether a filter leaves so few rows that all of them are compared with, whatever index there is. */
export function isSelective({ count, numRows }: RowSet): boolean {
  return count < selectiveShare * numRows;
}
