/**
 * Writing Arrow IPC files (Feather version 2) batch by batch, uncompressed: pandas, Polars and DuckDB read them, and map
 * them into memory. A column of vectors is a FixedSizeList of f32. The same batches give the same bytes.
 */
import type * as arrowModule from 'apache-arrow';
import type { Data, DataType } from 'apache-arrow';
import { nullsOf, textData } from './arrow-writer.js';
import { StringColumnBuilder } from './string-column.js';
import {
  checkedValues,
  int64Values,
  type ColumnValues,
  type TableColumn,
  type TableWriter,
} from './table-writer.js';

type Arrow = typeof arrowModule;

/** @param metadata key → text, of the schema. Loads Arrow, 60–100 ms. */
export async function openArrowBatchWriter(
  columns: readonly TableColumn[],
  metadata: ReadonlyMap<string, string> = new Map(),
): Promise<TableWriter> {
  const arrow = await import('apache-arrow');
  const fields = columns.map((column) => {
    const isNullable = column.type === 'text' || column.type === 'int';
    return new arrow.Field(column.name, typeOf(arrow, column), isNullable);
  });
  const schema = new arrow.Schema(fields, new Map(metadata));
  const struct = new arrow.Struct(fields);

  // The writer's own queue would join all pieces in a copy of the file.
  class Pieces extends arrow.AsyncByteQueue {
    private list: Uint8Array[] = [];
    override write(piece: Uint8Array): void {
      this.list.push(piece);
    }
    take(): Uint8Array[] {
      const taken = this.list;
      this.list = [];
      return taken;
    }
  }
  const pieces = new Pieces();
  const writer = new arrow.RecordBatchFileWriter();
  writer.reset(pieces, schema);
  return {
    write(numRows, values) {
      const children = columns.map((column, at) =>
        dataOf(arrow, column, checkedValues(column, values[at], numRows)),
      );
      const data = arrow.makeData({ type: struct, length: numRows, nullCount: 0, children });
      if (numRows > 0) writer.write(new arrow.RecordBatch(schema, data));
      return pieces.take();
    },
    finish() {
      writer.finish();
      return pieces.take();
    },
  };
}

function typeOf(arrow: Arrow, { type, dim = 0 }: TableColumn): DataType {
  switch (type) {
    case 'text':
      return new arrow.Utf8();
    case 'int':
      return new arrow.Int64();
    case 'int32':
      return new arrow.Int32();
    case 'float32':
      return new arrow.Float32();
    case 'float64':
      return new arrow.Float64();
    case 'vector':
      return new arrow.FixedSizeList(dim, new arrow.Field('item', new arrow.Float32(), false));
  }
}

function dataOf(arrow: Arrow, column: TableColumn, values: ColumnValues): Data {
  const { name, type, dim = 0 } = column;
  switch (type) {
    case 'text': {
      const text = new StringColumnBuilder(`values of ${name}`, values.length);
      for (const value of values) text.push(value === null ? '' : String(value));
      return textData(arrow, text.finish(), nullsOf(values));
    }
    case 'int':
      return arrow.makeData({
        type: new arrow.Int64(),
        data: int64Values(values),
        ...(Array.isArray(values) ? nullsOf(values) : {}),
      });
    case 'int32':
      return arrow.makeData({ type: new arrow.Int32(), data: values as Int32Array });
    case 'float32':
      return arrow.makeData({ type: new arrow.Float32(), data: values as Float32Array });
    case 'float64':
      return arrow.makeData({ type: new arrow.Float64(), data: values as Float64Array });
    case 'vector': {
      const child = arrow.makeData({ type: new arrow.Float32(), data: values as Float32Array });
      const list = new arrow.FixedSizeList(dim, new arrow.Field('item', new arrow.Float32(), false));
      return arrow.makeData({ type: list, length: values.length / dim, nullCount: 0, child });
    }
  }
}
