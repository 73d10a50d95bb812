/** What whoever reads events should know of them, as they may have meant something else: with what changes it. */
import type { Count, Interactions, ItemTable, Positive, Text } from '../contracts.js';
import { count, counted, percent } from '../number-text.js';
import { banned } from '../numeric/pairs.js';
import { AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import type { EventRole } from './column-roles.js';
import { columnsRead, type EventSource } from './event-source.js';
import type { FileFormat } from './files/input-file.js';
import type { ReadingContext } from './files/input-file.js';
import { joinedChoice, quoted } from './joined-ids.js';
import { columnNames } from './row-source.js';
import type { CountedTitles } from './shared-titles.js';

/** What was found in one file. */
export interface SourceSummary {
  /** As it was named; 'standard input' for `-`. */
  readonly path: Text;
  readonly format: FileFormat | 'arrow' | 'sql' | 'lightgcn';
  /** The profile that it was read by. */
  readonly profile?: Text;
  readonly gzip: boolean;
  readonly header: boolean;
  /** Column of each role: its name, or its position from 1 in a file without a header. */
  readonly columns: Partial<Record<EventRole, string | Positive>>;
  /** The other columns, by name or position; of JSON Lines those of the first lines. */
  readonly notRead: readonly (string | Positive)[];
  /** Events read, before the minimums. */
  readonly rows: Count;
  readonly skippedRows: Count;
  /** Rows that a filter, or the profile, left out; none where it does not say. */
  readonly leftOut?: readonly LeftOut[];
}

export interface LeftOut {
  readonly what: Text;
  readonly rows: Count;
}

export function sourceSummary(source: EventSource, rows: number, skippedRows: number): SourceSummary {
  const { file, format, header, numSeen } = source;
  const names = columnNames(source);
  const named = (column: number): string | number => names?.[column] ?? column + 1;
  const seen = Object.entries(source.columns).filter(([, column]) => column < numSeen);
  const joined = Object.entries(source.joined).map(
    ([role, parts]) => [role, parts.map(({ column }) => named(column)).join('+')] as const,
  );
  const read = columnsRead({ ...source, titles: undefined });
  const { recognised, lookedAt = [], leftOut } = source;
  return {
    path: file.name,
    format: file.adjacency === true ? 'lightgcn' : (file.from ?? format),
    ...(recognised === undefined ? {} : { profile: recognised }),
    ...(leftOut === undefined ? {} : { leftOut }),
    ...{ gzip: file.gzip, header, rows, skippedRows },
    columns: Object.fromEntries([...seen.map(([role, column]) => [role, named(column)] as const), ...joined]),
    notRead: source.names
      .slice(0, numSeen)
      .flatMap((name, at) => (read.includes(at) || lookedAt.includes(name) ? [] : [named(at)])),
  };
}

export interface Remark {
  readonly about: 'rows' | 'columns' | 'times' | 'titles' | 'items' | 'users' | 'weights';
  readonly message: Text;
  readonly suggestions: readonly string[];
  /** The numbers and names in it. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether every reading warns of it, and not training alone. */
  readonly isWarning: boolean;
}

/** On files and titles, in the order that they are said in. Some are a warning, which is given. */
export function remarksOn(
  files: readonly SourceSummary[],
  numUntimed: number,
  titles: readonly Remark[],
  { onProgress }: Pick<ReadingContext, 'onProgress'>,
): Remark[] {
  const remarks = [
    ...[...remarksOnProfiles(files), ...onColumns(files), ...onRatings(files), ...onTimes(files, numUntimed)],
    ...titles,
  ];
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
  if (source.titles.given || shared.length <= mostShared * titles) {
    const suggestions = [`Keep them apart: \`columns\` ${shellWord(`item=${instead}`)}`];
    return [{ about: 'titles', message, suggestions, details, isWarning: true }];
  }
  const suggestions = [
    `Join them with their artists: ${say(instead)}`,
    `If all songs of one title are to be one item, say so: ${say(quoted(column))}`,
  ];
  throw new AppError('bad-input-file', `${file.name}: ${message}`, { suggestions, details });
}

/** Files with the same columns are one remark. */
function onColumns(files: readonly SourceSummary[]): Remark[] {
  const alike = new Map<string, SourceSummary[]>();
  for (const file of files) {
    const key = JSON.stringify([file.columns, file.notRead]);
    // A profile knows what it does not read.
    if (file.notRead.length > 0 && file.profile === undefined)
      alike.set(key, [...(alike.get(key) ?? []), file]);
  }
  return [...alike.values()].map((group) => {
    const { columns = {}, notRead = [] } = group[0] ?? {};
    const free = ['weight', 'time', 'type'].filter((role) => !Object.hasOwn(columns, role));
    const names = notRead.slice(0, 10).map((name) => JSON.stringify(name));
    if (notRead.length > 10) names.push(`${count(notRead.length - 10)} more`);
    const how = `Say what a column is: \`columns\` ${free.map((role) => `${role}=NAME`).join(' or ')}`;
    return {
      ...{ about: 'columns', isWarning: false, details: { files: group.map(({ path }) => path), notRead } },
      message: `not read of ${filesInWords(group)}: ${names.join(', ')}`,
      suggestions: free.length === 0 ? [] : [how],
    };
  });
}

/** Notes on what files were read as, and which rows were left out, where nothing else is said of them. */
export function noteRows(
  remarks: readonly Remark[],
  { onProgress }: Pick<ReadingContext, 'onProgress'>,
): void {
  for (const { about, message } of remarks) if (about === 'rows') onProgress({ kind: 'note', message });
}

/** Rows that were left out, by what they are; and the profiles of the files, with the way to another one. */
export function remarksOnProfiles(files: readonly SourceSummary[]): Remark[] {
  const left = new Map<string, number>();
  for (const { leftOut = [] } of files)
    for (const { what, rows } of leftOut) left.set(what, (left.get(what) ?? 0) + rows);
  const kept = files.reduce((sum, { rows }) => sum + rows, 0);
  const all = [...left.values()].reduce((sum, rows) => sum + rows, kept);
  const words = [...left].map(([what, rows]) => `${what} (${count(rows)})`);
  const plain = { about: 'rows', isWarning: false, suggestions: [] } as const;
  const ofRows = {
    ...plain,
    message: `left out of ${counted(all, 'row')}: ${words.join(', ')}`,
    details: Object.fromEntries(left),
  };
  const profiles = [...new Set(files.flatMap(({ profile }) => profile ?? []))];
  const ofProfiles = profiles.map((profile) => {
    const own = files.filter((file) => file.profile === profile);
    return {
      ...plain,
      message: `${filesInWords(own)} ${own.length === 1 ? 'is' : 'are'} read as ${profile}`,
      details: { profile, files: own.map(({ path }) => path) },
    };
  });
  return [...ofProfiles, ...(left.size === 0 ? [] : [ofRows])];
}

/** A low rating is no liking, but weighs something. */
function onRatings(files: readonly SourceSummary[]): Remark[] {
  const rated = files.filter(({ columns }) => /rating|stars/i.test(String(columns.weight ?? '')));
  const column = rated[0]?.columns.weight;
  if (column === undefined) return [];
  const where = shellWord(`${/^\w+$/.test(String(column)) ? column : JSON.stringify(column)} >= 4`);
  return [
    {
      ...{ about: 'weights', isWarning: false, details: { files: rated.map(({ path }) => path), column } },
      message: `ratings in column ${JSON.stringify(column)} of ${filesInWords(rated)} are weights: a low one still counts as some liking`,
      suggestions: [`Leave out low ones: \`filter\` ${where}`],
    },
  ];
}

function onTimes(files: readonly SourceSummary[], events: number): Remark[] {
  if (events === 0) return [];
  const numEvents = files.reduce((sum, { rows }) => sum + rows, 0);
  const untimed = files.filter(({ columns, rows }) => columns.time === undefined && rows > 0);
  const where = untimed.length === 0 ? '' : `: there is no column of times in ${filesInWords(untimed)}`;
  const how = 'If a column has the times, say which: `columns` time=NAME';
  const details = { events, files: untimed.map(({ path }) => path) };
  return [
    {
      ...{ about: 'times', isWarning: events < numEvents, details },
      message: `${count(events)} of ${counted(numEvents, 'event')} have no time, and never age${where}`,
      suggestions: untimed.some(({ notRead }) => notRead.length > 0) ? [how] : [],
    },
  ];
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
  const found: [Remark['about'], Remark['details'], message: string, suggestion: string][] = [];
  if (table !== undefined && path !== undefined) {
    const { nameColumn = null, ids } = table;
    const details = { path, rows: ids.length, matches: ids.length + items.length - numRows, nameColumn };
    const has = `${path} has ${counted(details.rows, 'row')}, and ${count(details.matches)} of ${all}`;
    if (nameColumn !== null)
      found.push(['items', details, `${has}; their names are in column ${JSON.stringify(nameColumn)}`, '']);
    else {
      const how = 'Say which column has the names: `itemColumns` name=NAME';
      found.push(['items', details, `${has}; no column of names was found: they go by their ids`, how]);
    }
  }
  if (users.length === 1) {
    const message = 'all events are of one user: nobody else says which items are alike';
    found.push(['users', { users: 1 }, message, 'Say which column has the users: `columns` user=NAME']);
  } else if (single > 0) {
    const message = `${count(single)} of ${all} (${percent(single / items.length)}) have one user: their neighbours are chance`;
    found.push(['users', { itemsWithOneUser: single }, message, 'Leave them out: `minItemUsers` 2']);
  }
  if (weightless > 0) {
    const message = `${count(weightless)} of ${counted(item.length, 'pair')} of user and item weigh 0, and count as nothing`;
    const how = 'If 0 means that there is no rating, read none: `columns` weight=';
    found.push(['weights', { pairs: weightless }, message, how]);
  }
  return found.map(([about, details, message, how]) => {
    return { about, message, suggestions: how === '' ? [] : [how], details, isWarning: false };
  });
}

function filesInWords([first, ...more]: readonly SourceSummary[]): string {
  return `${first?.path ?? ''}${more.length === 0 ? '' : ` and ${counted(more.length, 'other file')}`}`;
}
