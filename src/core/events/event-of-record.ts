/**
 * What a record of events holds by the rules of event-rules.ts: an event, or what is wrong with it. Nothing is read here, so that
 * every reader of records can ask, also one on another machine.
 */
import type { EventRole } from './column-roles.js';
import { notAType, parseEvent, type BadCell, type EventCells, type ParsedEvent } from './event-rules.js';
import type { EventSource } from './event-source.js';
import { joinedId } from './joined-ids.js';
import type { RowRecord } from './row-records.js';
import { columnNames } from './row-source.js';

/** A row that was left out, as far as it is shown. */
export interface SkippedRow {
  readonly file: string;
  /** Line of a text file, or row of a Parquet file, from 1. */
  readonly line: number;
  readonly column: EventRole | null;
  readonly value: string | null;
  /** `plays.csv line 1042: weight "abc" is not a number`. */
  readonly message: string;
}

/** A record of a file: either of the two is there. */
export interface EventRecord {
  /** Line of a text file, or row of a Parquet file, from 1. */
  readonly line: number;
  readonly event?: ParsedEvent;
  readonly bad?: SkippedRow;
  /** What to do about a bad one, besides fixing it. */
  readonly advice?: string | undefined;
  /** Of a record of text, where digests were asked for. */
  readonly digest?: string | undefined;
  /** Its type, where it is one of those that were asked for besides; `event` then is as of a play; of an undo without an item this is ''. */
  readonly otherType?: string;
  /** The cells of the columns that were asked for besides, in that order. */
  readonly more: readonly (string | null)[];
}

/** What is read besides what training takes. */
export interface MoreOfEvents {
  /** Columns. */
  readonly columns: readonly (number | undefined)[];
  /** Types, in lower case. */
  readonly types: readonly string[];
  /** Whether records of text have a digest. */
  readonly digests?: boolean;
}

/** What has to be known of a source, of which only the file's name. */
export type EventLayout = Pick<
  EventSource,
  | 'columns'
  | 'joined'
  | 'weightOptional'
  | 'decimalComma'
  | 'format'
  | 'names'
  | 'types'
  | 'dialect'
  | 'header'
  | 'titles'
> & {
  readonly file: Pick<EventSource['file'], 'name' | 'encoding'>;
  /** Many machines read its rows: nobody knows their numbers. */
  readonly isUnnumbered?: true;
};

/** The artist beside a title is read too. */
export function artistOf({ titles }: Pick<EventSource, 'titles'>): MoreOfEvents {
  return { columns: titles === undefined ? [] : [titles.artist], types: [] };
}

const nothingMore: readonly (string | null)[] = [];

const roles = ['user', 'item', 'weight', 'time', 'type'] as const;

/** How the records of a source become events. */
export interface EventReader {
  /** The columns that a record has to have the cells of, in this order. */
  readonly columns: readonly (number | undefined)[];
  /** [columns] whether a cell of JSON may be text or a number only. */
  readonly plainOnly: readonly boolean[];
  eventOf(record: RowRecord): EventRecord;
}

export function eventReader(
  source: EventLayout,
  more: MoreOfEvents = { columns: [], types: [] },
): EventReader {
  const layout = cellsOfRoles(source);
  const hasWeight = source.columns.weight !== undefined;
  const isJoined = layout.length > roles.length;
  const hasTypes = more.types.length > 0;
  return {
    columns: [...layout.map(({ column }) => column), ...more.columns],
    plainOnly: layout.map(({ role }) => role === 'user' || role === 'item'),
    eventOf(whole) {
      // Most records have nothing else: then they are read as they are, which takes half the time.
      const hasMore = whole.cells.length > layout.length;
      const found = hasMore ? { ...whole, cells: whole.cells.slice(0, layout.length) } : whole;
      const record = isJoined ? withJoinedIds(found, layout) : found;
      const { line, advice, digest } = record;
      const cells = cellsOf(record);
      const otherType = hasTypes
        ? more.types.find((type) => type === cells.type?.trim().toLowerCase())
        : undefined;
      // An undo needs no item.
      const lacksItem = otherType === 'undo' && (cells.item ?? '') === '';
      const item = lacksItem ? cells.user : cells.item;
      const known =
        otherType === undefined
          ? cells
          : { ...cells, item, type: null, weight: cells.weight?.trim() === '' ? null : cells.weight };
      const mustWeigh = hasWeight && (otherType === undefined || known.weight !== null);
      const event = record.problem ?? badCellOf(record) ?? parseCells(source, known, mustWeigh);
      const moreCells = hasMore ? whole.cells.slice(layout.length) : nothingMore;
      const isEvent = typeof event === 'object' && 'user' in event;
      if (isEvent && otherType === undefined) return { line, digest, more: moreCells, event };
      const rest = { line, digest, more: moreCells, ...(otherType === undefined ? {} : { otherType }) };
      if (isEvent) return { ...rest, event: lacksItem ? { ...event, item: '' } : event };
      const isOfType = typeof event === 'object' && event.column === 'type';
      const wrong = isOfType ? { ...event, problem: notAType(more.types).problem } : event;
      return { ...rest, bad: describe(source, record, wrong), advice };
    },
  };
}

