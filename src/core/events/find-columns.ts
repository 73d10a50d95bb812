/**
 * Which column of a file is the user, the item, and so on.
 *
 * A role is found, in this order: by `--columns role=column`; by its usual names, in a file with a header; by position,
 * in one without. `--columns` is a comma-separated list of `role=column`, where a column is
 *
 *   plays          a name of the header (or a key, or a Parquet column); the text up to the next comma
 *   "plays, all"   a name in double quotes, which may hold commas; a quote in it is doubled
 *   3              a position counted from 1, unless the header has a column of that name
 *   artist+track   several of these, of which an id is made (joined-ids.ts), unless there is a column of that name; a part
 *                  may be called something: artist:4+track:6
 *   (nothing)      `weight=` says that the file has no such column, whatever it looks like
 */
import { AppError } from '../errors.js';
import { isId, plainName, type EventRole, type RoleDefinition } from './column-roles.js';
import { shellWord } from '../shell-word.js';
import { isTimeLike } from './files/first-line.js';
import type { InputFile } from './files/input-file.js';
import type { IdPart } from './joined-ids.js';
import type { RowSource } from './row-source.js';

/** What `--columns` says of one role. */
export interface ColumnChoice {
  readonly text: string;
  readonly quoted: boolean;
  /** Where it may be several columns: two or more. */
  readonly parts?: readonly PartChoice[];
  /** Where it is, if that is known. */
  readonly at?: number;
}

export interface PartChoice {
  readonly text: string;
  readonly quoted: boolean;
  readonly at?: number;
  /** The same with what stands before its first colon taken for what it is to be called. */
  readonly called?: {
    readonly name: string;
    readonly text: string;
    readonly quoted: boolean;
    readonly at?: number;
  };
}

/** Where the columns of a file are: an index (from 0) per role, of an id of several columns that of the first. */
export type RoleColumns<Role extends string> = Partial<Record<Role, number>>;

/**
 * Parses `columns`, or another `option` of its kind. Throws AppError 'bad-usage'.
 * @param isOpen whether other columns may be given names too; they have definitions of their own (openRoles)
 */
export function parseColumnChoices<Role extends string>(
  text: string,
  roles: readonly RoleDefinition<Role>[],
  option?: string,
): Map<Role, ColumnChoice>;
export function parseColumnChoices(
  text: string,
  roles: readonly RoleDefinition<string>[],
  option: string,
  isOpen: true,
): Map<string, ColumnChoice>;
export function parseColumnChoices(
  text: string,
  roles: readonly RoleDefinition<string>[],
  option = 'columns',
  isOpen = false,
): Map<string, ColumnChoice> {
  const choices = new Map<string, ColumnChoice>();
  if (text.trim() === '') return choices;
  const form = /\s*([a-z][\w-]*)\s*=((?:"(?:[^"]|"")*"|'[^']*'|[^",])*)(,|$)/iy;
  const all = roles.map(({ role }) => role).join(', ');
  const example = roles.map(({ role }) => `${role}=${role === 'user' ? 'listener' : 'track'}`).slice(0, 2);
  let at = 0;
  do {
    form.lastIndex = at;
    const match = form.exec(text);
    const choice = match === null ? undefined : parseChoice((match[2] ?? '').trim());
    if (match === null || choice === undefined) {
      throw new AppError(
        'bad-usage',
        `\`${option}\` ${JSON.stringify(text)} cannot be read at ${JSON.stringify(text.slice(at))}: ` +
          `role=column is wanted, comma-separated, such as ${example.join(',')}`,
        { suggestions: howToWrite(text, roles, option) },
      );
    }
    const [whole, given = '', , end] = match;
    // Where other names are let pass, Id must not become one of them.
    const plain = isOpen ? given.toLowerCase() : given;
    const known = roles.find((definition) => definition.role === plain)?.role;
    const role = known ?? given;
    if (known === undefined && !isOpen) {
      throw new AppError('bad-usage', `\`${option}\` names the role "${role}"; roles are ${all}`);
    }
    if (choices.has(role)) throw new AppError('bad-usage', `\`${option}\` names the role "${role}" twice`);
    choices.set(role, choice);
    at += whole.length;
    if (end !== ',') break;
  } while (at <= text.length);
  return choices;
}

