/**
 * The careful reading of a file of events: record by record, by the rules of event-rules.ts. It names the first bad row,
 * or leaves bad rows out and counts them; what holds goes into a table of DuckDB's. Several times slower than the SQL
 * of event-sql.ts, and only used where that gave up.
 */
import { abortError } from '../errors.js';
import type { DuckdbSession } from './duckdb-session.js';
import { artistOf, type SkippedRow } from './event-of-record.js';
import { badRow, eventRecords } from './event-records.js';
import type { EventSource } from './event-source.js';
import type { ReadingContext } from './files/input-file.js';
import { openTable } from './table-writer.js';

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
  const { VARCHAR, BIGINT, DOUBLE, UTINYINT } = session.duckdb;
  const types = { u: VARCHAR, i: VARCHAR, w: BIGINT, t: DOUBLE, y: UTINYINT, a: VARCHAR };
  const writer = await openTable(table, types, session);
  const examples: SkippedRow[] = [];
  let skippedRows = 0;
  try {
    for await (const batch of eventRecords(source, session, context, artistOf(source))) {
      if (context.signal.aborted) throw abortError(context.signal);
      for (const { event, bad, advice, more } of batch) {
        if (event !== undefined) {
          const { user, item, weight, time, type } = event;
          writer.push([user, item, weight, time, type, more[0] ?? null]);
        }
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
