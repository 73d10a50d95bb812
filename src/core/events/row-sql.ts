/** A file of rows as SQL: a table function over its path, and its cells as text. Names are quoted; paths are parameters. */
import { quotedName, quotedText } from '../expressions/sql.js';
import type { RowSource } from './row-source.js';

/** The column as the scan names it, quoted: by its place in text, and in a view, where two names may differ in case alone. */
export function columnOf(source: RowSource, column: number): string {
  const isPlaced = source.dialect !== undefined || source.rowColumn !== undefined;
  const name = isPlaced ? `c${column}` : source.names[column]!;
  return quotedName(name);
}

/** A cell as VARCHAR; NULL where it is empty. */
export function textOf(source: RowSource, column: number): string {
  const name = columnOf(source, column);
  if (source.asJson?.includes(column) === true) return `(${name} ->> '$')`;
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

/** The column of a view that has a row's number in its file, from 1. */
export const rowColumn = 'segue_row';

/** The column that says which file a row is from, where several are read at once. */
export const fileColumn = 'segue_file';

/**
 * The table function that reads the file whose path is $parameter (or this SQL), or the files whose paths are its list, all of the shape
 * of `source`; these have fileColumn too. `columns` are those that are used.
 */
export function scan(
  source: RowSource,
  columns: readonly number[],
  parameter: number | string,
  many = false,
): string {
  const path = typeof parameter === 'number' ? `$${parameter}` : parameter;
  const shared = `hive_partitioning = false${many ? `, filename = '${fileColumn}'` : ''}`;
  switch (source.format) {
    case 'parquet':
      return `read_parquet(${path}, binary_as_string = true, ${shared})`;
    case 'jsonl': {
      const names = [...new Set(columns)].map((column) => {
        return `${quotedText(source.names[column]!)}: '${source.asJson?.includes(column) === true ? 'JSON' : 'VARCHAR'}'`;
      });
      return (
        `read_json(${path}, format = 'newline_delimited', compression = 'uncompressed', ${shared}, ` +
        `columns = {${names.join(', ')}})`
      );
    }
    case 'csv':
    case 'tsv': {
      const { delimiter, quote } = source.dialect!;
      const all = source.names.map((_, at) => `'c${at}': 'VARCHAR'`).join(', ');
      return (
        `read_csv(${path}, auto_detect = false, header = false, skip = ${source.header ? 1 : 0}, ` +
        `delim = ${quotedText(delimiter)}, quote = ${quotedText(quote)}, escape = ${quotedText(quote)}, comment = '', ` +
        `nullstr = '', strict_mode = true, compression = 'none', ${shared}, columns = {${all}})`
      );
    }
  }
}
