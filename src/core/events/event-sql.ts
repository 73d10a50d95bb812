/**
 * The fast reading of a file of events, as SQL. It takes the plain forms that nearly all rows have; where a row is
 * anything else, the whole statement fails with `giveUp`, and the file is read again by the rules of event-rules.ts.
 * So this need not know every form, but what it takes must mean what it means there.
 *
 * Column names are quoted here; paths are parameters.
 */
import { noTimeSql, timeSql, timestampSql, typedWeightSql, weightSql } from './cell-sql.js';
import type { EventRole } from './column-roles.js';
import { filterColumns, filterSql, type EventFilter } from './event-filter.js';
import { ban, dislike, like, maxIdBytes, play } from './event-rules.js';
import { columnsRead, type EventSource } from './event-source.js';
import { joinedIdSql } from './joined-ids.js';
import { columnOf, fileColumn, scan, textOf } from './row-sql.js';

/** Which optional columns the statement has: those that any of the files has. */
export interface EventColumns {
  readonly weight: boolean;
  readonly time: boolean;
  readonly type: boolean;
  /** Whether any file has titles for ids, with artists beside them. */
  readonly artist: boolean;
}

/** Ends the statement; its message names the file. */
const giveUp = `error('careful reading of ' || ${fileColumn})`;

/** Files that are read by one SELECT: of one likeness, or one that the careful reader has put into a table. */
export interface SourceGroup {
  readonly sources: readonly EventSource[];
  /** The parameter that is the list of their paths, or the table. */
  readonly from: { readonly parameter: number } | { readonly table: string };
}

