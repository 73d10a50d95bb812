/** One file of events, looked at: its shape and where its columns are. */
import { AppError } from '../errors.js';
import { fileWord, shellWord } from '../shell-word.js';
import type { EventRole, RoleDefinition } from './column-roles.js';
import type { ColumnChoice, KnownColumns, RoleColumns } from './find-columns.js';
import { artistBeside, eventRoles, itemRoles, plainName } from './column-roles.js';
import {
  checkPositions,
  checkType,
  findColumns,
  findIdParts,
  looksLikeHeader,
  namesColumns,
  parseColumnChoices,
} from './find-columns.js';
import type { TextOptions } from './text-options.js';
import { parseTypes } from './type-names.js';
import { parseDialect, type GivenDialect } from './files/delimiters.js';
import { isDoubtful } from './files/first-line.js';
import { joinedChoice, type IdPart } from './joined-ids.js';
import type { InputFile, ReadingContext } from './files/input-file.js';
import type { Profile } from './relation/profile.js';
import type { FirstRecord, FoundRows, RowSource } from './row-source.js';
import { columnNames, lookAtRows, oneColumn, otherDelimiterAdvice } from './row-source.js';

export interface EventSource extends RowSource {
  readonly columns: RoleColumns<EventRole>;
  /** The columns of ids that are made of several. */
  readonly joined: Readonly<Partial<Record<'user' | 'item', readonly IdPart[]>>>;
  /** Of titles that stand beside artists and are the items' ids: the artists' column, and whether somebody said that they are ids. */
  readonly titles?: { readonly artist: number; readonly given: boolean } | undefined;
  /** Where each of the roles is that were asked for besides. */
  readonly more: readonly (number | undefined)[];
  /** How many of the names were seen in the file; JSON Lines may have more, which are asked for all the same. */
  readonly numSeen: number;
  /** JSON Lines: no weight key was seen, so a line without one weighs 1. */
  readonly weightOptional: boolean;
  /** Whether its weights are written 0,5. */
  readonly decimalComma: boolean;
  /** Rows that a filter or a profile left out, by what they are. */
  readonly leftOut?: readonly { readonly what: string; readonly rows: number }[];
  /** How many columns of a view are the file's own: those behind them are calculated, and called by their expressions. */
  readonly numOwn?: number;
  /** Columns that a filter or an expression has read. */
  readonly lookedAt?: readonly string[];
  /** What a view tells of items besides, each in a column `item:KEY`. */
  readonly itemKeys?: readonly string[];
  /** The profile that it was read by. */
  readonly recognised?: string | undefined;
  /** What the first row looks like, and so most others: what the fast reading tries first. */
  readonly firstRow: FirstRow;
}

interface FirstRow {
  readonly weightIsWhole: boolean;
  readonly timeIsWhole: boolean;
  readonly timeIsIso: boolean;
}

/** Names and types of a Parquet file's columns, from whoever can read it. */
export type ColumnsOfParquet = (file: InputFile) => Promise<Pick<RowSource, 'names' | 'types'>>;

/** What is said of files of events before they are looked at. */
export interface EventLook {
  /** Of columns, by role. */
  readonly choices: ReadonlyMap<string, ColumnChoice>;
  readonly dialect: GivenDialect;
  readonly noHeader: boolean;
  readonly decimalComma: boolean;
  /** Columns to find besides. */
  readonly moreRoles: readonly RoleDefinition<string>[];
  /** What rows have to be, to be read. */
  readonly filter?: string | undefined;
  /** Types by the names that they have here, in lower case. */
  readonly types?: ReadonlyMap<string, string> | undefined;
  /** What the files are of. */
  readonly profile?: Profile | undefined;
}

/** AppError 'bad-usage' for what cannot be meant. */
export function eventLook(
  {
    columns = '',
    delimiter,
    quote,
    noHeader = false,
    decimalComma = false,
    filter,
    types,
  }: Omit<TextOptions, 'encoding'>,
  moreRoles: readonly RoleDefinition<string>[] = [],
): EventLook {
  const choices = parseColumnChoices<string>(columns, [...eventRoles, ...moreRoles]);
  const dialect = parseDialect(delimiter, quote, 'delimiter');
  const typed = types === undefined ? undefined : parseTypes(types);
  return { choices, dialect, noHeader, decimalComma, moreRoles, filter, types: typed };
}

