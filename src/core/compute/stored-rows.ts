/**
 * Rows outside of kernel memory, where 4 GiB are no limit: threads copy those that a range needs into kernel memory, and
 * back what it changed.
 */
import { isOutOfMemory, machineError } from '../errors.js';
import { sharedBytes } from '../numeric/shared-arrays.js';
import { gib } from './workspace.js';

export interface StoredRows {
  readonly numRows: number;
  readonly rowBytes: number;
  /** The number of the first of them, where they are some of a side's. */
  readonly first: number;
  /** Of all rows. It may be longer than any typed array over it can be. */
  readonly bytes: ArrayBufferLike;
}

/** Zeroed rows. AppError 'out-of-memory'. */
export function allocateStoredRows(numRows: number, rowBytes: number): StoredRows {
  const bytes = numRows * rowBytes;
  try {
    return { numRows, rowBytes, first: 0, bytes: sharedBytes(bytes) };
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw machineError(error, `allocate ${gib(bytes)} GiB for vectors`);
  }
}

/** Rows from … to − 1, by their numbers, where they stand. */
export function storedBytes({ bytes, first, rowBytes }: StoredRows, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes, (from - first) * rowBytes, (to - from) * rowBytes);
}

/** All rows as numbers, piece by piece: a typed array has a longest length, which rows may pass. */
export function* storedPieces(
  rows: StoredRows,
  pieceBytes = 2 ** 28,
): Generator<{ readonly from: number; readonly to: number; readonly values: Float32Array }> {
  const { first, numRows, rowBytes } = rows;
  const rowsAtOnce = Math.max(1, Math.floor(pieceBytes / rowBytes));
  for (let from = first; from < first + numRows; from += rowsAtOnce) {
    const to = Math.min(first + numRows, from + rowsAtOnce);
    const { buffer, byteOffset, byteLength } = storedBytes(rows, from, to);
    yield { from, to, values: new Float32Array(buffer, byteOffset, byteLength / 4) };
  }
}
