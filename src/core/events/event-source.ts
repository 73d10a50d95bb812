/** One file of events, looked at: its shape and where its columns are. */
import { AppError } from '../errors.js';
import type { ColumnChoice, EventRole, RoleColumns } from './column-roles.js';
import { eventRoles, findColumns, looksLikeHeader, plainName } from './column-roles.js';
import type { DuckdbSession } from './duckdb-session.js';
import type { Dialect, FileFormat } from './file-shape.js';
import { shapeOf } from './file-shape.js';
import type { InputFile } from './input-files.js';

export interface EventSource {
  /** Position among the files, from 0. */
  readonly index: number;
  readonly file: InputFile;
  readonly format: FileFormat;
  readonly columns: RoleColumns<EventRole>;
  /** All columns: of the header (or `1`, `2` … without one), keys, or Parquet columns. */
  readonly names: readonly string[];
  /** Parquet's type of each column, as DuckDB names it. */
  readonly types?: readonly string[];
  /** Delimited files only. */
  readonly dialect?: Dialect;
  readonly header: boolean;
  /** Records (empty lines included) before the first event. */
  readonly skip: number;
  /** JSON Lines: no weight key was seen, so a line without one weighs 1. */
  readonly weightOptional: boolean;
}

/** Looks at a file; undefined where it is empty. Throws AppError 'bad-input-file'. */
export async function lookAtEvents(
  index: number,
  file: InputFile,
  choices: ReadonlyMap<EventRole, ColumnChoice>,
  quote: string | undefined,
  session: DuckdbSession,
): Promise<EventSource | undefined> {
  const shape = shapeOf(file, quote);
  const { name } = file;
  switch (shape.format) {
    case 'empty':
      return undefined;
    case 'parquet': {
      const { names, types } = await parquetColumns(file, session);
      const columns = findColumns(name, names, names.length, choices, eventRoles);
      for (const [role, column] of Object.entries(columns))
        checkParquetType(name, role, names[column], types[column]);
      return {
        index,
        file,
        format: 'parquet',
        columns,
        names,
        types,
        header: false,
        skip: 0,
        weightOptional: false,
      };
    }
    case 'jsonl': {
      const names = [...shape.keys];
      const wanted = withOptionalKeys(names, choices);
      const columns = findColumns(name, names, names.length, choices, eventRoles);
      return { index, file, format: 'jsonl', columns, names, header: false, skip: 0, weightOptional: wanted };
    }
    case 'csv':
    case 'tsv': {
      const { first, blankLines, delimiter } = shape;
      if (first.length < 2) throw tooNarrow(name, first[0] ?? '', delimiter);
      const header = looksLikeHeader(first, choices, eventRoles);
      const columns = findColumns(name, header ? first : undefined, first.length, choices, eventRoles);
      return {
        index,
        file,
        format: shape.format,
        columns,
        names: header ? first : first.map((_, at) => String(at + 1)),
        dialect: { delimiter, quote: shape.quote },
        header,
        skip: blankLines + (header ? 1 : 0),
        weightOptional: false,
      };
    }
  }
}

/**
 * A key may turn up later than in the first lines that were looked at, so the optional ones are always asked for by
 * their plain names. Returns whether the weight is one of these.
 */
function withOptionalKeys(names: string[], choices: ReadonlyMap<EventRole, ColumnChoice>): boolean {
  let weightAdded = false;
  const plain = new Set(names.map(plainName));
  for (const { role, required, names: usual } of eventRoles) {
    if (required || choices.has(role) || usual.some((name) => plain.has(name))) continue;
    names.push(role);
    if (role === 'weight') weightAdded = true;
  }
  return weightAdded;
}

export async function parquetColumns(
  file: InputFile,
  session: DuckdbSession,
): Promise<{ names: string[]; types: string[] }> {
  try {
    const rows = await session.rows(
      'DESCRIBE SELECT * FROM read_parquet($1, hive_partitioning = false, binary_as_string = true)',
      [file.path],
    );
    return { names: rows.map((row) => String(row[0])), types: rows.map((row) => String(row[1])) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreadableParquet(file.name, error);
  }
}

export function unreadableParquet(name: string, error: unknown): AppError {
  const reason = String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
  return new AppError('bad-input-file', `${name} cannot be read as Parquet; it is damaged or cut off`, {
    details: { file: name, reason },
    cause: error,
  });
}

function checkParquetType(name: string, role: string, column = '', type = ''): void {
  if (!/\[\]|^STRUCT|^MAP|^UNION|^LIST/.test(type)) return;
  throw new AppError(
    'bad-input-file',
    `${name}: the ${role} column "${column}" holds ${type}; a plain value is wanted`,
    {
      details: { file: name, role, column, type },
    },
  );
}

function tooNarrow(name: string, line: string, delimiter: string): AppError {
  const other = [';', '|', delimiter === ',' ? '\t' : ',', ' '].find((mark) => line.includes(mark));
  const separated = delimiter === ',' ? 'commas' : 'tabs';
  const looks = other === undefined ? '' : `; its first line looks separated by ${JSON.stringify(other)}`;
  return new AppError(
    'bad-input-file',
    `${name} has one column when separated by ${separated}, and two are needed (user, item)${looks}`,
    {
      suggestions: [
        'A file whose name ends with .csv is separated by commas, with .tsv by tabs; others by what their first line holds.',
      ],
      details: { file: name },
    },
  );
}
