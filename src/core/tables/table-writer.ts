/** Writing a table batch by batch, in memory that does not grow with the file: what every format of it has in common. */

/** A column of a file, in every batch of the same type. Only texts and whole numbers may be null. */
export interface TableColumn {
  readonly name: string;
  /** `int`: 64 bits. `real`: f32. `vector`: as many f32 in every row, a list that pandas gives as arrays. */
  readonly type: 'text' | 'int' | 'real' | 'vector';
  /** Of a `vector`. */
  readonly dim?: number;
}

/** The values of a column in one batch; of a `vector` f32 [rows × dim]. */
export type ColumnValues =
  | readonly (string | null)[]
  /** Safe integers. */
  | readonly (number | null)[]
  | Uint32Array
  | Float32Array;

/** Both functions return what is to be written next, in pieces that are the caller's. */
export interface TableWriter {
  /** `numRows` rows, the values in the order of the columns. RangeError for values of another number or type. */
  write(numRows: number, values: readonly ColumnValues[]): Uint8Array[];
  /** The end of the file. */
  finish(): Uint8Array[];
}

/** The values of a column, held against what it is. */
export function checkedValues(
  column: TableColumn,
  values: ColumnValues | undefined,
  numRows: number,
): ColumnValues {
  const { name, type, dim = 0 } = column;
  const length = type === 'vector' ? numRows * dim : numRows;
  const isOfType =
    (type === 'text' && Array.isArray(values)) ||
    (type === 'int' && (Array.isArray(values) || values instanceof Uint32Array)) ||
    ((type === 'vector' || type === 'real') && values instanceof Float32Array);
  if (values !== undefined && isOfType && values.length === length) return values;
  throw new RangeError(`column ${name}: the values are not ${String(numRows)} rows of ${type}`);
}

/** 64-bit values of an `int` column; 0 where there is none. */
export function int64Values(values: ColumnValues): BigInt64Array {
  return BigInt64Array.from({ length: values.length }, (_, row) => BigInt(values[row] ?? 0));
}