/** Of a list of names alone, or with colons, as it is to be written; else where quotes belong. */
function howToWrite(text: string, roles: readonly RoleDefinition<string>[], option: string): string[] {
  const words = text.split(',').map((word) => word.trim());
  const isPlain =
    words.every((word) => /^[\w.-]+(?: *:[ \w.-]+)?$/.test(word)) && words.length <= roles.length;
  if (!isPlain) return ['Put a name that holds commas or quotes in double quotes, quotes in it doubled.'];
  const written = words.map((word, at) =>
    word.includes(':') ? word.replace(/ *: */, '=') : `${roles[at]?.role ?? ''}=${word}`,
  );
  return [`did you mean \`${option}\` ${shellWord(written.join(','))}?`];
}

/** A column, or several with `+` between them; undefined where quotes stand where they should not. */
function parseChoice(text: string): ColumnChoice | undefined {
  const pieces = text.match(/(?:"(?:[^"]|"")*"|'[^']*'|[^"+])+|\+/g) ?? [];
  const parts = pieces.filter((piece) => piece !== '+').map(parsePart);
  const whole = parsePart(text);
  // With a text of its own it is an expression.
  const isJoin = !pieces.some((piece) => piece.trim().startsWith("'"));
  const areParts = isJoin && parts.length > 1 && pieces.length === 2 * parts.length - 1;
  if (!areParts) return whole?.called?.quoted === true ? undefined : whole;
  if (!parts.every((part) => part !== undefined)) return undefined;
  return { text, quoted: false, parts };
}

function parsePart(piece: string): PartChoice | undefined {
  const text = piece.trim();
  const plain = parseName(text);
  const [, name, rest = ''] = /^([a-z][\w-]*):(.+)$/is.exec(text) ?? [];
  const column = name === undefined ? undefined : parseName(rest.trim());
  const called = name === undefined || column === undefined ? {} : { called: { name, ...column } };
  if (plain === undefined && column === undefined) return undefined;
  return { ...(plain ?? { text, quoted: true }), ...called };
}

function parseName(text: string): { readonly text: string; readonly quoted: boolean } | undefined {
  const quoted = /^"((?:[^"]|"")*)"$/.exec(text)?.[1];
  if (quoted !== undefined) return { text: quoted.replaceAll('""', '"'), quoted: true };
  return text.includes('"') ? undefined : { text, quoted: false };
}

/** The roles, and those that `choices` make up: of columns that are given a name. */
export function openRoles(
  roles: readonly RoleDefinition<string>[],
  choices: ReadonlyMap<string, ColumnChoice>,
): RoleDefinition<string>[] {
  const own = [...choices.keys()].filter((name) => !roles.some(({ role }) => role === name));
  return [...roles, ...own.map((role) => ({ role, required: true, synonyms: [] }))];
}

export function positionOf(choice: Pick<ColumnChoice, 'text' | 'quoted'>): number | undefined {
  return !choice.quoted && /^[1-9]\d{0,5}$/.test(choice.text) ? Number(choice.text) - 1 : undefined;
}

/** Names of columns that may be meant, and no positions. */
function namesOf(choices: ReadonlyMap<string, ColumnChoice>): string[] {
  return [...choices.values()].flatMap(({ text, quoted, parts }) => {
    const isName = (choice: Pick<ColumnChoice, 'text' | 'quoted'>): boolean =>
      choice.text !== '' && positionOf(choice) === undefined;
    if (parts === undefined) return isName({ text, quoted }) ? [text] : [];
    const names = parts.map((part) => part.called ?? part).filter(isName);
    return names.length === 0
      ? []
      : [text, ...parts.map((part) => part.text), ...names.map((name) => name.text)];
  });
}

/** Whether `--columns` names any column by its name, and not by its position only. */
export function namesColumns(choices: ReadonlyMap<string, ColumnChoice>): boolean {
  return namesOf(choices).length > 0;
}

/**
 * Whether the first record of a delimited file is a header: `--columns` names one of its cells; or one of them is a usual
 * name, and none a number (an artist may be called Album, but a header holds no play count).
 */
