/**
 * The columns of a DuckDB chunk as typed arrays over DuckDB's own memory: valid until the next chunk is asked for, and
 * only for columns without NULLs. Reading value by value would take longer than the query itself.
 */
import type { DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';
import type { DuckdbModule } from './duckdb-session.js';

/** A BIGINT column as 32-bit words, low before high. */
export function bigintWords(duckdb: DuckdbModule, chunk: DuckDBDataChunk, column: number): Uint32Array {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof duckdb.DuckDBBigIntVector)) throw otherType(vector, 'BIGINT');
  const items = vector['items'];
  return new Uint32Array(items.buffer, items.byteOffset, 2 * items.length);
}

export function doubles(duckdb: DuckdbModule, chunk: DuckDBDataChunk, column: number): Float64Array {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof duckdb.DuckDBDoubleVector)) throw otherType(vector, 'DOUBLE');
  return vector['items'];
}

export function smallIntegers(duckdb: DuckdbModule, chunk: DuckDBDataChunk, column: number): Uint8Array {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof duckdb.DuckDBUTinyIntVector)) throw otherType(vector, 'UTINYINT');
  return vector['items'];
}

function otherType(vector: DuckDBVector, wanted: string): TypeError {
  return new TypeError(`a column of DuckDB's is ${vector.type.toString()}, wanted ${wanted}`);
}
