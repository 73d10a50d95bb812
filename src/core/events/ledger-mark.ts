/** How far events that were exported from a ledger go: a column of theirs says of each which entry it was. */
import { abortError } from '../errors.js';
import { ledgerColumn, parseLedgerCell, type LedgerCell } from '../numeric/ledger-cell.js';
import type { DuckdbSession } from './duckdb-session.js';
import type { EventSource } from './event-source.js';
import type { ReadingContext } from './files/input-file.js';
import { recordsOf } from './row-records.js';
import { columnNames } from './row-source.js';
import { scan, textOf } from './row-sql.js';

/** The last entry of the ledger whose events these are; undefined where there are none of a ledger, or of several. */
export async function findLedgerMark(
  sources: readonly EventSource[],
  session: DuckdbSession,
  context: ReadingContext,
): Promise<LedgerCell | undefined> {
  const marks: LedgerCell[] = [];
  for (const source of sources) {
    const column = columnNames(source)?.indexOf(ledgerColumn) ?? -1;
    if (column < 0) continue;
    const latest = await latestCell(source, column, session, context);
    const mark = parseLedgerCell(latest ?? '');
    if (mark !== undefined) marks.push(mark);
  }
  const [first] = marks;
  if (first === undefined || marks.every(({ ledger }) => ledger === first.ledger))
    return marks.reduce<LedgerCell | undefined>(
      (last, mark) => (last && last.seq > mark.seq ? last : mark),
      first,
    );
  const message =
    'the events are of several ledgers: which of them a ledger holds, their times alone will say';
  context.onProgress({ kind: 'warning', message });
  return undefined;
}

/** The largest text of a column. Rows that DuckDB cannot read are gone through one by one. */
async function latestCell(
  source: EventSource,
  column: number,
  session: DuckdbSession,
  context: ReadingContext,
): Promise<string | undefined> {
  const sql = `SELECT max(${textOf(source, column)}) FROM ${scan(source, [column], 1)}`;
  try {
    const [[latest] = []] = await session.rows(sql, [source.file.path]);
    return typeof latest === 'string' ? latest : undefined;
  } catch {
    if (context.signal.aborted) throw abortError(context.signal);
    let latest: string | undefined;
    for await (const batch of recordsOf(source, [column], () => Promise.resolve(session), context))
      for (const { cells } of batch) {
        const cell = cells[0] ?? '';
        if (latest === undefined || cell > latest) latest = cell;
      }
    return latest;
  }
}
