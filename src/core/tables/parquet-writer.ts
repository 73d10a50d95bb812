/**
 * Writing Parquet files batch by batch: a batch is a row group. pandas, Polars, DuckDB and Spark read them; a column of
 * vectors is one of arrays there. Values are stored plainly and uncompressed: floats of vectors hardly compress, and
 * whoever reads the file needs no codec. The same batches give the same bytes.
 */
import type { ColumnSource, SchemaElement, Writer } from 'hyparquet-writer';
import { checkedValues, type ColumnValues, type TableColumn, type TableWriter } from './table-writer.js';

/** @param metadata key → text, in the file's footer. Loads the library, about 10 ms. */
export async function openParquetWriter(
  columns: readonly TableColumn[],
  metadata: ReadonlyMap<string, string> = new Map(),
): Promise<TableWriter> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  let pieces: Uint8Array[] = [];
  const bytes = new ByteWriter();
  const writer: Writer = Object.assign(bytes, {
    flush() {
      pieces.push(bytes.getBytes().slice());
      bytes.index = 0;
    },
    finish: () => writer.flush?.(),
  });
  const encoder = new ParquetWriter({
    writer,
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(schemaOf)],
    codec: 'UNCOMPRESSED',
    statistics: false,
    createdBy: 'segue',
    kvMetadata: [...metadata].map(([key, value]) => ({ key, value })),
  });
  const taken = (): Uint8Array[] => {
    const all = pieces;
    pieces = [];
    return all;
  };
  return {
    write(numRows, values) {
      const columnData = columns.map((column, at): ColumnSource => {
        const data = dataOf(column, checkedValues(column, values[at], numRows));
        return { name: column.name, data, encoding: 'PLAIN' };
      });
      // A row group without rows would be none.
      if (numRows > 0) void encoder.write({ columnData, rowGroupSize: numRows });
      return taken();
    },
    finish() {
      void encoder.finish();
      return taken();
    },
  };
}

function schemaOf({ name, type }: TableColumn): SchemaElement[] {
  switch (type) {
    case 'text':
      return [
        {
          ...{ name, type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
          ...{ converted_type: 'UTF8', logical_type: { type: 'STRING' } },
        },
      ];
    case 'int':
      return [{ name, type: 'INT64', repetition_type: 'OPTIONAL' }];
    case 'real':
      return [{ name, type: 'FLOAT', repetition_type: 'REQUIRED' }];
    case 'vector':
      return [
        {
          ...{ name, repetition_type: 'REQUIRED', num_children: 1 },
          ...{ converted_type: 'LIST', logical_type: { type: 'LIST' } },
        },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
      ];
  }
}

/** As the library takes it: 64-bit numbers as bigint, vectors as plain arrays. */
function dataOf({ type, dim = 0 }: TableColumn, values: ColumnValues): ColumnSource['data'] {
  if (type === 'vector') {
    const floats = values as Float32Array;
    return Array.from({ length: dim === 0 ? 0 : floats.length / dim }, (_, row) =>
      Array.from(floats.subarray(row * dim, (row + 1) * dim)),
    );
  }
  if (type !== 'int') return values as ColumnSource['data'];
  return Array.from({ length: values.length }, (_, row) => {
    const value = values[row] ?? null;
    return value === null ? null : BigInt(value);
  });
}
