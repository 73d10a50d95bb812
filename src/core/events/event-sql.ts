/**
 * The fast reading of a file of events, as SQL. It takes the plain forms that nearly all rows have; where a row is
 * anything else, the whole statement fails with `giveUp`, and the file is read again by the rules of event-rules.ts.
 * So this need not know every form, but what it takes must mean what it means there.
 *
 * Column names are quoted here; paths are parameters.
 */
import { like, dislike, ban, play, maxIdBytes, noTimeNumber } from './event-rules.js';
import type { EventRole } from './column-roles.js';
import type { EventSource } from './event-source.js';

/** Which optional columns the statement has: those that any of the files has. */
export interface EventColumns {
  readonly weight: boolean;
  readonly time: boolean;
  readonly type: boolean;
}

/** The message that a statement fails with where the file of this index needs the careful reader. */
export function giveUpMessage(index: number): string {
  return `careful reading of input-${index}`;
}

/** The file that a failed statement names, by giveUpMessage or by its path; undefined where it names none. */
export function fileOfFailure(error: unknown): number | undefined {
  const match = /input-(\d+)/.exec(error instanceof Error ? error.message : String(error));
  return match === null ? undefined : Number(match[1]);
}

/** Where a file's rows come from: the parameter that is its path, or the table that the careful reader filled. */
export type RowsFrom = { readonly parameter: number } | { readonly table: string };

/** `SELECT u, i` of a file. */
export function selectIds(source: EventSource, from: RowsFrom): string {
  if ('table' in from) return `SELECT u, i FROM ${from.table}`;
  const giveUp = `error('${giveUpMessage(source.index)}')`;
  const id = (role: 'user' | 'item'): string => {
    const column = textOf(source, role)!;
    return `CASE WHEN strlen(${column}) BETWEEN 1 AND ${maxIdBytes} THEN ${column} ELSE ${giveUp} END`;
  };
  return `SELECT ${id('user')} AS u, ${id('item')} AS i FROM ${scan(source, from.parameter)}`;
}

/** `SELECT u, i [, w BIGINT units of 1e-9] [, t DOUBLE ms] [, y UTINYINT type]` of a file. */
export function selectEvents(source: EventSource, from: RowsFrom, columns: EventColumns): string {
  const list = [
    'u',
    'i',
    ...(columns.weight ? ['w'] : []),
    ...(columns.time ? ['t'] : []),
    ...(columns.type ? ['y'] : []),
  ];
  if ('table' in from) return `SELECT ${list.join(', ')} FROM ${from.table}`;
  const giveUp = `error('${giveUpMessage(source.index)}')`;
  const expressions: Record<string, string> = {
    u: textOf(source, 'user')!,
    i: textOf(source, 'item')!,
    w: weightOf(source, giveUp),
    t: timeOf(source, giveUp),
    y: typeOf(source, giveUp),
  };
  return `SELECT ${list.map((name) => `${String(expressions[name])} AS ${name}`).join(', ')} FROM ${scan(source, from.parameter)}`;
}