/** The index of the file that a text names by its path, which ends with `input-` and the index; undefined if none. */
export function fileNamedIn(text: string): number | undefined {
  const match = /input-(\d+)/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

/** `SELECT u, i, f [, a artist]`, where f names the file as fileNamedIn finds it. */
export function selectIds(
  { sources, from }: SourceGroup,
  columns: EventColumns,
  filter: EventFilter,
): string {
  const source = sources[0]!;
  const only = filterSql(filter, columns.type);
  const where = only === undefined ? '' : ` WHERE ${only}`;
  const a = columns.artist ? ', a' : '';
  if ('table' in from) return `SELECT u, i, 'input-${source.index}' AS f${a} FROM ${from.table}${where}`;
  const id = (role: 'user' | 'item'): string => {
    const text = cellOf(source, role)!;
    const columns = source.joined[role]?.map(({ column }) => column) ?? [source.columns[role]!];
    // Objects, arrays, true and false are no ids. Read as texts they look like some texts do.
    const plain =
      source.format === 'jsonl'
        ? columns
            .map((column) => {
              const cell = columnOf(source, column);
              return source.asJson === undefined
                ? ` AND left(${cell}, 1) NOT IN ('{', '[') AND ${cell} NOT IN ('true', 'false')`
                : ` AND left(${cell}, 1) NOT IN ('{', '[', 't', 'f')`;
            })
            .join('')
        : '';
    return `CASE WHEN strlen(${text}) BETWEEN 1 AND ${maxIdBytes}${plain} THEN ${text} ELSE ${giveUp} END`;
  };
  const artist = source.titles === undefined ? 'NULL' : `nullif(${textOf(source, source.titles.artist)}, '')`;
  const ids = `${id('user')} AS u, ${id('item')} AS i, ${fileColumn} AS f${columns.artist ? `, ${artist} AS a` : ''}`;
  const rows = scanOf(source, from.parameter);
  if (only === undefined) return `SELECT ${ids} FROM ${rows}`;
  const { weight, time } = filterColumns(filter);
  const looked = valuesOf(source, { weight, time, type: columns.type }).map(
    ([name, sql]) => `${sql} AS ${name}`,
  );
  return `SELECT u, i, f${a} FROM (SELECT ${[ids, ...looked].join(', ')} FROM ${withNumbers(source, rows)})${where}`;
}

/** `SELECT u, i [, w BIGINT units of 1e-9] [, t DOUBLE ms] [, y UTINYINT type]`. */
export function selectEvents(
  { sources, from }: SourceGroup,
  columns: EventColumns,
  filter: EventFilter,
): string {
  const source = sources[0]!;
  const only = filterSql(filter, columns.type);
  const where = only === undefined ? '' : ` WHERE ${only}`;
  const named = ['u', 'i', ...valuesOf(source, columns).map(([name]) => name)].join(', ');
  if ('table' in from) return `SELECT ${named} FROM ${from.table}${where}`;
  const looked = filterColumns(filter);
  const wanted = {
    weight: columns.weight || looked.weight,
    time: columns.time || looked.time,
    type: columns.type,
  };
  const selected = [
    ['u', cellOf(source, 'user')!],
    ['i', cellOf(source, 'item')!],
    ...valuesOf(source, wanted),
  ].map(([name, expression]) => `${expression} AS ${name}`);
  const rows = `SELECT ${selected.join(', ')} FROM ${withNumbers(source, scanOf(source, from.parameter))}`;
  return only === undefined ? rows : `SELECT ${named} FROM (${rows})${where}`;
}

/**
 * `SELECT u, i, t, f, n [, y]`, what is played and liked: where the file has times, t is what orders it; else f, the file's
 * place, and n, the row's. Rows are numbered as they are read, for which the session has to keep their order.
 * @param places by index of a file, its place among all
 */
export function selectPlays(
  { sources, from }: SourceGroup,
  columns: EventColumns,
  filter: EventFilter,
  places: readonly number[],
): string {
  const source = sources[0]!;
  const terms = [filterSql(filter, columns.type), columns.type ? `y IN (${play}, ${like})` : undefined];
  const only = terms.filter((term) => term !== undefined);
  const where = only.length === 0 ? '' : ` WHERE ${only.join(' AND ')}`;
  const named = `u, i, t, f, n${columns.type ? ', y' : ''}`;
  const place = (sql: string): string => `${sql}::UINTEGER AS f`;
  const unordered = `${place('0')}, 0::BIGINT AS n`;
  const hasTimes = source.columns.time !== undefined;
  if ('table' in from) {
    const order = hasTimes ? unordered : `${place(String(places[source.index]))}, rowid AS n`;
    return `SELECT ${named} FROM (SELECT u, i, w, t, y, ${order} FROM ${from.table})${where}`;
  }
  const index = `regexp_extract(${fileColumn}, 'input-([0-9]+)[^/]*$', 1)::INTEGER`;
  const order = hasTimes
    ? unordered
    : `${place(`[${places.join(', ')}][${index} + 1]`)}, row_number() OVER () AS n`;
  const wanted = { weight: filterColumns(filter).weight, time: true, type: columns.type };
  const selected = [
    ['u', cellOf(source, 'user')!],
    ['i', cellOf(source, 'item')!],
    ...valuesOf(source, wanted),
  ].map(([name, expression]) => `${expression} AS ${name}`);
  const rows = withNumbers(source, scanOf(source, from.parameter));
  return `SELECT ${named} FROM (SELECT ${selected.join(', ')}, ${order} FROM ${rows})${where}`;
}

/** The optional columns that are wanted, and what each is in this file. */
function valuesOf(
  source: EventSource,
  { weight, time, type }: Omit<EventColumns, 'artist'>,
): (readonly [string, string])[] {
  return [
    ...(weight ? [['w', weightOf(source)] as const] : []),
    ...(time ? [['t', timeOf(source)] as const] : []),
    ...(type ? [['y', typeOf(source)] as const] : []),
  ];
}

/** A role's cell as VARCHAR; undefined where the file has no such column. */
export function cellOf(source: EventSource, role: EventRole): string | undefined {
  const column = source.columns[role];
  if (column === undefined) return undefined;
  const parts = role === 'user' || role === 'item' ? source.joined[role] : undefined;
  if (parts !== undefined) return joinedIdSql(parts.map((part) => textOf(source, part.column)));
  const text = textOf(source, column);
  // Both ways, so that a point is as wrong as a comma is elsewhere.
  return role === 'weight' && source.decimalComma ? `translate(${text}, ',.', '.,')` : text;
}

function scanOf(source: EventSource, parameter: number): string {
  return scan(source, columnsRead(source), parameter, true);
}

/** Where most cells are whole numbers, they are also read as such: `wx`, `tx`. */
function withNumbers(source: EventSource, rows: string): string {
  const numbers = [
    ...(source.firstRow.weightIsWhole ? [`TRY_CAST(${cellOf(source, 'weight')!} AS UINTEGER) AS wx`] : []),
    ...(source.firstRow.timeIsWhole ? [`TRY_CAST(${cellOf(source, 'time')!} AS BIGINT) AS tx`] : []),
  ];
  return numbers.length === 0 ? rows : `(SELECT *, ${numbers.join(', ')} FROM ${rows})`;
}

function weightOf(source: EventSource): string {
  const text = cellOf(source, 'weight');
  const type = cellOf(source, 'type');
  const cell =
    text === undefined
      ? undefined
      : { text, number: source.firstRow.weightIsWhole ? 'wx' : undefined, giveUp };
  const emptyIs = source.weightOptional ? '1000000000' : undefined;
  if (type !== undefined) return typedWeightSql(cell, type, emptyIs);
  return cell === undefined ? '1000000000' : weightSql(cell, emptyIs);
}

function timeOf(source: EventSource): string {
  const column = source.columns.time;
  if (column === undefined) return noTimeSql;
  const isTime = /^(TIMESTAMP|DATE)/.test(source.types?.[column] ?? '');
  if (isTime) return timestampSql(columnOf(source, column), giveUp);
  const { timeIsWhole, timeIsIso } = source.firstRow;
  return timeSql({ text: textOf(source, column), number: timeIsWhole ? 'tx' : undefined, giveUp }, timeIsIso);
}

function typeOf(source: EventSource): string {
  const cell = cellOf(source, 'type');
  if (cell === undefined) return `${play}::UTINYINT`;
  return (
    `(CASE WHEN ${cell} IS NULL OR ${cell} = 'play' THEN ${play} WHEN ${cell} = 'like' THEN ${like} ` +
    `WHEN ${cell} = 'dislike' THEN ${dislike} WHEN ${cell} = 'ban' THEN ${ban} ` +
    `ELSE ${giveUp}::INTEGER END)::UTINYINT`
  );
}
