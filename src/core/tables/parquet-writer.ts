/**
 * Writing Parquet files batch by batch, in memory that does not grow with the file: a batch is a row group. pandas, Polars, DuckDB
 * and Spark read them; a column of vectors is one of arrays there. Values are stored plainly and uncompressed: floats of
 * vectors hardly compress, and whoever reads the file needs no codec. The same batches give the same bytes.
 */
import type { ColumnSource, SchemaElement, Writer } from 'hyparquet-writer';

/** A column of a file, in every batch of the same type. Only texts and whole numbers may be null. */
export interface ParquetColumn {
  readonly name: string;
  /** `int`: 64 bits. `vector`: as many f32 in every row; a LIST of FLOAT, which pandas gives as arrays. */
  readonly type: 'text' | 'int' | 'int32' | 'float32' | 'float64' | 'vector';
}

/** The values of a column in one batch. */
export type ParquetValues =
  | readonly (string | null)[]
  /** Safe integers. */
  | readonly (number | null)[]
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  /** [rows × dim]. */
  | { readonly vectors: Float32Array; readonly dim: number };

/** Both functions return what is to be written next, in pieces that are the caller's. */
export interface ParquetWriter {
  /** A row group of `numRows` rows, the values in the order of the columns. */
  write(numRows: number, values: readonly ParquetValues[]): Uint8Array[];
  /** The end of the file. */
  finish(): Uint8Array[];
}

/** @param metadata key → text, in the file's footer. Loads the library, about 10 ms. */
export async function openParquetWriter(
  columns: readonly ParquetColumn[],
  metadata: ReadonlyMap<string, string> = new Map(),
): Promise<ParquetWriter> {
  const { ByteWriter, ParquetWriter: Encoder } = await import('hyparquet-writer');
  let pieces: Uint8Array[] = [];
  const bytes = new ByteWriter();
  const writer: Writer = Object.assign(bytes, {
    flush() {
      pieces.push(bytes.getBytes().slice());
      bytes.index = 0;
    },
    finish: () => writer.flush?.(),
  });
  const encoder = new Encoder({
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
      const columnData = columns.map(({ name, type }, at): ColumnSource => ({
        name,
        data: dataOf(name, type, values[at], numRows),
        encoding: 'PLAIN',
      }));
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

function schemaOf({ name, type }: ParquetColumn): SchemaElement[] {
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
    case 'int32':
      return [{ name, type: 'INT32', repetition_type: 'REQUIRED' }];
    case 'float32':
      return [{ name, type: 'FLOAT', repetition_type: 'REQUIRED' }];
    case 'float64':
      return [{ name, type: 'DOUBLE', repetition_type: 'REQUIRED' }];
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

/** As the library takes it: whole numbers of 64 bits as bigint, vectors as plain arrays. */
function dataOf(
  name: string,
  type: ParquetColumn['type'],
  values: ParquetValues | undefined,
  numRows: number,
): ColumnSource['data'] {
  const wrong = (): RangeError =>
    new RangeError(`column ${name}: the values are not ${numRows} rows of ${type}`);
  if (values === undefined) throw wrong();
  if ('vectors' in values) {
    const { vectors, dim } = values;
    if (type !== 'vector' || vectors.length !== numRows * dim) throw wrong();
    return Array.from({ length: numRows }, (_, row) =>
      Array.from(vectors.subarray(row * dim, (row + 1) * dim)),
    );
  }
  if (type === 'vector' || values.length !== numRows) throw wrong();
  if (type !== 'int') return values as ColumnSource['data'];
  return Array.from({ length: numRows }, (_, row) => {
    const value = values[row] ?? null;
    return value === null ? null : BigInt(value);
  });
}
