/** A table of DuckDB's, written row by row. */
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { DuckdbSession } from './duckdb-session.js';

export interface TableWriter {
  push(row: readonly DuckDBValue[]): void;
  finish(): void;
  close(): void;
  rows(): number;
}

const chunkRows = 2048;

/** An empty table in the place of what has its name; rows are gathered into chunks. */
export async function openTable(
  table: string,
  columns: Readonly<Record<string, DuckDBType>>,
  { duckdb, connection, rows: run }: DuckdbSession,
): Promise<TableWriter> {
  const types = Object.values(columns);
  const named = Object.entries(columns).map(([name, type]) => `"${name}" ${type.toString()}`);
  await run(`CREATE OR REPLACE TABLE ${table} (${named.join(', ')})`);
  const appender = await connection.createAppender(table);
  // One chunk for all rows: DuckDB's memory of a dropped one is only given back when JavaScript collects its garbage.
  const chunk = duckdb.DuckDBDataChunk.create(types);
  const gathered: DuckDBValue[][] = types.map(() => []);
  let rows = 0;
  const flush = (): void => {
    const count = gathered[0]!.length;
    if (count === 0) return;
    chunk.reset();
    chunk.rowCount = count;
    for (const [at, values] of gathered.entries()) {
      chunk.setColumnValues(at, values);
      values.length = 0;
    }
    appender.appendDataChunk(chunk);
  };
  return {
    push(row) {
      for (const [at, value] of row.entries()) gathered[at]!.push(value);
      rows += 1;
      if (gathered[0]!.length === chunkRows) flush();
    },
    finish: flush,
    close: () => {
      appender.closeSync();
    },
    rows: () => rows,
  };
}
