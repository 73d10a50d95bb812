/** A set of rows, as searches take it: a bit each, row r in bit r mod 8 of byte r div 8, as the kernels read it. */
export interface RowSet {
  /** Rows that could be in it are 0 … numRows − 1. */
  readonly numRows: number;
  /** [⌈numRows / 8⌉]; bits past the last row are 0. */
  readonly bits: Uint8Array;
  /** Rows that are in it. */
  readonly count: number;
}

/** The set of `rows`, of which those outside 0 … numRows − 1 are ignored. */
export function rowSetOf(numRows: number, rows: Iterable<number>): RowSet {
  const bits = new Uint8Array(Math.ceil(numRows / 8));
  let count = 0;
  for (const row of rows) {
    if (row < 0 || row >= numRows) continue;
    const bit = 1 << (row & 7);
    if ((bits[row >>> 3]! & bit) !== 0) continue;
    bits[row >>> 3]! |= bit;
    count++;
  }
  return { numRows, bits, count };
}

/** The set whose bits are these, over memory that nothing writes to afterwards. */
export function rowSetFromBits(numRows: number, bits: Uint8Array): RowSet {
  if (bits.length !== Math.ceil(numRows / 8))
    throw new RangeError(`${bits.length} bytes for ${numRows} rows`);
  return { numRows, bits, count: countBits(bits) };
}

export function hasRow({ bits }: RowSet, row: number): boolean {
  return ((bits[row >>> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/** The rows, ascending. */
export function rowsOfSet(set: RowSet): Uint32Array {
  const rows = new Uint32Array(set.count);
  let at = 0;
  for (let byte = 0; byte < set.bits.length; byte++) {
    for (let left = set.bits[byte]!; left !== 0; left &= left - 1) {
      rows[at++] = 8 * byte + (31 - Math.clz32(left & -left));
    }
  }
  return rows;
}

/** The rows that are in both; each is over the same rows. */
export function intersection(a: RowSet, b: RowSet): RowSet {
  if (a.numRows !== b.numRows) throw new RangeError(`sets over ${a.numRows} and ${b.numRows} rows`);
  const bits = a.bits.map((byte, at) => byte & b.bits[at]!);
  return rowSetFromBits(a.numRows, bits);
}

/** The rows that are not in it. */
export function complement({ numRows, bits, count }: RowSet): RowSet {
  const others = bits.map((byte) => ~byte);
  if (numRows % 8 !== 0) others[others.length - 1]! &= (1 << (numRows % 8)) - 1;
  return { numRows, bits: others, count: numRows - count };
}

function countBits(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) for (let left = byte; left !== 0; left &= left - 1) count++;
  return count;
}
