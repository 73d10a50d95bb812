/**
 * The fast reading of a file of events, as SQL. It takes the plain forms that nearly all rows have; where a row is
 * anything else, the whole statement fails with `giveUp`, and the file is read again by the rules of event-rules.ts.
 * So this need not know every form, but what it takes must mean what it means there.
 *
 * Column names are quoted here; paths are parameters.
 */
import {
  ban,
  dislike,
  firstMilliseconds,
  like,
  maxIdBytes,
  maxTimeMs,
  minTimeMs,
  noTimeNumber,
  play,
} from './event-rules.js';
import type { EventRole } from './column-roles.js';
import type { EventSource } from './event-source.js';
import { columnOf, scan, textOf } from './row-sql.js';

/** Which optional columns the statement has: those that any of the files has. */
export interface EventColumns {
  readonly weight: boolean;
  readonly time: boolean;
  readonly type: boolean;
}

/** The message that a statement fails with where the file of this index needs the careful reader. */
function giveUpMessage(index: number): string {
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
    const column = cellOf(source, role)!;
    return `CASE WHEN strlen(${column}) BETWEEN 1 AND ${maxIdBytes} THEN ${column} ELSE ${giveUp} END`;
  };
  return `SELECT ${id('user')} AS u, ${id('item')} AS i FROM ${scanOf(source, from.parameter)}`;
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
    u: cellOf(source, 'user')!,
    i: cellOf(source, 'item')!,
    w: weightOf(source, giveUp),
    t: timeOf(source, giveUp),
    y: typeOf(source, giveUp),
  };
  const selected = list.map((name) => `${String(expressions[name])} AS ${name}`);
  return `SELECT ${selected.join(', ')} FROM ${withNumbers(source, scanOf(source, from.parameter))}`;
}

/** A role's cell as VARCHAR; undefined where the file has no such column. */
function cellOf(source: EventSource, role: EventRole): string | undefined {
  const column = source.columns[role];
  return column === undefined ? undefined : textOf(source, column);
}

function scanOf(source: EventSource, parameter: number): string {
  return scan(source, Object.values(source.columns), parameter);
}

/**
 * Where the first row holds a whole number, the fast reading tries that form first: `wx`, `tx` is the cell as a number, and
 * the cell is that number if it is written so. Costs two thirds of a regular expression.
 */
function triesNumber(source: EventSource, role: 'weight' | 'time'): boolean {
  const column = source.columns[role];
  return column !== undefined && /^\d+$/.test(source.sample?.[column] ?? '');
}

function withNumbers(source: EventSource, rows: string): string {
  const numbers = [
    ...(triesNumber(source, 'weight') ? [`TRY_CAST(${cellOf(source, 'weight')!} AS UINTEGER) AS wx`] : []),
    ...(triesNumber(source, 'time') ? [`TRY_CAST(${cellOf(source, 'time')!} AS BIGINT) AS tx`] : []),
  ];
  return numbers.length === 0 ? rows : `(SELECT *, ${numbers.join(', ')} FROM ${rows})`;
}

function weightOf(source: EventSource, giveUp: string): string {
  const cell = cellOf(source, 'weight');
  const type = cellOf(source, 'type');
  if (cell === undefined)
    return type === undefined ? '1000000000' : `CASE WHEN ${type} = 'ban' THEN 0 ELSE 1000000000 END`;
  const otherwise = source.weightOptional
    ? `CASE WHEN ${cell} IS NULL THEN 1000000000 ELSE ${giveUp}::BIGINT END`
    : `${giveUp}::BIGINT`;
  const number = triesNumber(source, 'weight')
    ? `WHEN wx::VARCHAR = ${cell} THEN wx::BIGINT * 1000000000 `
    : '';
  const weight =
    `CASE ${number}WHEN regexp_full_match(${cell}, '[0-9]{1,9}') THEN ${cell}::BIGINT * 1000000000 ` +
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

function timeOf(source: EventSource, giveUp: string): string {
  const column = source.columns.time;
  if (column === undefined) return `${noTimeNumber}::DOUBLE`;
  if (/^(TIMESTAMP|DATE)/.test(source.types?.[column] ?? '')) {
    const at = `${columnOf(source, column)}::TIMESTAMP`;
    return (
      `CASE WHEN ${at} IS NULL THEN ${noTimeNumber}::DOUBLE ` +
      `WHEN isfinite(${at}) AND year(${at}) BETWEEN 1971 AND 2999 THEN epoch_ms(${at})::DOUBLE ` +
      `ELSE ${giveUp}::DOUBLE END`
    );
  }
  const cell = textOf(source, column);
  const orGiveUp = (value: string): string => `coalesce(${value}, ${giveUp}::DOUBLE)`;
  const number = triesNumber(source, 'time')
    ? `WHEN tx::VARCHAR = ${cell} AND tx > -${firstMilliseconds} AND tx < ${firstMilliseconds} THEN tx::DOUBLE * 1000 ` +
      `WHEN tx::VARCHAR = ${cell} AND tx BETWEEN ${minTimeMs} AND ${maxTimeMs} THEN tx::DOUBLE `
    : '';
  return (
    `CASE WHEN ${cell} IS NULL THEN ${noTimeNumber}::DOUBLE ${number}` +
    `WHEN regexp_full_match(${cell}, '[0-9]{1,11}') THEN ${cell}::DOUBLE * 1000 ` +
    `WHEN regexp_full_match(${cell}, '[1-9][0-9]{11,13}') THEN ${cell}::DOUBLE ` +
    `WHEN regexp_full_match(${cell}, '[0-9]{1,11}\\.[0-9]{1,18}') THEN split_part(${cell}, '.', 1)::DOUBLE * 1000 + rpad(left(split_part(${cell}, '.', 2), 3), 3, '0')::DOUBLE ` +
    `WHEN regexp_full_match(${cell}, '${utcTime}') THEN ${orGiveUp(`epoch_ms(TRY_CAST(${cell} AS TIMESTAMP))::DOUBLE`)} ` +
    `WHEN regexp_full_match(${cell}, '${offsetTime}') THEN ${orGiveUp(`epoch_ms(TRY_CAST(${cell} AS TIMESTAMPTZ))::DOUBLE`)} ` +
    `ELSE ${giveUp}::DOUBLE END`
  );
}

function typeOf(source: EventSource, giveUp: string): string {
  const cell = cellOf(source, 'type');
  if (cell === undefined) return `${play}::UTINYINT`;
  return (
    `(CASE WHEN ${cell} IS NULL OR ${cell} = 'play' THEN ${play} WHEN ${cell} = 'like' THEN ${like} ` +
    `WHEN ${cell} = 'dislike' THEN ${dislike} WHEN ${cell} = 'ban' THEN ${ban} ELSE ${giveUp}::INTEGER END)::UTINYINT`
  );
}
