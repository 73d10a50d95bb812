/**
 * Strings by row in Arrow's Utf8 layout: UTF-8 bytes end to end and ascending offsets. A million ids are two typed
 * arrays instead of a million objects, and an Arrow file takes them as they are, up to 2^31 − 1 bytes.
 */
import { constants } from 'node:buffer';
import { AppError } from '../errors.js';
import type { Offsets, StringColumn } from '../contracts.js';
import { arrayLimits } from '../numeric/pairs.js';

/** Of a column that an Arrow file holds. */
export const maxColumnBytes = arrayLimits.idBytes;

/** Of a column in memory: 4 GiB with Node 20. */
export const maxTextBytes = constants.MAX_LENGTH;

/**
 * A column over memory that exists: nothing is copied, and nothing may be written to it afterwards.
 *
 * @param bytes UTF-8 of all rows, end to end
 * @param offsets [rows + 1], ascending from 0 to bytes.length (only the two ends are checked)
 */
export function stringColumnFrom(bytes: Uint8Array, offsets: Offsets): StringColumn {
  const length = offsets.length - 1;
  if (length < 0 || offsets[0] !== 0 || offsets[length] !== bytes.length) {
    throw new RangeError(
      `offsets of ${length} strings must run from 0 to ${bytes.length}, ` +
        `got ${offsets[0]} to ${offsets[length]}`,
    );
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    length,
    bytes,
    offsets,
    at(row) {
      const start = offsets[row];
      const end = offsets[row + 1];
      if (start === undefined || end === undefined) {
        throw new RangeError(`row ${row} of a column of ${length} strings`);
      }
      // Some releases of Node 20 cut positions to 31 bits.
      return end <= maxColumnBytes ? text.toString('utf8', start, end) : text.subarray(start, end).toString();
    },
  };
}

/** Rows from … to − 1, over the same bytes. */
export function sliceStrings({ bytes, offsets }: StringColumn, from: number, to: number): StringColumn {
  const start = offsets[from] ?? 0;
  const end = offsets[to] ?? start;
  const own = offsets.subarray(from, to + 1);
  if (start === 0 && own instanceof Int32Array) return stringColumnFrom(bytes.subarray(0, end), own);
  const moved = offsetsFor(end - start, own.length);
  for (let row = 0; row < own.length; row++) moved[row] = (own[row] ?? 0) - start;
  return stringColumnFrom(bytes.subarray(start, end), moved);
}

