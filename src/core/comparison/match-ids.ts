import type { StringColumn } from '../contracts.js';
import { rowFinder } from '../tables/row-finder.js';

/** Which rows of two snapshots are the same item or user: rows mean nothing across snapshots, ids do. */
export interface MatchedRows {
  /** [a.length] the row of each id of A in B, or −1. */
  readonly rowInB: Int32Array;
  /** [b.length] the row of each id of B in A, or −1. */
  readonly rowInA: Int32Array;
  readonly numCommon: number;
}

/** Matches the first `numA` and `numB` ids, byte by byte. Memory: 8 to 16 bytes an id of B beside the result. */
export function matchIds(a: StringColumn, numA: number, b: StringColumn, numB: number): MatchedRows {
  const rowOf = rowFinder(b, numB);
  const rowInB = new Int32Array(numA).fill(-1);
  const rowInA = new Int32Array(numB).fill(-1);
  let numCommon = 0;
  for (let row = 0; row < numA; row++) {
    const other = rowOf(a, row);
    if (other === undefined) continue;
    rowInB[row] = other;
    rowInA[other] = row;
    numCommon++;
  }
  return { rowInB, rowInA, numCommon };
}

/** The rows that have no match, in order: rows are in the order of events, so the most played stand first. */
export function unmatchedRows(match: Int32Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < match.length; row++) if (match[row] === -1) rows.push(row);
  return rows;
}