export function looksLikeHeader<Role extends string>(
  cells: readonly string[],
  choices: ReadonlyMap<Role, ColumnChoice>,
  roles: readonly RoleDefinition<Role>[],
): boolean {
  if (namesColumns(choices)) return namesOf(choices).some((name) => cells.includes(name));
  const known = new Set(roles.flatMap(({ synonyms }) => synonyms.flat()));
  return cells.some((cell) => known.has(plainName(cell))) && !holdNumber(cells);
}

/** Whether one of them is a number or a date, as cells of a header are not. */
export function holdNumber(cells: readonly string[]): boolean {
  return cells.some((cell) => /^\d+([.-]\d+)*$/.test(cell));
}

/** A file's columns, and what to do where they are not enough. */
export interface KnownColumns<Role extends string> {
  readonly file: string;
  /** undefined where there is no header. */
  readonly names: readonly string[] | undefined;
  readonly width: number;
  /** What the option that names columns is called; default `columns`. */
  readonly option?: string;
  /** How many of them an error shows; default: all. What comes after was not seen in the file. */
  readonly numSeen?: number;
  /** Suggestions where the column of a role is not found. */
  readonly advice?: (role: Role, names: readonly string[]) => readonly string[];
  /** Told where another column would have done as well. */
  readonly warn?: (message: string) => void;
}

/**
 * Finds the column of each role. Throws AppError 'bad-input-file' naming the file, the role and the columns that there are:
 * for a role that has no column, and for two that mean the same, such as `user` and `user_id`; of an optional role the likelier one
 * is taken, and a warning given. 'bad-usage' where --columns gives one column two roles.
 */
export function findColumns<Role extends string>(
  columns: KnownColumns<Role>,
  choices: ReadonlyMap<Role, ColumnChoice>,
  roles: readonly RoleDefinition<Role>[],
): RoleColumns<Role> {
  const { names, width } = columns;
  const found: RoleColumns<Role> = {};
  const taken = new Map<number, Role>();
  // These may be something else besides, where a name or the user says so.
  const inIds = new Set<number>();
  const take = (role: Role, index: number): void => {
    found[role] = index;
    taken.set(index, role);
  };
  for (const { role, required } of roles) {
    const choice = choices.get(role);
    if (choice === undefined) continue;
    if (choice.text === '' && !choice.quoted) {
      if (required)
        throw new AppError('bad-usage', `\`${optionOf(columns)}\` ${role}= leaves no column for the ${role}`);
      continue;
    }
    const parts = partsOf(columns, role, choice);
    if (parts !== undefined) {
      found[role] = parts[0]!.column;
      for (const { column } of parts) inIds.add(column);
      continue;
    }
    const index = chosenColumn(columns, role, choice);
    const other = taken.get(index);
    if (other !== undefined) throw twoRoles(columns, index, other, role);
    take(role, index);
  }
  for (const definition of roles) {
    const { role, required, position, synonyms } = definition;
    if (choices.has(role)) continue;
    const index =
      names !== undefined
        ? defaultColumn(columns, names, definition, taken)
        : position !== undefined && position < width && !taken.has(position) && !inIds.has(position)
          ? position
          : undefined;
    if (index !== undefined) take(role, index);
    else if (required) throw missingColumn(columns, role, synonyms.flat());
  }
  return found;
}

/** The columns that the id of a role is made of; undefined where it is a single one. Errors as those of findColumns. */
export function findIdParts<Role extends string>(
  columns: KnownColumns<Role>,
  choices: ReadonlyMap<Role, ColumnChoice>,
  role: Role,
): readonly IdPart[] | undefined {
  const choice = choices.get(role);
  return choice === undefined ? undefined : partsOf(columns, role, choice);
}

function partsOf<Role extends string>(
  columns: KnownColumns<Role>,
  role: Role,
  { text, parts, at }: ColumnChoice,
): readonly IdPart[] | undefined {
  const { names } = columns;
  if (parts === undefined || at !== undefined || names?.includes(text) === true) return undefined;
  if (!isId(role)) {
    throw new AppError(
      'bad-usage',
      `\`${optionOf(columns)}\` joins several columns into the ${role}; only ids can be joined`,
    );
  }
  const found = parts.map((part): IdPart => {
    const called = names?.includes(part.text) === true ? undefined : part.called;
    const column = chosenColumn(columns, role, called ?? part);
    return { column, name: called?.name ?? names?.[column] ?? `column${String(column + 1)}` };
  });
  const twice = found.find(({ column }, at) => found.findIndex((other) => other.column === column) < at);
  if (twice === undefined) return found;
  throw new AppError(
    'bad-usage',
    `\`${optionOf(columns)}\` uses column ${JSON.stringify(twice.name)} twice for the ${role}`,
  );
}

