import type { Workspace } from '../compute/workspace.js';

/** Bytes of a bitmap over numRows rows: a bit each, row r in bit r mod 8 of byte r div 8, as the kernels read it. */
export function bitmapBytes(numRows: number): number {
  return Math.ceil(numRows / 8);
}

/** Sets or clears the bits of `rows` in the bitmap at `address`. A row outside 0 … numRows − 1 has no bit and is ignored. */
export function markRows(
  workspace: Workspace,
  address: number,
  numRows: number,
  rows: Iterable<number>,
  marked: boolean,
): void {
  const bytes = workspace.u8(address, bitmapBytes(numRows));
  for (const row of rows) {
    if (row < 0 || row >= numRows) continue;
    const bit = 1 << (row & 7);
    if (marked) bytes[row >>> 3]! |= bit;
    else bytes[row >>> 3]! &= ~bit;
  }
}
