/**
 * The fast reading of a file of events, as SQL. It takes the plain forms that nearly all rows have; where a row is
 * anything else, the whole statement fails with `giveUp`, and the file is read again by the rules of event-rules.ts.
 * So this need not know every form, but what it takes must mean what it means there.
 *
 * Column names are quoted here; paths are parameters.
 */
import type { EventRole } from './column-roles.js';
import { ban, dislike, like, maxIdBytes, play } from './event-rules.js';
import type { EventSource } from './event-source.js';
import { columnOf, scan, textOf } from './row-sql.js';
import { noTimeSql, timeSql, timestampSql } from './time-sql.js';
import type { FastCell } from './weight-sql.js';
import { typedWeightSql, weightSql } from './weight-sql.js';

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
  const id = (role: 'user' | 'item'): string => {
    const text = cellOf(source, role)!;
    return `CASE WHEN strlen(${text}) BETWEEN 1 AND ${maxIdBytes} THEN ${text} ELSE ${giveUpOf(source)} END`;
  };
  return `SELECT ${id('user')} AS u, ${id('item')} AS i FROM ${scanOf(source, from.parameter)}`;
}

/** `SELECT u, i [, w BIGINT units of 1e-9] [, t DOUBLE ms] [, y UTINYINT type]` of a file. */
export function selectEvents(source: EventSource, from: RowsFrom, columns: EventColumns): string {
  const expressions = [
    ['u', cellOf(source, 'user')!],
    ['i', cellOf(source, 'item')!],
    ...(columns.weight ? [['w', weightOf(source)] as const] : []),
    ...(columns.time ? [['t', timeOf(source)] as const] : []),
    ...(columns.type ? [['y', typeOf(source)] as const] : []),
  ] as const;
  if ('table' in from) return `SELECT ${expressions.map(([name]) => name).join(', ')} FROM ${from.table}`;
  const selected = expressions.map(([name, expression]) => `${expression} AS ${name}`);
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

function giveUpOf(source: EventSource): string {
  return `error('${giveUpMessage(source.index)}')`;
}

/** Where the first row holds a whole number, the cell is also read as one: `wx`, `tx`. */
function hasNumber(source: EventSource, role: 'weight' | 'time'): boolean {
  const column = source.columns[role];
  return column !== undefined && /^\d+$/.test(source.sample?.[column] ?? '');
}

function withNumbers(source: EventSource, rows: string): string {
  const numbers = [
    ...(hasNumber(source, 'weight') ? [`TRY_CAST(${cellOf(source, 'weight')!} AS UINTEGER) AS wx`] : []),
    ...(hasNumber(source, 'time') ? [`TRY_CAST(${cellOf(source, 'time')!} AS BIGINT) AS tx`] : []),
  ];
  return numbers.length === 0 ? rows : `(SELECT *, ${numbers.join(', ')} FROM ${rows})`;
}

function fastCell(source: EventSource, role: 'weight' | 'time', number: string): FastCell | undefined {
  const text = cellOf(source, role);
  if (text === undefined) return undefined;
  return { text, number: hasNumber(source, role) ? number : undefined, giveUp: giveUpOf(source) };
}

function weightOf(source: EventSource): string {
  const cell = fastCell(source, 'weight', 'wx');
  const type = cellOf(source, 'type');
  const emptyIs = source.weightOptional ? '1000000000' : undefined;
  if (type !== undefined) return typedWeightSql(cell, type, emptyIs);
  return cell === undefined ? '1000000000' : weightSql(cell, emptyIs);
}

function timeOf(source: EventSource): string {
  const cell = fastCell(source, 'time', 'tx');
  const column = source.columns.time;
  if (cell === undefined || column === undefined) return noTimeSql;
  if (/^(TIMESTAMP|DATE)/.test(source.types?.[column] ?? '')) {
    return timestampSql(columnOf(source, column), cell.giveUp);
  }
  return timeSql(cell, /^\d{4}-/.test(source.sample?.[column] ?? ''));
}

function typeOf(source: EventSource): string {
  const cell = cellOf(source, 'type');
  if (cell === undefined) return `${play}::UTINYINT`;
  return (
    `(CASE WHEN ${cell} IS NULL OR ${cell} = 'play' THEN ${play} WHEN ${cell} = 'like' THEN ${like} ` +
    `WHEN ${cell} = 'dislike' THEN ${dislike} WHEN ${cell} = 'ban' THEN ${ban} ` +
    `ELSE ${giveUpOf(source)}::INTEGER END)::UTINYINT`
  );
}