/** The column whose name is the likeliest of the first group of synonyms that any column has. */
function defaultColumn<Role extends string>(
  columns: KnownColumns<Role>,
  names: readonly string[],
  { role, required, synonyms }: RoleDefinition<Role>,
  taken: ReadonlyMap<number, Role>,
): number | undefined {
  const plain = names.map(plainName);
  for (const group of synonyms) {
    const all = group.flatMap((name) =>
      plain.flatMap((is, at) => (is === name && !taken.has(at) ? [at] : [])),
    );
    // An id says who it is better than a name, which may be another's too.
    const hasId = all.some((at) => plain[at]?.endsWith('id') === true);
    const [first, second] = hasId ? all.filter((at) => plain[at]?.endsWith('name') !== true) : all;
    if (first === undefined) continue;
    if (second === undefined) return first;
    const both = `${JSON.stringify(names[first])} and ${JSON.stringify(names[second])}`;
    if (required || plain[first] === plain[second]) throw ambiguous(columns, role, both, [first, second]);
    columns.warn?.(`${columns.file} has the columns ${both}; the first is used as the ${role}`);
    return first;
  }
  return undefined;
}

function ambiguous<Role extends string>(
  columns: KnownColumns<Role>,
  role: Role,
  both: string,
  indexes: readonly number[],
): AppError {
  const { file, names, width } = columns;
  return new AppError('bad-input-file', `${file} has two columns that may be the ${role}: ${both}`, {
    suggestions: [
      `Say which one it is, by its name or its number: \`${optionOf(columns)}\` ${role}=${String((indexes[0] ?? 0) + 1)}`,
    ],
    details: { file, role, columns: names ?? width, candidates: indexes.map((at) => at + 1) },
  });
}

function twoRoles<Role extends string>(
  columns: KnownColumns<Role>,
  index: number,
  one: Role,
  other: Role,
): AppError {
  const { file, names } = columns;
  const column = names === undefined ? String(index + 1) : JSON.stringify(names[index]);
  return new AppError(
    'bad-usage',
    `\`${optionOf(columns)}\` names column ${column} for the ${one} and for the ${other}`,
    {
      details: { file, column: index + 1, roles: [one, other] },
    },
  );
}

function chosenColumn<Role extends string>(
  columns: KnownColumns<Role>,
  role: Role,
  choice: Pick<ColumnChoice, 'text' | 'quoted' | 'at'>,
): number {
  if (choice.at !== undefined) return choice.at;
  const { file, names, width } = columns;
  const index = names === undefined ? -1 : names.indexOf(choice.text);
  const second = names?.indexOf(choice.text, index + 1) ?? -1;
  const text = JSON.stringify(choice.text);
  if (index >= 0 && second >= 0) throw ambiguous(columns, role, `${text} and ${text}`, [index, second]);
  if (index >= 0) return index;
  const position = positionOf(choice);
  if (position !== undefined && position < width) return position;
  const wanted = position === undefined ? `no column "${choice.text}"` : `no column ${choice.text}`;
  throw new AppError(
    'bad-input-file',
    `${file} has ${wanted}, which \`${optionOf(columns)}\` names for the ${role}: ${describeColumns(columns)}`,
    {
      suggestions: meantBy(choice, columns),
      details: { file, role, wanted: choice.text, columns: names ?? width },
    },
  );
}

