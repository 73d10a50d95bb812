import type { Workspace } from '../compute/workspace.js';
import { bitmapBytes, markRows } from './row-bitmap.js';
import { hasRow, type RowSet } from './row-set.js';

/** Which rows a search may not find, as a bitmap in kernel memory; it is changed from one query to the next. */
export interface SkipBitmap {
  /** [⌈numRows / 8⌉ bytes] a bit each: 1 where a row may not be found. */
  readonly address: number;
  /**
   * From now on all rows may be found that are in `among` (undefined: all there are) and not in `leaveOut`: gives how
   * many those are. O(rows left out), and numRows / 8 more where `among` is another object than it was before.
   */
  allow(leaveOut: Iterable<number>, among?: RowSet): number;
}

/** Over `bitmapBytes(numRows)` bytes at `address`, which are the bitmap's alone. All rows may be found at first. */
export function openSkipBitmap(workspace: Workspace, address: number, numRows: number): SkipBitmap {
  workspace.u8(address, bitmapBytes(numRows)).fill(0);
  let allowed: RowSet | undefined;
  /** Rows of `allowed` that are marked for one query only. */
  let leftOut = new Set<number>();
  return {
    address,
    allow(leaveOut, among) {
      if (among === allowed) markRows(workspace, address, numRows, leftOut, false);
      else {
        skipAllBut(workspace, address, numRows, among);
        allowed = among;
      }
      leftOut = new Set();
      for (const row of leaveOut) {
        if (row >= 0 && row < numRows && (among === undefined || hasRow(among, row))) leftOut.add(row);
      }
      markRows(workspace, address, numRows, leftOut, true);
      return (among?.count ?? numRows) - leftOut.size;
    },
  };
}

/**
 * Writes a bitmap at `address`: 1 for every row that is not in `among` (undefined: for none). Both are over numRows
 * rows.
 */
export function skipAllBut(
  workspace: Workspace,
  address: number,
  numRows: number,
  among: RowSet | undefined,
): void {
  const bytes = workspace.u8(address, bitmapBytes(numRows));
  if (among === undefined) {
    bytes.fill(0);
    return;
  }
  if (among.numRows !== numRows) {
    throw new RangeError(`a set over ${among.numRows} rows for a search over ${numRows}`);
  }
  const { bits } = among;
  for (let at = 0; at < bytes.length; at++) bytes[at] = ~bits[at]!;
}
