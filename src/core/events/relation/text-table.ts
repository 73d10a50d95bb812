/** A delimited file as a table of texts, record by record: where DuckDB's reader gives up, a bad row is named by its line. */
import { AppError } from '../../errors.js';
import type { DuckdbSession } from '../duckdb-session.js';
import type { ReadingContext } from '../files/input-file.js';
import { recordsOf } from '../row-records.js';
import type { RowSource } from '../row-source.js';
import { openTable } from '../table-writer.js';

/** The table's name. AppError 'bad-row' for the first bad row, unless they are skipped. */
export async function textTable(
  source: RowSource,
  session: DuckdbSession,
  skipBadRows: boolean,
  context: ReadingContext,
): Promise<string> {
  const { VARCHAR } = session.duckdb;
  const table = `text_${String(source.index)}`;
  const columns = source.names.map((_, at) => at);
  const writer = await openTable(
    table,
    Object.fromEntries(columns.map((at) => [`c${String(at)}`, VARCHAR])),
    session,
  );
  let skipped = 0;
  try {
    for await (const batch of recordsOf(source, columns, () => Promise.resolve(session), context))
      for (const { line, cells, problem, badCell, advice } of batch) {
        const wrong = problem ?? badCell?.problem;
        if (wrong === undefined) writer.push(cells.map((cell) => (cell === '' ? null : cell)));
        else if (skipBadRows) skipped += 1;
        else {
          const { name } = source.file;
          throw new AppError('bad-row', `${name} line ${String(line)} ${wrong}`, {
            suggestions: [
              ...(advice === undefined ? [] : [advice]),
              'Fix the row, or leave out such rows with `skipBadRows`.',
            ],
            details: { file: name, line },
          });
        }
      }
    writer.finish();
  } finally {
    writer.close();
  }
  if (skipped > 0)
    context.onProgress({
      kind: 'warning',
      message: `bad rows skipped of ${source.file.name}: ${String(skipped)}`,
    });
  return table;
}
