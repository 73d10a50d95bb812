/**
 * Reading Arrow IPC files that segue wrote. Arrow's reader takes an empty or cut file for an empty table, and believes
 * whatever lengths a file declares: here every column is held against its buffers before anything is read from it.
 */
import { closeSync, fstatSync } from 'node:fs';
import type * as arrowModule from 'apache-arrow';
import type { Data, RecordBatch } from 'apache-arrow';
import type { ItemColumn, StringColumn } from '../contracts.js';
import { AppError, errnoOf, isOutOfMemory, machineError } from '../errors.js';
import { readFully } from '../files/read-fully.js';
import { openRegularFile } from '../files/safe-open.js';
import { problemOfLengths } from './arrow-lengths.js';
import type { ColumnValues } from './column-values.js';
import { isFilled } from './grown-column.js';
import { stringColumnFrom } from './string-column.js';

export interface ArrowTable {
  readonly numRows: number;
  readonly columnNames: readonly string[];
  /** A column of text without nulls, over the memory of the file. */
  strings(name: string): StringColumn;
  /** A column of u32 without nulls, over the memory of the file. */
  counts(name: string): Uint32Array;
  /** A column of metadata, copied. */
  metadata(name: string): ItemColumn;
  /** A column of any type that segue's tables have, over the memory of the file. */
  cells(name: string): TableCells;
  /** A column of any of these types, to compute with. */
  columnValues(name: string): ColumnValues;
}

/** A column that is read cell by cell; null is an empty cell. */
export type TableCells =
  | { readonly name: string; readonly type: 'int'; at(row: number): number | null }
  | { readonly name: string; readonly type: 'text'; at(row: number): string | null };

const magic = Buffer.from('ARROW1');

/**
 * Reads a whole table, of `numRows` rows where that is known. The accessors check the column they give.
 *
 * @throws AppError 'damaged-snapshot' for a file that is missing, cut, or not a table of segue's; 'too-large'
 */
export async function readArrowFile(path: string, numRows?: number): Promise<ArrowTable> {
  const bytes = readWhole(path);
  const arrow = await import('apache-arrow');
  const isArrow =
    bytes.length > 2 * magic.length &&
    magic.equals(bytes.subarray(0, magic.length)) &&
    magic.equals(bytes.subarray(-magic.length));
  if (!isArrow) throw damaged(path, `of ${bytes.length} bytes is no Arrow file`);
  const batch = onlyBatch(arrow, path, bytes);
  if (numRows !== undefined && batch.numRows !== numRows) {
    throw damaged(path, `has ${batch.numRows} rows, wanted ${numRows}`);
  }
  return new CheckedTable(path, batch);
}

