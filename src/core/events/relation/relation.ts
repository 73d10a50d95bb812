/**
 * A file of any form as a relation of DuckDB's: its columns, and the fields of structures by dotted names. JSON is read with its
 * structure known beforehand, so that texts stay as they are written: no day and no number is guessed from one.
 */
import type { DuckDBType } from '@duckdb/node-api';
import { AppError } from '../../errors.js';
import { cellTypeOf, type SqlColumn, quotedName, quotedText } from '../../expressions/sql.js';
import type { DuckdbSession } from '../duckdb-session.js';
import { scan } from '../row-sql.js';
import { endsInLongLine } from '../files/last-line.js';
import type { ReadingContext } from '../files/input-file.js';
import { textTable } from './text-table.js';
import { unreadableParquet, type FoundRows } from '../row-source.js';
import { attachedTable } from './duckdb-file.js';
import { structureOf, type JsonReading } from './json-structure.js';

/** A column, or a field of one: `track_metadata.artist_name`. */
export interface Field extends SqlColumn {
  readonly name: string;
  /** Its value in SQL. */
  readonly sql: string;
  /** Its type, as DuckDB names it. */
  readonly duckType: string;
  /** Of texts that are numbers: the type that an expression calculates with. */
  readonly number?: string;
}

export interface Relation {
  /** What stands behind FROM. */
  readonly from: string;
  /** The columns by their own names, behind SELECT. */
  readonly select: string;
  readonly fields: readonly Field[];
  /** Whether its columns have no names but their positions. */
  readonly isPositional?: boolean;
  /** Where the only list of objects is within the only object of a file of JSON. */
  readonly rowsWithin?: readonly string[] | undefined;
}

/**
 * The rows of a file. @param typed whether numbers of JSON and of text have types of numbers, as SQL wants them; else all stay as they
 * are written. AppErrors 'bad-input-file', and 'bad-row' for a line that is not JSON unless bad rows are skipped.
 */
export async function relationOf(
  source: FoundRows,
  session: DuckdbSession,
  reading: JsonReading,
  context: ReadingContext,
): Promise<Relation> {
  const { typed, skipBadRows } = reading;
  const { file, format, names } = source;
  const path = quotedText(file.path);
  switch (format) {
    case 'jsonl':
    case 'json': {
      const { from, types, ...rest } = await structureOf(source, session, reading, context);
      const fields = await fieldsOf(from, session);
      return {
        ...{ from, select: '*', ...rest },
        fields: fields.map((field) => ({ ...field, ...types.get(field.name) })),
      };
    }
    case 'csv':
    case 'tsv': {
      const rows = { ...source, format };
      let from = scan(rows, [], path);
      const asked = names.flatMap((name, at) => (reading.isNamed?.(name) === false ? [] : [at]));
      let numbers;
      try {
        if (await endsInLongLine(file)) throw new Error('a line that DuckDB leaves out');
        // All of it is read: a bad row anywhere is found now.
        numbers = await numbersOfText(from, asked, session);
      } catch (error) {
        // What DuckDB's reader does not take is read record by record, which names a bad row.
        if (error instanceof AppError) throw error;
        from = await textTable(rows, session, skipBadRows, context);
        numbers = await numbersOfText(from, asked, session);
      }
      const fields = names.map((name, at): Field => {
        const number = numbers.get(at);
        const cell = `"c${String(at)}"`;
        // An expression calculates with what is a number; all else takes the text as it is written.
        const type = number === undefined ? 'texts' : number === 'BIGINT' ? 'large integers' : 'floats';
        const isTyped = typed && number !== undefined;
        return {
          ...{ name, type },
          sql: isTyped ? `${cell}::${number}` : cell,
          duckType: isTyped ? number : 'VARCHAR',
          ...(isTyped || number === undefined ? {} : { number }),
        };
      });
      const select = fields.map(({ sql, name }) => `${sql} AS ${quotedName(name)}`).join(', ');
      return { from, select, fields };
    }
    case 'duckdb':
      return await described(await attachedTable(file, session), session);
    case 'parquet':
      try {
        return await described(
          `read_parquet(${path}, hive_partitioning = false, binary_as_string = true)`,
          session,
        );
      } catch (error) {
        throw error instanceof AppError ? error : unreadableParquet(file.name, error);
      }
  }
}

/** A relation whose columns are as DuckDB says. */
export async function described(from: string, session: DuckdbSession): Promise<Relation> {
  return { from, select: '*', fields: await fieldsOf(from, session) };
}

async function fieldsOf(from: string, session: DuckdbSession): Promise<Field[]> {
  const result = await session.connection.run(`SELECT * FROM ${from} LIMIT 0`);
  return result.columnNames().flatMap((name, at) => leavesOf(name, quotedName(name), result.columnType(at)));
}

function leavesOf(name: string, sql: string, type: DuckDBType): Field[] {
  const cell = cellTypeOf(type);
  if (typeof cell !== 'object' || !('parts' in cell) || !('entryTypes' in type))
    return [{ name, sql, duckType: type.toString(), type: cell }];
  const types = type.entryTypes;
  return [...cell.parts.keys()].flatMap((part, at) =>
    leavesOf(`${name}.${part}`, `struct_extract(${sql}, ${quotedText(part)})`, types[at]!),
  );
}

/** Columns that are looked at by one statement: what one costs grows faster than they do. */
const atOnce = 100;

/** By column: the type of numbers that all its cells are, whole where their texts say so exactly (007 stays a text). */
async function numbersOfText(
  from: string,
  columns: readonly number[],
  session: DuckdbSession,
): Promise<Map<number, 'BIGINT' | 'DOUBLE'>> {
  const form = "'[+-]?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?'";
  const numbers = new Map<number, 'BIGINT' | 'DOUBLE'>();
  for (let at = 0; at < Math.max(1, columns.length); at += atOnce) {
    const some = columns.slice(at, at + atOnce);
    const asked = some
      .map((column) => `"c${String(column)}"`)
      .flatMap((cell) => [
        `count(${cell}) > 0 AND bool_and(TRY_CAST(${cell} AS BIGINT)::VARCHAR IS NOT DISTINCT FROM ${cell})`,
        `count(${cell}) > 0 AND bool_and(${cell} IS NULL OR regexp_full_match(${cell}, ${form}))`,
      ]);
    const [found = []] = await session.rows(`SELECT ${['count(*)', ...asked].join(', ')} FROM ${from}`);
    for (const [nth, column] of some.entries()) {
      if (found[1 + 2 * nth] === true) numbers.set(column, 'BIGINT');
      else if (found[2 + 2 * nth] === true) numbers.set(column, 'DOUBLE');
    }
  }
  return numbers;
}
