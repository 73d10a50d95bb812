/** What whoever reads events should know of them, as they may have meant something else: with what changes it. */
import type { Interactions, ItemTable } from '../contracts.js';
import { count, counted, percent } from '../number-text.js';
import { banned } from '../numeric/pairs.js';
import { AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import type { EventRole } from './column-roles.js';
import { columnsOfIds, type EventSource } from './event-source.js';
import type { FileFormat } from './files/file-shape.js';
import type { ReadingContext } from './files/input-file.js';
import { joinedChoice, quoted } from './joined-ids.js';
import { columnNames } from './row-source.js';
import type { CountedTitles } from './shared-titles.js';

/** What was found in one file. */
export interface SourceSummary {
  /** As it was named; 'standard input' for `-`. */
  readonly path: string;
  readonly format: FileFormat | 'lightgcn';
  readonly gzip: boolean;
  readonly header: boolean;
  /** Column of each role: its name, or its position from 1 in a file without a header. */
  readonly columns: Partial<Record<EventRole, string | number>>;
  /** The other columns, by name or position; of JSON Lines those of the first lines. */
  readonly notRead: readonly (string | number)[];
  /** Events read, before the minimums. */
  readonly rows: number;
  readonly skippedRows: number;
}

export function sourceSummary(source: EventSource, rows: number, skippedRows: number): SourceSummary {
  const { file, format, header, columns, numSeen } = source;
  const names = columnNames(source);
  const seen = Object.entries(columns).filter(([, column]) => column < numSeen);
  const named = (column: number): string | number => names?.[column] ?? column + 1;
  const joined = Object.entries(source.joined).map(
    ([role, parts]) => [role, parts.map(({ column }) => named(column)).join('+')] as const,
  );
  const read = new Set([...Object.values(columns), ...columnsOfIds(source)]);
  const others = source.names.slice(0, numSeen).flatMap((_, at) => (read.has(at) ? [] : [named(at)]));
  return {
    path: file.name,
    format: file.adjacency === true ? 'lightgcn' : format,
    gzip: file.gzip,
    header,
    columns: Object.fromEntries([...seen.map(([role, column]) => [role, named(column)] as const), ...joined]),
    notRead: others,
    rows,
    skippedRows,
  };
}

export interface Remark {
  readonly about: 'columns' | 'times' | 'titles' | 'items' | 'users' | 'weights';
  readonly message: string;
  readonly suggestions: readonly string[];
  /** The numbers and names in it. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether every reading warns of it, and not training alone. */
  readonly isWarning: boolean;
}

function remark(
  about: Remark['about'],
  details: Remark['details'],
  message: string,
  suggestion = '',
  isWarning = false,
): Remark {
  return { about, message, suggestions: suggestion === '' ? [] : [suggestion], details, isWarning };
}

/** What is to be said of what was read, as far as files and titles say it; some is a warning. AppErrors of `remarksOnTitles`. */
export function remarksOn(
  files: readonly SourceSummary[],
  numUntimed: number,
  titles: readonly Remark[],
  { onProgress }: Pick<ReadingContext, 'onProgress'>,
): Remark[] {
  const remarks = [...remarksOnFiles(files, numUntimed), ...titles];
  for (const { isWarning, message, suggestions } of remarks)
    if (isWarning) onProgress({ kind: 'warning', message, suggestions });
  return remarks;
}

/** More of a file's ids have two artists only where one is written in two ways. */
const mostShared = 0.01;

/** None where no title is shared. AppError 'bad-input-file' where many are, and nobody said that titles are the ids. */
export function remarksOnTitles(
  { titles, shared }: CountedTitles,
  sources: readonly EventSource[],
  columns = '',
): Remark[] {
  const source = sources.find((each) => each.titles !== undefined);
  const [first] = shared.toSorted((a, b) => b[3] - a[3] || (a[0] < b[0] ? -1 : 1));
  if (source?.titles === undefined || first === undefined) return [];
  const { names, file } = source;
  const column = names[source.columns.item ?? 0] ?? '';
  const instead = joinedChoice(names[source.titles.artist] ?? '', column);
  const events = shared.reduce((sum, each) => sum + each[3], 0);
  const [title, ...artists] = first.slice(0, 3).map((text) => JSON.stringify(text));
  const message = `${count(shared.length)} of ${counted(titles, 'title')} in column ${JSON.stringify(column)} (${percent(shared.length / titles)}) have two artists or more, such as ${title} of ${artists.join(' and ')}; ${counted(events, 'event')} would be of merged items`;
  const details = { file: file.name, column, titles, shared: shared.length, events, instead };
  const say = (item: string): string =>
    `\`columns\` ${shellWord([columns, `item=${item}`].filter((text) => text.trim() !== '').join(','))}`;
  if (source.titles.given || shared.length <= mostShared * titles)
    return [
      remark(
        'titles',
        details,
        message,
        `Keep them apart: \`columns\` ${shellWord(`item=${instead}`)}`,
        true,
      ),
    ];
  const suggestions = [
    `Join them with their artists: ${say(instead)}`,
    `If all songs of one title are to be one item, say so: ${say(quoted(column))}`,
  ];
  throw new AppError('bad-input-file', `${file.name}: ${message}`, { suggestions, details });
}

/** On columns that are not read, files with the same ones together, and on events without a time. */
function remarksOnFiles(files: readonly SourceSummary[], numUntimed: number): Remark[] {
  const alike = new Map<string, SourceSummary[]>();
  for (const file of files) {
    const key = JSON.stringify([file.columns, file.notRead]);
    if (file.notRead.length > 0) alike.set(key, [...(alike.get(key) ?? []), file]);
  }
  const remarks = [...alike.values()].map((group): Remark => {
    const { columns, notRead } = group[0]!;
    const free = ['weight', 'time', 'type'].filter((role) => !Object.hasOwn(columns, role));
    const names = notRead.slice(0, 10).map((name) => JSON.stringify(name));
    if (notRead.length > 10) names.push(`${count(notRead.length - 10)} more`);
    const how = free.map((role) => `${role}=NAME`).join(' or ');
    return remark(
      'columns',
      { files: group.map(({ path }) => path), notRead },
      `not read of ${filesInWords(group)}: ${names.join(', ')}`,
      how === '' ? '' : `Say what a column is: \`columns\` ${how}`,
    );
  });
  if (numUntimed === 0) return remarks;
  const numEvents = files.reduce((sum, { rows }) => sum + rows, 0);
  const untimed = files.filter(({ columns, rows }) => columns.time === undefined && rows > 0);
  const where = untimed.length === 0 ? '' : `: there is no column of times in ${filesInWords(untimed)}`;
  return remarks.concat(
    remark(
      'times',
      { events: numUntimed, files: untimed.map(({ path }) => path) },
      `${count(numUntimed)} of ${counted(numEvents, 'event')} have no time, and never age${where}`,
      untimed.some(({ notRead }) => notRead.length > 0)
        ? 'If a column has the times, say which: `columns` time=NAME'
        : '',
      numUntimed < numEvents,
    ),
  );
}

/**
 * On the table of `items` at `path`, on items with one user, and on weights of 0.
 * @param numRows of the catalogue, with what nobody played
 */
export function remarksOnItems(
  { users, items, pairs }: Interactions,
  table: ItemTable | undefined,
  path: string | undefined,
  numRows: number,
): Remark[] {
  const { item, weight, flags } = pairs;
  const usersOf = new Uint32Array(items.length);
  const words = new Uint32Array(weight.buffer, weight.byteOffset, 2 * weight.length);
  let weightless = 0;
  for (let p = 0; p < item.length; p++) {
    usersOf[item[p]!]! += 1;
    if (words[2 * p] === 0 && words[2 * p + 1] === 0 && (flags[p]! & banned) === 0) weightless += 1;
  }
  const single = usersOf.reduce((sum, own) => sum + Number(own === 1), 0);
  const all = counted(items.length, 'item');
  const remarks: Remark[] = [];
  if (table !== undefined && path !== undefined) {
    const { nameColumn = null } = table;
    const details = {
      path,
      rows: table.ids.length,
      matches: table.ids.length + items.length - numRows,
      nameColumn,
    };
    const [names, how] =
      nameColumn === null
        ? ['no column of names was found: they go by their ids', '`itemColumns` name=NAME']
        : [`their names are in column ${JSON.stringify(nameColumn)}`, ''];
    const has = `${path} has ${counted(details.rows, 'row')}, and ${count(details.matches)} of ${all}`;
    remarks.push(
      remark('items', details, `${has}; ${names}`, how && `Say which column has the names: ${how}`),
    );
  }
  if (users.length === 1) {
    const message = 'all events are of one user: nobody else says which items are alike';
    remarks.push(
      remark('users', { users: 1 }, message, 'Say which column has the users: `columns` user=NAME'),
    );
  } else if (single > 0) {
    const message = `${count(single)} of ${all} (${percent(single / items.length)}) have one user: their neighbours are chance`;
    remarks.push(remark('users', { itemsWithOneUser: single }, message, 'Leave them out: `minItemUsers` 2'));
  }
  if (weightless > 0) {
    const message = `${count(weightless)} of ${counted(item.length, 'pair')} of user and item weigh 0, and count as nothing`;
    const how = 'If 0 means that there is no rating, read none: `columns` weight=';
    remarks.push(remark('weights', { pairs: weightless }, message, how));
  }
  return remarks;
}

function filesInWords([first, ...more]: readonly SourceSummary[]): string {
  return `${first?.path ?? ''}${more.length === 0 ? '' : ` and ${counted(more.length, 'other file')}`}`;
}
