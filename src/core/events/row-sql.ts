/** A file of rows as SQL: a table function over its path, and its cells as text. Names are quoted; paths are parameters. */
import type { RowSource } from './row-source.js';

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The column as the scan names it, quoted. */
export function columnOf(source: RowSource, column: number): string {
  const name = source.dialect === undefined ? source.names[column]! : `c${column}`;
  return `"${name.replaceAll('"', '""')}"`;
}

/** A cell as VARCHAR; NULL where it is empty. */
export function textOf(source: RowSource, column: number): string {
  const name = columnOf(source, column);
  const type = source.types?.[column];
  if (type === undefined || type === 'VARCHAR') return name;
  if (type.startsWith('TIMESTAMP')) return `${name}::TIMESTAMP::VARCHAR`;
  if (type !== 'DOUBLE' && type !== 'FLOAT') return `${name}::VARCHAR`;
  // A whole number that was stored as a fraction, as pandas stores a column with gaps, is 12 and not 12.0.
  return (
    `CASE WHEN isnan(${name}) THEN NULL ` +
    `WHEN isfinite(${name}) AND trunc(${name}) = ${name} AND abs(${name}) < 1e15 THEN ${name}::BIGINT::VARCHAR ` +
    `ELSE ${name}::VARCHAR END`
  );
}

/** The column that says which file a row is from, where several are read at once. */
export const fileColumn = 'segue_file';

/**
 * The table function that reads the file whose path is $parameter, or the files whose paths are its list, all of the shape
 * of `source`; these have fileColumn too. `columns` are those that are used.
 */
export function scan(source: RowSource, columns: readonly number[], parameter: number, many = false): string {
  const shared = `hive_partitioning = false${many ? `, filename = '${fileColumn}'` : ''}`;
  switch (source.format) {
    case 'parquet':
      return `read_parquet($${parameter}, binary_as_string = true, ${shared})`;
    case 'jsonl': {
      const names = [...new Set(columns)].map((column) => `${literal(source.names[column]!)}: 'VARCHAR'`);
      return (
        `read_json($${parameter}, format = 'newline_delimited', compression = 'uncompressed', ${shared}, ` +
        `columns = {${names.join(', ')}})`
      );
    }
    case 'csv':
    case 'tsv': {
      const { delimiter, quote } = source.dialect!;
      const all = source.names.map((_, at) => `'c${at}': 'VARCHAR'`).join(', ');
      return (
        `read_csv($${parameter}, auto_detect = false, header = false, skip = ${source.header ? 1 : 0}, ` +
        `delim = ${literal(delimiter)}, quote = ${literal(quote)}, escape = ${literal(quote)}, comment = '', ` +
        `nullstr = '', strict_mode = true, compression = 'none', ${shared}, columns = {${all}})`
      );
    }
  }
}