/** The rows of a file, undefined where it is empty, and what is said of them. Throws AppError 'bad-input-file'. */
export async function eventRowsOf(
  index: number,
  file: InputFile,
  look: EventLook,
  columnsOfParquet: ColumnsOfParquet,
  isHeader?: () => boolean,
): Promise<{ found: FoundRows | undefined; own: EventLook }> {
  // Pairs of adjacency have no header, and the columns that --columns may name for other files are not theirs.
  const isAdjacency = file.adjacency === true;
  const own = isAdjacency ? { ...look, noHeader: true, choices: new Map<string, ColumnChoice>() } : look;
  // A profile, or a query, is of columns that have names.
  const named = isHeader ?? (look.profile === undefined ? undefined : () => !own.noHeader);
  const hasNames = named ?? ((record: FirstRecord) => !own.noHeader && hasHeader(record, own.choices));
  const found = await lookAtRows(index, file, own.dialect, 'delimiter', hasNames, columnsOfParquet);
  return { found, own };
}

/** Where the columns of rows are that were looked at. AppError 'bad-input-file'. */
export function eventSourceOf(
  found: RowSource,
  { choices, decimalComma, moreRoles }: EventLook,
  { onProgress }: Pick<ReadingContext, 'onProgress'>,
): EventSource {
  const roles = [...eventRoles, ...moreRoles];
  const { file } = found;
  if (found.dialect !== undefined && found.names.length < 2)
    throw oneColumn(found, 'two are needed, user and item', 'delimiter');
  const source = found.format === 'jsonl' ? withOptionalKeys(found, choices, roles) : found;
  const { names, types } = source;
  const numSeen = found.names.length;
  const known: KnownColumns<string> = {
    ...{ file: file.name, names: columnNames(source), width: names.length, numSeen },
    advice: (role, known) => [...titleAdvice(role, found), ...howToName(found, role, known)],
    warn: (message) => onProgress({ kind: 'warning', message }),
  };
  const at = findColumns<string>(known, choices, roles);
  const own = eventRoles.flatMap(({ role }) => (at[role] === undefined ? [] : [[role, at[role]] as const]));
  const columns: RoleColumns<EventRole> = Object.fromEntries(own);
  const user = findIdParts(known, choices, 'user');
  const item = findIdParts(known, choices, 'item');
  const joined = { ...(user === undefined ? {} : { user }), ...(item === undefined ? {} : { item }) };
  for (const [role, column] of Object.entries(columns)) checkType(file, role, names[column], types?.[column]);
  for (const [role, parts] of Object.entries(joined))
    for (const { column } of parts) checkType(file, role, names[column], types?.[column]);
  checkPositions(found, columns, choices);
  const weightOptional = columns.weight !== undefined && columns.weight >= numSeen;
  const artist =
    joined.item !== undefined || known.names === undefined
      ? undefined
      : artistBeside(known.names, columns.item ?? 0);
  const isTaken = Object.values(columns).includes(artist ?? -1);
  return {
    ...{ ...source, columns, joined, numSeen, weightOptional },
    more: moreRoles.map(({ role }) => at[role]),
    titles: artist === undefined || isTaken ? undefined : { artist, given: choices.has('item') },
    decimalComma: decimalComma && source.dialect !== undefined,
    firstRow: firstRowOf(source.sample, columns),
  };
}

/** AppError 'bad-input-file' where it is not clear whether the first record is a header. */
function hasHeader(
  { file: { name }, first, below, delimiter }: FirstRecord,
  choices: ReadonlyMap<string, ColumnChoice>,
): boolean {
  if (looksLikeHeader(first, choices, eventRoles)) return true;
  // A single column is too few, which has an error of its own.
  const doubtful = first.length > 1 && isDoubtful(first, below);
  // So has a name of --columns that is not there; the error shows the names that are.
  if (namesColumns(choices)) return doubtful || looksLikeHeader(first, new Map(), eventRoles);
  if (!doubtful) return false;
  const cells = first.slice(0, 10).map(shortened);
  const quoted = cells.map((cell) => JSON.stringify(cell));
  const shown = `${quoted.join(', ')}${first.length > 10 ? ' …' : ''}`;
  throw new AppError(
    'bad-input-file',
    `${name} has a first line that could be a header or an event: ${shown}`,
    {
      suggestions: [
        ...otherDelimiterAdvice(first, delimiter, 'delimiter'),
        'If it is a header, name the columns: `columns` user=NAME,item=NAME',
        ...itemsAdvice(name, first),
        'If it is an event, say that there is no header: `noHeader`',
      ],
      details: { file: name, cells },
    },
  );
}