/** A cell that is asked for: a role's own, or one that its id is made of. */
interface CellOfRole {
  readonly role: EventRole;
  readonly column: number | undefined;
  /** The name of its column, where it is a part of an id. */
  readonly part?: string;
}

/** In the order of `roles`. */
function cellsOfRoles({ columns, joined }: EventLayout): CellOfRole[] {
  return roles.flatMap((role): CellOfRole[] => {
    const parts = role === 'user' || role === 'item' ? joined[role] : undefined;
    return (
      parts?.map(({ column, name }) => ({ role, column, part: name })) ?? [{ role, column: columns[role] }]
    );
  });
}

/** The record with a cell for each role. */
function withJoinedIds(record: RowRecord, layout: readonly CellOfRole[]): RowRecord {
  const { cells, badCell, problem, ...rest } = record;
  if (problem !== undefined) return record;
  const texts = (role: EventRole): string[] =>
    cells.flatMap((cell, at) => (layout[at]?.role === role ? [cell ?? ''] : []));
  const joined = roles.map((role) => {
    const own = texts(role);
    return own.includes('') ? null : joinedId(own);
  });
  const at =
    badCell?.at ?? layout.findIndex(({ part }, cell) => part !== undefined && (cells[cell] ?? '') === '');
  const { role, part } = layout[at] ?? {};
  if (role === undefined) return { ...rest, cells: joined };
  const what = badCell?.problem ?? 'is empty; each part of an id is wanted';
  const inPart = part === undefined ? what : `${what} (in ${JSON.stringify(part)})`;
  return { ...rest, cells: joined, badCell: { at: roles.indexOf(role), problem: inPart } };
}

function cellsOf({ cells }: RowRecord): EventCells {
  const [user = null, item = null, weight = null, time = null, type = null] = cells;
  return { user, item, weight, time, type };
}

function parseCells(source: EventLayout, cells: EventCells, hasWeight: boolean): ParsedEvent | BadCell {
  const { weightOptional, decimalComma } = source;
  if (!decimalComma) return parseEvent(cells, hasWeight, weightOptional);
  const event = parseEvent({ ...cells, weight: withPoint(cells.weight) }, hasWeight, weightOptional);
  return 'user' in event || event.column !== 'weight' ? event : { ...event, value: cells.weight };
}

/** 0,5 as 0.5; and 0.5 as 0,5, which is as wrong as it is elsewhere. */
function withPoint(text: string | null): string | null {
  return text?.replaceAll(/[.,]/g, (mark) => (mark === ',' ? '.' : ',')) ?? null;
}

function badCellOf({ badCell, cells }: RowRecord): BadCell | undefined {
  if (badCell === undefined) return undefined;
  return { column: roles[badCell.at]!, value: cells[badCell.at] ?? null, problem: badCell.problem };
}

function describe(source: EventLayout, record: RowRecord, bad: BadCell | string): SkippedRow {
  const { name } = source.file;
  const place = `${source.format === 'parquet' ? 'row' : 'line'} ${record.line}`;
  const where = source.isUnnumbered === true ? `a row of ${name}` : `${name} ${place}`;
  if (typeof bad === 'string') {
    return { file: name, line: record.line, column: null, value: null, message: `${where} ${bad}` };
  }
  const index = source.columns[bad.column];
  const isJoined =
    (bad.column === 'user' || bad.column === 'item') && source.joined[bad.column] !== undefined;
  const header = index === undefined || isJoined ? undefined : columnNames(source)?.[index];
  const value = bad.value === null || bad.value === '' ? '' : ` ${JSON.stringify(shortened(bad.value))}`;
  const column = header === undefined || header === bad.column ? '' : ` (column ${JSON.stringify(header)})`;
  // NaN is how many programs write that there is no number, and is read as that.
  const isFloat = /^(?:DOUBLE|FLOAT)$/.test(source.types?.[index ?? -1] ?? '');
  const problem = isFloat ? bad.problem.replace(/^is empty/, 'is empty or NaN') : bad.problem;
  return {
    file: name,
    line: record.line,
    column: bad.column,
    value: bad.value === null ? null : shortened(bad.value),
    message: `${where}: ${bad.column}${value}${column} ${problem}`,
  };
}

function shortened(value: string): string {
  return value.length <= 100 ? value : `${value.slice(0, 100)}…`;
}
