/**
 * The careful reading of a file of events: record by record, by the rules of event-rules.ts. It names the first bad row,
 * or leaves bad rows out and counts them; what holds goes into a table of DuckDB's. Several times slower than the SQL
 * of event-sql.ts, and only used where that gave up.
 */
import type { DuckDBAppender, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { abortError } from '../errors.js';
import type { DuckdbSession } from './duckdb-session.js';
import { artistOf, type SkippedRow } from './event-of-record.js';
import { badRow, eventRecords } from './event-records.js';
import type { ParsedEvent } from './event-rules.js';
import type { EventSource } from './event-source.js';
import type { ReadingContext } from './files/input-file.js';

export interface CarefulResult {
  /** Table with u, i, w, t, y, and a: the artist beside a title. */
  readonly table: string;
  readonly rows: number;
  readonly skippedRows: number;
  /** The first few. */
  readonly examples: readonly SkippedRow[];
}

export interface CarefulOptions {
  readonly skipBadRows: boolean;
  /** How many skipped rows to show. */
  readonly maxExamples: number;
}

/** Throws AppError 'bad-row' for the first bad row, unless they are skipped. */
export async function readCarefully(
  source: EventSource,
  session: DuckdbSession,
  { skipBadRows, maxExamples }: CarefulOptions,
  context: ReadingContext,
): Promise<CarefulResult> {
  const table = `careful_${source.index}`;
  await session.rows(
    `CREATE OR REPLACE TABLE ${table} (u VARCHAR, i VARCHAR, w BIGINT, t DOUBLE, y UTINYINT, a VARCHAR)`,
  );
  const writer = await openWriter(table, session);
  const examples: SkippedRow[] = [];
  let skippedRows = 0;
  try {
    for await (const batch of eventRecords(source, session, context, artistOf(source))) {
      if (context.signal.aborted) throw abortError(context.signal);
      for (const { event, bad, advice, more } of batch) {
        if (event !== undefined) writer.push(event, more[0] ?? null);
        if (bad === undefined) continue;
        if (!skipBadRows) throw badRow(source, bad, advice);
        skippedRows += 1;
        if (examples.length < maxExamples) examples.push(bad);
      }
    }
    writer.finish();
  } finally {
    writer.close();
  }
  return { table, rows: writer.rows(), skippedRows, examples };
}

const chunkRows = 2048;

/** Gathers events into chunks of DuckDB's. */
async function openWriter(
  table: string,
  session: DuckdbSession,
): Promise<{
  push(event: ParsedEvent, artist: string | null): void;
  finish(): void;
  close(): void;
  rows(): number;
}> {
  const { duckdb } = session;
  const appender: DuckDBAppender = await session.connection.createAppender(table);
  const { VARCHAR } = duckdb;
  const types: DuckDBType[] = [VARCHAR, VARCHAR, duckdb.BIGINT, duckdb.DOUBLE, duckdb.UTINYINT, VARCHAR];
  // One chunk for all rows: DuckDB's memory of a dropped one is only given back when JavaScript collects its garbage.
  const chunk = duckdb.DuckDBDataChunk.create(types);
  const columns: DuckDBValue[][] = types.map(() => []);
  let rows = 0;
  const flush = (): void => {
    const count = columns[0]!.length;
    if (count === 0) return;
    chunk.reset();
    chunk.rowCount = count;
    for (const [at, values] of columns.entries()) {
      chunk.setColumnValues(at, values);
      values.length = 0;
    }
    appender.appendDataChunk(chunk);
  };
  return {
    push({ user, item, weight, time, type }, artist) {
      for (const [at, value] of [user, item, weight, time, type, artist].entries()) columns[at]!.push(value);
      rows += 1;
      if (columns[0]!.length === chunkRows) flush();
    },
    finish: flush,
    close: () => appender.closeSync(),
    rows: () => rows,
  };
}
