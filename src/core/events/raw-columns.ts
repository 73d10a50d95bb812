/**
 * The columns of a DuckDB chunk as typed arrays over DuckDB's own memory: valid as long as the chunk is
 * held, and only for columns without NULLs. Reading value by value would take longer than the query itself.
 *
 * The vectors of @duckdb/node-api hold these arrays in a property that its types call private; each is checked.
 */
import type { DuckDBDataChunk } from '@duckdb/node-api';

/** A BIGINT column as 32-bit words, low before high. */
export function bigintWords(chunk: DuckDBDataChunk, column: number): Uint32Array {
  const items = itemsOf(chunk, column);
  if (!(items instanceof BigInt64Array)) throw otherType(chunk, column, 'BIGINT');
  return new Uint32Array(items.buffer, items.byteOffset, 2 * items.length);
}

/** A UINTEGER column. */
export function integers(chunk: DuckDBDataChunk, column: number): Uint32Array {
  const items = itemsOf(chunk, column);
  if (!(items instanceof Uint32Array)) throw otherType(chunk, column, 'UINTEGER');
  return items;
}

export function doubles(chunk: DuckDBDataChunk, column: number): Float64Array {
  const items = itemsOf(chunk, column);
  if (!(items instanceof Float64Array)) throw otherType(chunk, column, 'DOUBLE');
  return items;
}

/** A UTINYINT column. */
export function smallIntegers(chunk: DuckDBDataChunk, column: number): Uint8Array {
  const items = itemsOf(chunk, column);
  if (!(items instanceof Uint8Array)) throw otherType(chunk, column, 'UTINYINT');
  return items;
}

function itemsOf(chunk: DuckDBDataChunk, column: number): unknown {
  const vector: object = chunk.getColumnVector(column);
  return 'items' in vector ? vector.items : undefined;
}

function otherType(chunk: DuckDBDataChunk, column: number, wanted: string): TypeError {
  return new TypeError(`a column of type ${chunk.getColumnVector(column).type.toString()}, wanted ${wanted}`);
}