/** The strings of these rows, in this order. */
export function stringsAt({ bytes, offsets }: StringColumn, rows: Uint32Array): StringColumn {
  let numBytes = 0;
  for (const row of rows) numBytes += (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
  const strings = new StringColumnBuilder('strings', rows.length, numBytes, maxTextBytes);
  for (const row of rows) strings.pushBytes(bytes, offsets[row], offsets[row + 1]);
  return strings.finish();
}

/** Below 0 where a's string comes first by its bytes, above where b's does, 0 where they are the same. */
export function compareStrings(a: StringColumn, aRow: number, b: StringColumn, bRow: number): number {
  let i = a.offsets[aRow] ?? 0;
  let j = b.offsets[bRow] ?? 0;
  const iEnd = a.offsets[aRow + 1] ?? 0;
  const jEnd = b.offsets[bRow + 1] ?? 0;
  for (; i < iEnd && j < jEnd; i++, j++) {
    const difference = (a.bytes[i] ?? 0) - (b.bytes[j] ?? 0);
    if (difference !== 0) return difference;
  }
  return iEnd - i - (jEnd - j);
}

/** The strings of all columns, one column after another. Throws AppError 'too-large' beyond maxTextBytes. */
export function joinStrings(columns: readonly StringColumn[]): StringColumn {
  if (columns.length === 1) return columns[0]!;
  const rows = columns.reduce((sum, { length }) => sum + length, 0);
  const numBytes = columns.reduce((sum, { bytes }) => sum + bytes.length, 0);
  requireRoom('ids', rows, numBytes, maxTextBytes);
  const all = new Uint8Array(numBytes);
  const ends = offsetsFor(numBytes, rows + 1);
  let [row, at] = [0, 0];
  for (const { length, bytes, offsets } of columns) {
    all.set(bytes, at);
    for (let own = 1; own <= length; own++) ends[++row] = at + offsets[own]!;
    at += bytes.length;
  }
  return stringColumnFrom(all, ends);
}

/** All strings of `strings`, in their order. Throws AppError 'too-large' beyond 2^31 − 1 bytes. */
export function packStrings(strings: Iterable<string>, what = 'strings'): StringColumn {
  const builder = new StringColumnBuilder(what);
  for (const string of strings) builder.push(string);
  return builder.finish();
}

/** Grows a column row by row. Memory: at most 1.5 × the column while it grows, plus one copy when it moves. */
export class StringColumnBuilder {
  readonly #what: string;
  readonly #mostBytes: number;
  #text: Buffer;
  #offsets: Offsets;
  #numRows = 0;
  #numBytes = 0;

  /** `what` names the strings in the error of a column that grows too large; the sizes are only hints. */
  constructor(
    what = 'strings',
    expectedRows = 1024,
    expectedBytes = 16 * 1024,
    mostBytes: number = maxColumnBytes,
  ) {
    this.#what = what;
    this.#mostBytes = mostBytes;
    this.#text = Buffer.alloc(Math.min(expectedBytes, mostBytes));
    this.#offsets = offsetsFor(mostBytes, expectedRows + 1);
  }

  get length(): number {
    return this.#numRows;
  }

  /** Appends a row. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. */
  push(string: string): void {
    // A UTF-16 unit is at most 3 bytes of UTF-8: where that fits, the text need not be measured first.
    if (string.length * 3 > this.#text.length - this.#numBytes) this.#reserve(Buffer.byteLength(string));
    this.#endRow(this.#text.write(string, this.#numBytes));
  }

  /** Appends the UTF-8 bytes of one row, start ≤ position < end. */
  pushBytes(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#reserve(end - start);
    this.#text.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.#numBytes);
    this.#endRow(end - start);
  }

  /** The column. The builder starts again, empty. */
  finish(): StringColumn {
    // A Buffer's own slice would not copy.
    const { buffer, byteOffset, byteLength } = this.#text;
    const bytes = trimmed(new Uint8Array(buffer, byteOffset, byteLength), this.#numBytes);
    const used = trimmed(this.#offsets, this.#numRows + 1);
    const offsets = this.#numBytes <= maxColumnBytes ? asInt32(used) : used;
    this.#text = Buffer.alloc(0);
    this.#offsets = new Int32Array(1);
    this.#numRows = 0;
    this.#numBytes = 0;
    return stringColumnFrom(bytes, offsets);
  }

  #endRow(rowBytes: number): void {
    this.#numBytes += rowBytes;
    this.#numRows += 1;
    if (this.#numRows === this.#offsets.length) {
      const larger = offsetsFor(this.#mostBytes, Math.ceil(this.#offsets.length * 1.5) + 1);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets[this.#numRows] = this.#numBytes;
  }

  #reserve(rowBytes: number): void {
    const needed = this.#numBytes + rowBytes;
    if (needed <= this.#text.length) return;
    const mostBytes = this.#mostBytes;
    requireRoom(this.#what, this.#numRows, needed, mostBytes);
    const larger = Buffer.alloc(Math.min(Math.max(needed, Math.ceil(this.#text.length * 1.5)), mostBytes));
    this.#text.copy(larger, 0, 0, this.#numBytes);
    this.#text = larger;
  }
}

function requireRoom(what: string, rows: number, bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new AppError(
    'too-large',
    `the ${what} take more than ${maxBytes} bytes of UTF-8, the most that a column holds`,
    { details: { rows, maxBytes } },
  );
}

/** @param mostBytes that they may count to */
function offsetsFor(mostBytes: number, length: number): Offsets {
  return mostBytes <= maxColumnBytes ? new Int32Array(length) : new Float64Array(length);
}

function asInt32(offsets: Offsets): Int32Array {
  return offsets instanceof Int32Array ? offsets : new Int32Array(offsets);
}

/** The first `length` entries: a view where little is wasted, else a copy that lets the rest go. */
function trimmed<T extends Uint8Array | Offsets>(array: T, length: number): T {
  return (length >= array.length * 0.9 ? array.subarray(0, length) : array.slice(0, length)) as T;
}
