/**
 * Which column of a file is the user, the item, and so on.
 *
 * A role is found, in this order: by `--columns role=column`; by its usual names, in a file with a header; by position,
 * in one without. `--columns` is a comma-separated list of `role=column`, where a column is
 *
 *   plays          a name of the header (or a key, or a Parquet column); the text up to the next comma
 *   "plays, all"   a name in double quotes, which may hold commas; a quote in it is doubled
 *   3              a position counted from 1, unless the header has a column of that name
 *   (nothing)      `weight=` says that the file has no such column, whatever it looks like
 */
import { AppError } from '../errors.js';
import type { RoleDefinition } from './column-roles.js';
import { plainName } from './column-roles.js';

/** What `--columns` says of one role. */
export interface ColumnChoice {
  readonly text: string;
  readonly quoted: boolean;
}

/** Where the columns of a file are: an index (from 0) into its columns per role. */
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
  const form = /\s*([a-z][\w-]*)\s*=\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/iy;
  const known = roles.map(({ role }) => role).join(', ');
  const example = roles.map(({ role }) => `${role}=${role === 'user' ? 'listener' : 'track'}`).slice(0, 2);
  let at = 0;
  do {
    form.lastIndex = at;
    const match = form.exec(text);
    if (match === null) {
      throw new AppError(
        'bad-usage',
        `\`${option}\` ${JSON.stringify(text)} cannot be read at ${JSON.stringify(text.slice(at))}: ` +
          `role=column is wanted, comma-separated, such as ${example.join(',')}`,
        { suggestions: ['Put a name that holds commas or quotes in double quotes, quotes in it doubled.'] },
      );
    }
    const [whole, role = '', quotedName, bareName] = match;
    if (!isOpen && !roles.some((definition) => definition.role === role)) {
      throw new AppError('bad-usage', `\`${option}\` names the role "${role}"; roles are ${known}`);
    }
    if (choices.has(role)) throw new AppError('bad-usage', `\`${option}\` names the role "${role}" twice`);
    choices.set(
      role,
      quotedName === undefined
        ? { text: (bareName ?? '').trim(), quoted: false }
        : { text: quotedName.replaceAll('""', '"'), quoted: true },
    );
    at += whole.length;
    if (match[4] !== ',') break;
  } while (at <= text.length);
  return choices;
}

/** The roles, and those that `choices` make up: of columns that are given a name. */
export function openRoles(
  roles: readonly RoleDefinition<string>[],
  choices: ReadonlyMap<string, ColumnChoice>,
): RoleDefinition<string>[] {
  const own = [...choices.keys()].filter((name) => !roles.some(({ role }) => role === name));
  return [...roles, ...own.map((role) => ({ role, required: true, synonyms: [] }))];
}

function positionOf(choice: ColumnChoice): number | undefined {
  return !choice.quoted && /^[1-9]\d{0,5}$/.test(choice.text) ? Number(choice.text) - 1 : undefined;
}

function named(choices: ReadonlyMap<string, ColumnChoice>): ColumnChoice[] {
  return [...choices.values()].filter((choice) => choice.text !== '' && positionOf(choice) === undefined);
}

/** Whether `--columns` names any column by its name, and not by its position only. */
export function namesColumns(choices: ReadonlyMap<string, ColumnChoice>): boolean {
  return named(choices).length > 0;
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
  if (namesColumns(choices)) return named(choices).some((choice) => cells.includes(choice.text));
  const known = new Set(roles.flatMap(({ synonyms }) => synonyms.flat()));
  return (
    cells.some((cell) => known.has(plainName(cell))) && !cells.some((cell) => /^\d+([.-]\d+)*$/.test(cell))
  );
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
        : position !== undefined && position < width && !taken.has(position)
          ? position
          : undefined;
    if (index !== undefined) take(role, index);
    else if (required) throw missingColumn(columns, role, synonyms.flat());
  }
  return found;
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
    columns.warn?.(`${columns.file} has the columns ${both}; the first is taken for the ${role}`);
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
  choice: ColumnChoice,
): number {
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
    { details: { file, role, wanted: choice.text, columns: names ?? width } },
  );
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
