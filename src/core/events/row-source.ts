/** A file of rows, looked at: its format and its columns, whatever these mean. */
import { AppError } from '../errors.js';
import type { DuckdbSession } from './duckdb-session.js';
import type { Dialect } from './files/delimited-records.js';
import { delimiterInWords, delimiterWord, otherDelimiter, type GivenDialect } from './files/delimiters.js';
import { shapeOf } from './files/file-shape.js';
import type { FileFormat, InputFile, RowFormat } from './files/input-file.js';

export interface RowSource {
  /** Position among the files, from 0. */
  readonly index: number;
  readonly file: InputFile;
  readonly format: RowFormat;
  /** Columns: of the header (or `1`, `2` … without one), keys, or Parquet columns. */
  readonly names: readonly string[];
  /** Parquet's type of each column, as DuckDB names it. */
  readonly types?: readonly string[];
  /** JSON Lines: the keys that hold arrays. */
  readonly lists?: readonly string[];
  /** JSON Lines: whether values are arrays or objects. */
  readonly nested?: boolean;
  /** JSON Lines: columns that are read as JSON, where a text looks as an object or an array does. */
  readonly asJson?: readonly number[];
  /** Delimited files only. */
  readonly dialect?: Dialect;
  readonly header: boolean;
  /** The column that numbers the rows of a view, some of which may be left out. */
  readonly rowColumn?: string;
  /** Delimited files, and JSON Lines: cells of the first row, to guess by what most rows look like. */
  readonly sample?: readonly string[] | undefined;
  /** Delimited files: empty lines before the first record. */
  readonly blankLines: number;
}

/** The same of any form. */
export type FoundRows = Omit<RowSource, 'format'> & { readonly format: FileFormat };
/** Or of a query. */
export type AnyRows = Omit<RowSource, 'format'> & { readonly format: FileFormat | 'sql' };

/** The first record of a delimited file, and some that follow. */
export interface FirstRecord {
  readonly file: InputFile;
  readonly first: readonly string[];
  readonly below: readonly (readonly string[])[];
  readonly delimiter: string;
}

/**
 * Looks at a file; undefined where it is empty. `isHeader` says whether the first record of a delimited file has the
 * names of its columns.
 * Throws AppError 'bad-input-file'.
 */
export async function lookAtRows(
  index: number,
  file: InputFile,
  dialect: GivenDialect,
  delimiterOption: string,
  isHeader: (record: FirstRecord) => boolean,
  columns: (file: InputFile) => Promise<Pick<RowSource, 'names' | 'types'>>,
): Promise<FoundRows | undefined> {
  const shape = shapeOf(file, dialect, delimiterOption);
  const plain = { index, file, header: false, blankLines: 0 };
  switch (shape.format) {
    case 'empty':
      return undefined;
    case 'parquet':
      return { ...plain, format: 'parquet', ...(await columns(file)) };
    case 'jsonl':
      return { ...plain, ...shape, names: shape.keys };
    case 'json':
    case 'duckdb':
      return { ...plain, format: shape.format, names: [] };
    case 'csv':
    case 'tsv': {
      const { first, below, notUtf8, blankLines, delimiter, quote } = shape;
      const header = isHeader({ file, first, below, delimiter });
      if (header && notUtf8) {
        const { name, encoding = 'UTF-8' } = file;
        const line = blankLines + 1;
        throw new AppError('bad-input-file', `${name} line ${line}, its header, is not ${encoding}`, {
          suggestions: [howToSayTheEncoding],
          details: { file: name, line },
        });
      }
      return {
        index,
        file,
        format: shape.format,
        names: header ? first : first.map((_, at) => String(at + 1)),
        dialect: { delimiter, quote },
        header,
        sample: header ? below[0] : first,
        blankLines,
      };
    }
  }
}

/** Names of the columns as they are called where there are names: undefined for a delimited file without a header. */
export function columnNames({
  dialect,
  header,
  names,
}: Pick<RowSource, 'dialect' | 'header' | 'names'>): readonly string[] | undefined {
  return dialect !== undefined && !header ? undefined : names;
}

/**
 * Of a delimited file with one column. `wanted` is the end of a sentence about how many there should be.
 * @param option what the option for the delimiter is called
 */
export function oneColumn(
  { file, dialect, names, header }: RowSource,
  wanted: string,
  option: string,
): AppError {
  const delimiter = dialect?.delimiter ?? '';
  const first = header ? (names[0] ?? '') : file.head.toString('utf8', 0, 200).split('\n', 1)[0]!;
  const other = otherDelimiter(first, delimiter);
  const looks = other === undefined ? '' : `, and its first line looks separated by ${JSON.stringify(other)}`;
  return new AppError(
    'bad-input-file',
    `${file.name} has one column when split at ${delimiterInWords(delimiter)}${looks}; ${wanted}`,
    {
      suggestions: [
        ...(other === ' ' ? ['If every line is a user and then their items, say so: `format` lightgcn'] : []),
        `Give its column separator: \`${option}\` ${other === undefined ? 'TEXT' : delimiterWord(other)}`,
      ],
      details: { file: file.name },
    },
  );
}

/** What to do where a column is missing, if another mark stands in the first line as often as the one it was cut at. */
export function otherDelimiterAdvice(
  names: readonly string[],
  delimiter: string | undefined,
  option: string,
): string[] {
  if (delimiter === undefined) return [];
  const line = names.join(delimiter);
  const other = otherDelimiter(line, delimiter);
  if (other === undefined || other === ' ' || other === ',') return [];
  if (line.split(other).length < line.split(delimiter).length) return [];
  return [`If ${JSON.stringify(other)} separates its columns, say so: \`${option}\` ${delimiterWord(other)}`];
}

/** What to do about text that is not UTF-8. */
export const howToSayTheEncoding =
  'Give its encoding, such as `encoding` windows-1252, macintosh or shift_jis.';

export function unreadableParquet(name: string, error: unknown): AppError {
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  const details = { file: name, reason };
  if (/not valid UTF8|invalid string encoding/i.test(reason)) {
    const value = /value "(.*)" is not valid/.exec(reason)?.[1];
    const shown = value === undefined ? '' : `: ${JSON.stringify(value.slice(0, 100))}`;
    return new AppError(
      'bad-input-file',
      `${name} holds text that is not UTF-8, which Parquet requires${shown}`,
      {
        suggestions: ['Decode the text in the program that writes the file.'],
        details,
        cause: error,
      },
    );
  }
  return new AppError('bad-input-file', `${name} cannot be read as Parquet; it is damaged or truncated`, {
    details,
    cause: error,
  });
}

/** Names and types of a Parquet file's columns. AppError 'bad-input-file'. */
export async function columnsOfParquet(
  file: InputFile,
  session: DuckdbSession,
): Promise<{ names: string[]; types: string[] }> {
  try {
    const rows = await session.rows(
      'DESCRIBE SELECT * FROM read_parquet($1, hive_partitioning = false, binary_as_string = true)',
      [file.path],
    );
    return { names: rows.map(([name]) => name as string), types: rows.map(([, type]) => type as string) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreadableParquet(file.name, error);
  }
}