/** Every column of a file as text, in its order, for the careful reader of Parquet. */
export function selectText(source: EventSource, roles: readonly EventRole[]): string {
  const cells = roles.map((role) => {
    const column = textOf(source, role);
    if (column === undefined) return 'NULL::VARCHAR';
    return role === 'time' && isTimeType(source, role)
      ? `${quoted(nameOf(source, role))}::TIMESTAMP::VARCHAR`
      : column;
  });
  return `SELECT ${cells.join(', ')} FROM ${scan(source, 1)}`;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function nameOf(source: EventSource, role: EventRole): string {
  const column = source.columns[role]!;
  return source.dialect === undefined ? source.names[column]! : `c${column}`;
}

/** A role's cell as VARCHAR; undefined where the file has no such column. */
function textOf(source: EventSource, role: EventRole): string | undefined {
  const column = source.columns[role];
  if (column === undefined) return undefined;
  const name = quoted(nameOf(source, role));
  const type = source.types?.[column];
  if (type === undefined || type === 'VARCHAR') return name;
  if (type !== 'DOUBLE' && type !== 'FLOAT') return `${name}::VARCHAR`;
  // A whole number that was stored as a fraction, as a column with gaps is by pandas, is the id 12 and not 12.0.
  return (
    `CASE WHEN isnan(${name}) THEN NULL WHEN isfinite(${name}) AND trunc(${name}) = ${name} AND abs(${name}) < 1e15 ` +
    `THEN ${name}::BIGINT::VARCHAR ELSE ${name}::VARCHAR END`
  );
}

function scan(source: EventSource, parameter: number): string {
  switch (source.format) {
    case 'parquet':
      return `read_parquet($${parameter}, hive_partitioning = false, binary_as_string = true)`;
    case 'jsonl': {
      const used = [...new Set(Object.values(source.columns))].map(
        (column) => `${literal(source.names[column]!)}: 'VARCHAR'`,
      );
      return (
        `read_json($${parameter}, format = 'newline_delimited', compression = 'uncompressed', hive_partitioning = false, ` +
        `columns = {${used.join(', ')}})`
      );
    }
    case 'csv':
    case 'tsv':
      return delimitedScan(source, parameter);
  }
}

function delimitedScan({ dialect, names, skip }: EventSource, parameter: number): string {
  const { delimiter, quote } = dialect!;
  const columns = names.map((_, at) => `'c${at}': 'VARCHAR'`).join(', ');
  return (
    `read_csv($${parameter}, auto_detect = false, header = false, skip = ${skip}, delim = ${literal(delimiter)}, ` +
    `quote = ${literal(quote)}, escape = ${literal(quote)}, comment = '', nullstr = '', strict_mode = true, compression = 'none', ` +
    `hive_partitioning = false, columns = {${columns}})`
  );
}

function weightOf(source: EventSource, giveUp: string): string {
  const cell = textOf(source, 'weight');
  const type = textOf(source, 'type');
  if (cell === undefined)
    return type === undefined ? '1000000000' : `CASE WHEN ${type} = 'ban' THEN 0 ELSE 1000000000 END`;
  const otherwise = source.weightOptional
    ? `CASE WHEN ${cell} IS NULL THEN 1000000000 ELSE ${giveUp}::BIGINT END`
    : `${giveUp}::BIGINT`;
  const weight =
    `CASE WHEN regexp_full_match(${cell}, '[0-9]{1,9}') THEN ${cell}::BIGINT * 1000000000 ` +
    `WHEN regexp_full_match(${cell}, '[0-9]{1,9}\\.[0-9]{1,9}') THEN ${unitsOf(cell)} ` +
    `WHEN regexp_full_match(${cell}, '[0-9]{1,9}\\.[0-9]{10,40}') THEN ${roundedUnitsOf(cell, giveUp)} ` +
    `ELSE ${otherwise} END`;
  if (type === undefined) return weight;
  return (
    `CASE WHEN ${cell} IS NULL AND ${type} IN ('like', 'dislike') THEN 1000000000 ` +
    `WHEN ${type} = 'ban' AND ${cell} IS NULL THEN 0 WHEN ${type} = 'ban' THEN (${weight}) * 0 ELSE ${weight} END`
  );
}

/** Units of 1e-9 of `digits.digits` with at most nine after the point. */
function unitsOf(cell: string): string {
  return `split_part(${cell}, '.', 1)::BIGINT * 1000000000 + rpad(left(split_part(${cell}, '.', 2), 9), 9, '0')::BIGINT`;
}

/** The same with more digits, rounded half to even; gives up where nothing is left, for that may be a bad row. */
function roundedUnitsOf(cell: string, giveUp: string): string {
  const rest = `rtrim(substr(split_part(${cell}, '.', 2), 10), '0')`;
  const cut = `(${unitsOf(cell)})`;
  const up = `(${rest} > '5' OR (${rest} = '5' AND ${cut} % 2 = 1))::BIGINT`;
  return `CASE WHEN ${cut} + ${up} > 0 THEN ${cut} + ${up} ELSE ${giveUp}::BIGINT END`;
}

const clock = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?';
/** From 1971 on, so that cutting off what is finer than a millisecond is rounding towards the past. */
const day = '(19(7[1-9]|[89][0-9])|2[0-9]{3})-[0-9]{2}-[0-9]{2}';
const utcTime = `${day}([T ]${clock}Z?)?`;
const offsetTime = `${day}[T ]${clock}[+-](0[0-9]|1[0-4]):[0-5][0-9]`;

function isTimeType(source: EventSource, role: EventRole): boolean {
  const column = source.columns[role];
  return column !== undefined && /^(TIMESTAMP|DATE)/.test(source.types?.[column] ?? '');
}

function timeOf(source: EventSource, giveUp: string): string {
  if (source.columns.time === undefined) return `${noTimeNumber}::DOUBLE`;
  if (isTimeType(source, 'time')) {
    const column = quoted(nameOf(source, 'time'));
    return (
      `CASE WHEN ${column} IS NULL THEN ${noTimeNumber}::DOUBLE WHEN isfinite(${column}::TIMESTAMP) AND ${column}::TIMESTAMP >= TIMESTAMP '1971-01-01' ` +
      `AND ${column}::TIMESTAMP < TIMESTAMP '3000-01-01' THEN epoch_ms(${column}::TIMESTAMP)::DOUBLE ELSE ${giveUp}::DOUBLE END`
    );
  }
  const cell = textOf(source, 'time')!;
  const orGiveUp = (value: string): string => `coalesce(${value}, ${giveUp}::DOUBLE)`;
  return (
    `CASE WHEN ${cell} IS NULL THEN ${noTimeNumber}::DOUBLE ` +
    `WHEN regexp_full_match(${cell}, '[0-9]{1,11}') THEN ${cell}::DOUBLE * 1000 ` +
    `WHEN regexp_full_match(${cell}, '[1-9][0-9]{11,13}') THEN ${cell}::DOUBLE ` +
    `WHEN regexp_full_match(${cell}, '[0-9]{1,11}\\.[0-9]{1,18}') THEN split_part(${cell}, '.', 1)::DOUBLE * 1000 + rpad(left(split_part(${cell}, '.', 2), 3), 3, '0')::DOUBLE ` +
    `WHEN regexp_full_match(${cell}, '${utcTime}') THEN ${orGiveUp(`epoch_ms(TRY_CAST(${cell} AS TIMESTAMP))::DOUBLE`)} ` +
    `WHEN regexp_full_match(${cell}, '${offsetTime}') THEN ${orGiveUp(`epoch_ms(TRY_CAST(${cell} AS TIMESTAMPTZ))::DOUBLE`)} ` +
    `ELSE ${giveUp}::DOUBLE END`
  );
}

function typeOf(source: EventSource, giveUp: string): string {
  const cell = textOf(source, 'type');
  if (cell === undefined) return `${play}::UTINYINT`;
  return (
    `(CASE WHEN ${cell} IS NULL OR ${cell} = 'play' THEN ${play} WHEN ${cell} = 'like' THEN ${like} ` +
    `WHEN ${cell} = 'dislike' THEN ${dislike} WHEN ${cell} = 'ban' THEN ${ban} ELSE ${giveUp}::INTEGER END)::UTINYINT`
  );
}
