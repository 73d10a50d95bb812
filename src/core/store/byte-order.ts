/** Sorting by bytes, the order of LMDB's keys. */
import type { Offsets } from '../contracts.js';

/**
 * Rows 0 … n − 1 by their bytes ascending, shorter first where one begins with the other, equal bytes by row.
 * Row r's bytes are bytes[offsets[r]] … bytes[offsets[r + 1] − 1]. Cost: n log n comparisons; 0.6 s for 1M ids.
 */
export function rowsByBytes(bytes: Uint8Array, offsets: Offsets): Uint32Array {
  const rows = new Uint32Array(offsets.length - 1);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  return rows.sort((a, b) => compareRows(bytes, offsets, a, b) || a - b);
}

/** Below 0 where row a's bytes come first, above where row b's do, 0 where they are the same. */
export function compareRows(bytes: Uint8Array, offsets: Offsets, a: number, b: number): number {
  let i = offsets[a] ?? 0;
  let j = offsets[b] ?? 0;
  const iEnd = offsets[a + 1] ?? 0;
  const jEnd = offsets[b + 1] ?? 0;
  while (i < iEnd && j < jEnd) {
    const difference = (bytes[i] ?? 0) - (bytes[j] ?? 0);
    if (difference !== 0) return difference;
    i += 1;
    j += 1;
  }
  return iEnd - i - (jEnd - j);
}
