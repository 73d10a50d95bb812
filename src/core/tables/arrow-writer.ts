/**
 * Writing tables as Arrow IPC files, which pandas, Polars and DuckDB open in one line: one record batch, plain
 * columns without dictionaries, and the same bytes for the same values.
 */
import type * as arrowModule from 'apache-arrow';
import type { Data, Field } from 'apache-arrow';
import type { ItemColumn, StringColumn } from '../contracts.js';
import { isFilled, type NamedColumn } from './grown-column.js';
import { StringColumnBuilder } from './string-column.js';

/** A column to write: without nulls as it lies in memory, or one of metadata, in which null is an empty cell. */
export type ArrowColumn =
  | { readonly name: string; readonly type: 'string'; readonly values: StringColumn }
  | { readonly name: string; readonly type: 'uint32'; readonly values: Uint32Array }
  | { readonly name: string; readonly type: 'float64'; readonly values: Float64Array }
  | ItemColumn
  | NamedColumn;

type Arrow = typeof arrowModule;

/**
 * The bytes of an Arrow file with these columns, all of one length, in pieces; the columns' own memory is among them
 * and must not be written to before they have been used.
 *
 * Importing Arrow takes 60–100 ms, so that it is loaded here and not at the start.
 */
export async function arrowFileChunks(columns: readonly ArrowColumn[]): Promise<Uint8Array[]> {
  const arrow = await import('apache-arrow');
  const numRows = columns[0]?.values.length ?? 0;
  const children = columns.map((column) => {
    const { name, values } = column;
    if (values.length !== numRows) {
      throw new RangeError(`column ${name} has ${values.length} rows, wanted ${numRows}`);
    }
    return columnData(arrow, column);
  });
  const fields = columns.map(({ name, type }, index) => {
    const isNullable = type === 'text' || type === 'int' || type === 'number';
    return new arrow.Field(name, children[index]?.type ?? new arrow.Null(), isNullable);
  });
  const file = openArrowFile(arrow, fields);
  return [...file.write(numRows, children), ...file.finish()];
}

/** A file of record batches, in pieces: what each call makes. */
export function openArrowFile(
  arrow: Arrow,
  fields: Field[],
  metadata?: ReadonlyMap<string, string>,
): { write(numRows: number, children: Data[]): Uint8Array[]; finish(): Uint8Array[] } {
  const schema = new arrow.Schema(fields, metadata === undefined ? undefined : new Map(metadata));
  const struct = new arrow.Struct(fields);

  // The writer's own queue would join all pieces in another copy of the file.
  class Pieces extends arrow.AsyncByteQueue {
    #list: Uint8Array[] = [];
    override write(piece: Uint8Array): void {
      this.#list.push(piece);
    }
    take(): Uint8Array[] {
      const taken = this.#list;
      this.#list = [];
      return taken;
    }
  }
  const pieces = new Pieces();
  const writer = new arrow.RecordBatchFileWriter();
  writer.reset(pieces, schema);
  return {
    write(numRows, children) {
      const data = arrow.makeData({ type: struct, length: numRows, nullCount: 0, children });
      writer.write(new arrow.RecordBatch(schema, data));
      return pieces.take();
    },
    finish() {
      writer.finish();
      return pieces.take();
    },
  };
}

function columnData(arrow: Arrow, column: ArrowColumn): Data {
  switch (column.type) {
    case 'string':
      return textData(arrow, column.values, noNulls);
    case 'uint32':
      return arrow.makeData({ type: new arrow.Uint32(), data: column.values });
    case 'float64':
      return arrow.makeData({ type: new arrow.Float64(), data: column.values });
    case 'number':
      return wholeNumbers(arrow, Array.from(column.values), nullsOfBits(column));
    case 'text':
      if ('filled' in column) return textData(arrow, column.values, nullsOfBits(column));
      return textCells(arrow, column.name, column.values);
    case 'int':
      return wholeNumbers(arrow, column.values, nullsOf(column.values));
  }
}

function wholeNumbers(arrow: Arrow, values: readonly (number | null)[], nulls: Nulls): Data {
  const data = BigInt64Array.from(values, (value) => BigInt(value ?? 0));
  return arrow.makeData({ type: new arrow.Int64(), data, ...nulls });
}

/** Texts, of which null is an empty cell. */
export function textCells(arrow: Arrow, name: string, values: readonly (string | null)[]): Data {
  const text = new StringColumnBuilder(`values of ${name}`, values.length);
  for (const value of values) text.push(value ?? '');
  return textData(arrow, text.finish(), nullsOf(values));
}

function textData(arrow: Arrow, { length, offsets, bytes }: StringColumn, nulls: Nulls): Data {
  if (!(offsets instanceof Int32Array))
    throw new RangeError(`${bytes.length} bytes of text in one Arrow column`);
  return arrow.makeData({ type: new arrow.Utf8(), length, valueOffsets: offsets, data: bytes, ...nulls });
}

interface Nulls {
  readonly nullCount: number;
  /** Bit r % 8 of byte r / 8 is set where row r has a value. */
  readonly nullBitmap?: Uint8Array;
}

const noNulls: Nulls = { nullCount: 0 };

function nullsOfBits({ values, filled }: NamedColumn): Nulls {
  let nullCount = 0;
  for (let row = 0; row < values.length; row++) if (!isFilled(filled, row)) nullCount++;
  return filled === undefined || nullCount === 0 ? noNulls : { nullCount, nullBitmap: filled };
}

/** Which of the values there are. */
export function nullsOf(values: ArrayLike<unknown>): Nulls {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  let nullCount = 0;
  for (let row = 0; row < values.length; row++) {
    if (values[row] === null) nullCount += 1;
    else nullBitmap[row >>> 3] = (nullBitmap[row >>> 3] ?? 0) | (1 << (row & 7));
  }
  return nullCount === 0 ? noNulls : { nullCount, nullBitmap };
}