/** What may have been meant by a column that is not there: the only one that is written otherwise, or has a longer name. */
function meantBy(
  { text, quoted }: Pick<ColumnChoice, 'text' | 'quoted'>,
  { names = [], width, numSeen }: Pick<KnownColumns<string>, 'names' | 'width' | 'numSeen'>,
): readonly string[] {
  if (!quoted && /^\d+$/.test(text)) return [`positions count from 1 to ${numSeen ?? width}`];
  const plain = plainName(text);
  const seen = names.slice(0, numSeen);
  const same = seen.filter((name) => plainName(name) === plain);
  const alike =
    same.length > 0 || plain === '' ? same : seen.filter((name) => plainName(name).includes(plain));
  return alike.length === 1 ? [`did you mean ${JSON.stringify(alike[0])}?`] : [];
}

function missingColumn<Role extends string>(
  columns: KnownColumns<Role>,
  role: Role,
  known: readonly string[],
): AppError {
  const { file, names, width, numSeen, advice } = columns;
  return new AppError('bad-input-file', `${file} has no ${role} column: ${describeColumns(columns)}`, {
    suggestions: advice?.(role, known) ?? [],
    details: { file, role, columns: names?.slice(0, numSeen) ?? width },
  });
}

function optionOf({ option = 'columns' }: Pick<KnownColumns<string>, 'option'>): string {
  return option;
}

function describeColumns({
  names,
  width,
  numSeen,
}: Pick<KnownColumns<string>, 'names' | 'width' | 'numSeen'>): string {
  if (names === undefined) return `it has ${width} column${width === 1 ? '' : 's'} and no header`;
  const seen = names.slice(0, numSeen);
  const shown = seen.slice(0, 20).map((name) => JSON.stringify(name));
  return `its columns are ${shown.join(', ')}${seen.length > 20 ? ` and ${seen.length - 20} more` : ''}`;
}

/** AppError 'bad-input-file' where times stand in a place that is the user's or the item's in files without a header. */
export function checkPositions(
  source: RowSource,
  columns: RoleColumns<EventRole>,
  choices: ReadonlyMap<string, ColumnChoice>,
): void {
  const { file, dialect, header, sample } = source;
  if (dialect === undefined || header || file.adjacency === true) return;
  for (const role of ['user', 'item'] as const) {
    const column = columns[role] ?? 0;
    const cell = sample?.[column] ?? '';
    if (choices.has(role) || !isTimeLike(cell)) continue;
    const number = String(column + 1);
    throw new AppError(
      'bad-input-file',
      `${file.name} has no header, so column ${number} is the ${role}, but it holds times: ${JSON.stringify(cell)}`,
      {
        suggestions: ['Say which column is which, by number: `columns` user=1,item=3,time=2'],
        details: { file: file.name, role, column: column + 1 },
      },
    );
  }
  const isMoment = (cell: string): boolean => isTimeLike(cell) || /^[12]\d{9}(?:\d{3}|\.\d+)?$/.test(cell);
  const own = { time: isMoment, weight: (cell: string) => cell === '' || Number.isFinite(Number(cell)) };
  const others = (is: (cell: string) => boolean): number | undefined =>
    sample?.findIndex((cell, at) => at > 1 && cell !== '' && is(cell));
  for (const [role, is] of Object.entries(own) as [keyof typeof own, (cell: string) => boolean][]) {
    const column = columns[role];
    const cell = sample?.[column ?? -1] ?? '';
    const other = others(role === 'time' ? is : (each) => is(each) && !isMoment(each)) ?? -1;
    if (column === undefined || choices.has(role) || cell === '' || is(cell) || other < 0) continue;
    const number = String(column + 1);
    throw new AppError(
      'bad-input-file',
      `${file.name} has no header, so column ${number} is the ${role}, but it holds ${JSON.stringify(cell)}, and column ${String(other + 1)} ${JSON.stringify(sample?.[other])}`,
      {
        suggestions: [
          `Say which column is which, by number: \`columns\` user=1,item=2,${role}=${String(other + 1)}`,
        ],
        details: { file: file.name, role, column: column + 1 },
      },
    );
  }
}

/** AppError 'bad-input-file' for a column of lists or structures. */
export function checkType(file: InputFile, role: string, column = '', type = ''): void {
  if (!/\[|^STRUCT|^MAP|^UNION|^LIST/.test(type)) return;
  const { name } = file;
  throw new AppError(
    'bad-input-file',
    `${name}: the ${role} column ${JSON.stringify(column)} holds ${type}; a plain value is wanted`,
    { details: { file: name, role, column, type } },
  );
}