function shortened(cell: string): string {
  return cell.length <= 60 ? cell : `${cell.slice(0, 60)}…`;
}

function howToName(source: RowSource, role: string, known: readonly string[]): readonly string[] {
  const { dialect, header, names } = source;
  const hasNames = dialect === undefined || header;
  return [
    ...otherDelimiterAdvice(names, dialect?.delimiter, 'delimiter'),
    `Say which column it is: \`columns\` ${role}=${hasNames ? 'NAME' : '2'}. ` +
      `These names are recognised without it: ${known.join(', ')}.`,
    ...(role === 'user' && hasNames ? itemsAdvice(source.file.name, names) : []),
    ...(role === 'user'
      ? [`If all of it is of one person, say who: \`columns\` ${shellWord("user='me'")}`]
      : []),
    ...(dialect !== undefined && header
      ? ['If line 1 is an event, say that there is no header: `noHeader`']
      : []),
  ];
}

/** Where titles stand beside artists. */
function titleAdvice(role: string, { names }: RowSource): string[] {
  const titles = /^(?:track|song|recording)?(?:title|name)$/;
  const at = names.findIndex((name) => titles.test(plainName(name)));
  const artist = artistBeside(names, at);
  if (role !== 'item' || at < 0 || artist === undefined) return [];
  const joined = joinedChoice(names[artist]!, names[at]!);
  return [`Join the titles with their artists: \`columns\` ${shellWord(`item=${joined}`)}`];
}

/** Of columns that would make a table of items, with ids and names. */
function itemsAdvice(file: string, names: readonly string[]): readonly string[] {
  const plain = new Set(names.map(plainName));
  if (!itemRoles.every(({ synonyms }) => synonyms.flat().some((name) => plain.has(name)))) return [];
  return [`If it is a table of items, it goes beside the events: \`items\` ${fileWord(file)}`];
}

function firstRowOf(sample: readonly string[] | undefined, columns: RoleColumns<EventRole>): FirstRow {
  const cell = (role: EventRole): string => sample?.[columns[role] ?? -1] ?? '';
  return {
    weightIsWhole: /^\d+$/.test(cell('weight')),
    timeIsWhole: /^\d+$/.test(cell('time')),
    timeIsIso: /^\d{4}-/.test(cell('time')),
  };
}

/** The columns of the ids. */
export function idColumns({ columns, joined }: EventSource): number[] {
  return (['user', 'item'] as const).flatMap(
    (role) => joined[role]?.map(({ column }) => column) ?? [columns[role]!],
  );
}

/** All columns that are read. */
export function columnsRead({ columns, joined, titles }: EventSource): number[] {
  return [
    ...Object.values(columns),
    ...(titles === undefined ? [] : [titles.artist]),
    ...Object.values(joined).flatMap((parts) => parts.map((part) => part.column)),
  ];
}

/** Files of which this is the same are read by one statement. */
export function likeness(source: EventSource): string {
  const { format, names, types, dialect, header, columns, numSeen, weightOptional, asJson } = source;
  const { joined, decimalComma, firstRow, titles } = source;
  const shape = [format, names, types, dialect, header, columns, numSeen, weightOptional, asJson];
  return JSON.stringify([...shape, joined, decimalComma, firstRow, titles]);
}

/**
 * A key may turn up later than in the first lines that were looked at, so the optional ones are always asked for by
 * their plain names.
 */
function withOptionalKeys(
  source: RowSource,
  choices: ReadonlyMap<string, ColumnChoice>,
  roles: readonly RoleDefinition<string>[],
): RowSource {
  const plain = new Set(source.names.map(plainName));
  const added = roles
    .filter(
      ({ role, required, synonyms }) =>
        !required && !choices.has(role) && !synonyms.flat().some((name) => plain.has(name)),
    )
    .map(({ role }) => role);
  return { ...source, names: [...source.names, ...added] };
}
