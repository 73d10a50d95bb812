/**
 * Writing Arrow IPC files (Feather version 2) batch by batch, uncompressed: pandas, Polars and DuckDB read them, and map
 * them into memory. A column of vectors is a FixedSizeList of f32. The same batches give the same bytes.
 */
import type * as arrowModule from 'apache-arrow';
import type { Data, DataType } from 'apache-arrow';
import { nullsOf, openArrowFile, textCells } from './arrow-writer.js';
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
  const file = openArrowFile(arrow, fields, metadata);
  return {
    write(numRows, values) {
      const children = columns.map((column, at) =>
        dataOf(arrow, column, checkedValues(column, values[at], numRows)),
      );
      return numRows > 0 ? file.write(numRows, children) : [];
    },
    finish: () => file.finish(),
  };
}

function typeOf(arrow: Arrow, { type, dim = 0 }: TableColumn): DataType {
  switch (type) {
    case 'text':
      return new arrow.Utf8();
    case 'int':
      return new arrow.Int64();
    case 'real':
      return new arrow.Float32();
    case 'vector':
      return new arrow.FixedSizeList(dim, new arrow.Field('item', new arrow.Float32(), false));
  }
}

function dataOf(arrow: Arrow, column: TableColumn, values: ColumnValues): Data {
  const { name, type, dim = 0 } = column;
  switch (type) {
    case 'text':
      return textCells(arrow, name, values as readonly (string | null)[]);
    case 'int':
      return arrow.makeData({
        type: new arrow.Int64(),
        data: int64Values(values),
        ...(Array.isArray(values) ? nullsOf(values) : {}),
      });
    case 'real':
      return arrow.makeData({ type: new arrow.Float32(), data: values as Float32Array });
    case 'vector': {
      const child = arrow.makeData({ type: new arrow.Float32(), data: values as Float32Array });
      const list = new arrow.FixedSizeList(dim, new arrow.Field('item', new arrow.Float32(), false));
      return arrow.makeData({ type: list, length: values.length / dim, nullCount: 0, child });
    }
  }
}
