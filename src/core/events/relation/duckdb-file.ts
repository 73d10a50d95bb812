/** A database file of DuckDB's, attached read-only. */
import { quotedName, quotedText } from '../../expressions/sql.js';
import { AppError } from '../../errors.js';
import { fileWord } from '../../shell-word.js';
import type { DuckdbSession } from '../duckdb-session.js';
import type { InputFile } from '../files/input-file.js';

/** Its only table. AppError 'bad-input-file' where it has none, or several. */
export async function attachedTable(file: InputFile, session: DuckdbSession): Promise<string> {
  const database = `file_${/\d+$/.exec(file.path)?.[0] ?? '0'}`;
  const tables = await attach(file, database, session);
  const [only, ...more] = tables;
  if (only !== undefined && more.length === 0) return `${database}.${only}`;
  const names = tables.slice(0, 10).join(', ');
  throw new AppError(
    'bad-input-file',
    only === undefined
      ? `${file.name} is a database without a table`
      : `${file.name} is a database with ${String(tables.length)} tables: ${names}`,
    {
      suggestions:
        only === undefined
          ? []
          : [
              `Say which, by a query: \`sql\` 'select * from events1.${only}' (events1 is ${fileWord(file.name)})`,
            ],
      details: { file: file.name, tables },
    },
  );
}

/** Its tables and views, as SQL names them within it. AppError 'bad-input-file'. */
export async function attach(
  { path, name }: InputFile,
  database: string,
  session: DuckdbSession,
): Promise<string[]> {
  try {
    await session.rows(`ATTACH IF NOT EXISTS ${quotedText(path)} AS ${quotedName(database)} (READ_ONLY)`);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    throw new AppError('bad-input-file', `${name} cannot be opened as a DuckDB database`, {
      suggestions: ['Write the table as Parquet with the DuckDB that made it, and read that.'],
      details: { file: name, reason },
      cause: error,
    });
  }
  const rows = await session.rows(
    'SELECT schema_name, table_name FROM (FROM duckdb_tables() SELECT database_name, schema_name, table_name UNION ALL ' +
      'FROM duckdb_views() SELECT database_name, schema_name, view_name WHERE NOT internal) ' +
      `WHERE database_name = ${quotedText(database)} ORDER BY ALL`,
  );
  return rows.map(([schema, table]) =>
    schema === 'main'
      ? quotedName(String(table))
      : `${quotedName(String(schema))}.${quotedName(String(table))}`,
  );
}