/** The file's record batch, by its footer. */
function onlyBatch(arrow: typeof arrowModule, path: string, bytes: Uint8Array): RecordBatch {
  try {
    const problem = problemOfLengths(bytes);
    if (problem !== undefined) throw damaged(path, `cannot be read as an Arrow file: ${problem}`);
    const reader = arrow.RecordBatchReader.from(bytes).open();
    if (reader.isFile() && reader.numRecordBatches === 1) {
      const batch = reader.readRecordBatch(0);
      if (batch !== null) return batch;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw damaged(path, 'cannot be read as an Arrow file', error);
  }
  throw damaged(path, 'does not have one record batch');
}

class CheckedTable implements ArrowTable {
  readonly numRows: number;
  readonly columnNames: readonly string[];
  readonly #path: string;
  readonly #batch: RecordBatch;

  constructor(path: string, batch: RecordBatch) {
    this.#path = path;
    this.#batch = batch;
    this.numRows = batch.numRows;
    this.columnNames = batch.schema.fields.map(({ name }) => name);
  }

  strings(name: string): StringColumn {
    const { data, type } = this.#column(name);
    if (type !== 'Utf8' || data.nullCount !== 0) throw this.#damaged(name, 'is not text without nulls');
    return this.#text(name, data);
  }

  counts(name: string): Uint32Array {
    const { data, type } = this.#column(name);
    const values: unknown = data.values;
    if (type !== 'Uint32' || data.nullCount !== 0 || !(values instanceof Uint32Array)) {
      throw this.#damaged(name, 'is not u32 without nulls');
    }
    if (values.length < this.numRows) throw this.#damaged(name, 'is shorter than its table');
    return values.subarray(0, this.numRows);
  }

  metadata(name: string): ItemColumn {
    if (this.#column(name).type === 'Uint32') throw this.#damaged(name, 'is no metadata');
    const cells = this.cells(name);
    const rows = { length: this.numRows };
    return cells.type === 'text'
      ? { name, type: 'text', values: Array.from(rows, (_, row) => cells.at(row)) }
      : { name, type: 'int', values: Array.from(rows, (_, row) => cells.at(row)) };
  }

  cells(name: string): TableCells {
    const { data, type } = this.#column(name);
    if (type === 'Uint32') {
      const counts = this.counts(name);
      return { name, type: 'int', at: (row) => counts[row] ?? null };
    }
    const filled = this.#nullBitmap(name, data);
    if (type === 'Utf8') {
      const text = this.#text(name, data);
      return { name, type: 'text', at: (row) => (isFilled(filled, row) ? text.at(row) : null) };
    }
    const numbers = this.#wholeNumbers(name, data, type);
    return { name, type: 'int', at: (row) => (isFilled(filled, row) ? Number(numbers[row]) : null) };
  }

  columnValues(name: string): ColumnValues {
    const { data, type } = this.#column(name);
    if (type === 'Uint32') return { type: 'number', values: this.counts(name), filled: undefined };
    const filled = this.#nullBitmap(name, data);
    if (type === 'Utf8') return { type: 'text', values: this.#text(name, data), filled };
    return { type: 'number', values: asF64(this.#wholeNumbers(name, data, type)), filled };
  }

  #column(name: string): { readonly data: Data; readonly type: string } {
    const index = this.columnNames.indexOf(name);
    const data = this.#batch.data.children[index];
    const field = this.#batch.schema.fields[index];
    if (data === undefined || field === undefined) throw this.#damaged(name, 'is missing');
    if (data.length !== this.numRows || data.offset !== 0)
      throw this.#damaged(name, 'has another length than its table');
    return { data, type: String(field.type) };
  }

  #text(name: string, data: Data): StringColumn {
    const offsets: unknown = data.valueOffsets;
    const bytes: unknown = data.values;
    // A table without rows may have no offsets at all.
    if (this.numRows === 0) return stringColumnFrom(new Uint8Array(0), new Int32Array(1));
    if (
      !(offsets instanceof Int32Array) ||
      !(bytes instanceof Uint8Array) ||
      offsets.length <= this.numRows
    ) {
      throw this.#damaged(name, 'is shorter than its table');
    }
    const used = offsets.subarray(0, this.numRows + 1);
    const ascends = used[0] === 0 && used.every((offset, row) => offset >= (used[row - 1] ?? 0));
    const end = used[this.numRows] ?? 0;
    if (!ascends || end > bytes.length) throw this.#damaged(name, 'has offsets outside its text');
    return stringColumnFrom(bytes.subarray(0, end), used);
  }

  /** [numRows] whole numbers, over the memory of the file. */
  #wholeNumbers(name: string, { values }: Data, type: string): BigInt64Array {
    const numbers: unknown = values;
    if (type !== 'Int64' || !(numbers instanceof BigInt64Array)) throw this.#damaged(name, 'is no metadata');
    if (numbers.length < this.numRows) throw this.#damaged(name, 'is shorter than its table');
    return numbers.subarray(0, this.numRows);
  }

  /** undefined where there are no nulls. */
  #nullBitmap(name: string, data: Data): Uint8Array | undefined {
    if (data.nullCount === 0) return undefined;
    const bitmap: unknown = data.nullBitmap;
    if (!(bitmap instanceof Uint8Array) || bitmap.length * 8 < this.numRows) {
      throw this.#damaged(name, 'has no whole map of its nulls');
    }
    return bitmap;
  }

  #damaged(column: string, what: string): AppError {
    return damaged(this.#path, `column ${column} ${what}`);
  }
}

/** The same whole numbers, exact below 2^53: by halves, without a BigInt each. */
function asF64(numbers: BigInt64Array): Float64Array {
  const { buffer, byteOffset, length } = numbers;
  // The lower half stands first: Arrow's files are little-endian, and are read as they are.
  const halves = new Int32Array(buffer, byteOffset, 2 * length);
  const values = new Float64Array(length);
  for (let row = 0; row < length; row++)
    values[row] = halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0);
  return values;
}

function readWhole(path: string): Uint8Array {
  let fd: number;
  try {
    fd = openRegularFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw damaged(path, 'is missing');
    if (error instanceof AppError) throw damaged(path, 'is not a regular file', error);
    throw machineError(error, `open ${path}`);
  }
  try {
    const { size } = fstatSync(fd);
    const bytes = new Uint8Array(size);
    if (readFully(fd, bytes, 0) < size) throw damaged(path, 'was truncated while it was being read');
    return bytes;
  } catch (error) {
    if (error instanceof RangeError && !isOutOfMemory(error))
      throw new AppError('too-large', `${path} does not fit into memory`, { cause: error });
    throw machineError(error, `read ${path}`);
  } finally {
    closeSync(fd);
  }
}

function damaged(path: string, what: string, cause?: unknown): AppError {
  return new AppError('damaged-snapshot', `${path} ${what}`, { cause, details: { file: path } });
}
