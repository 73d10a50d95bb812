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

/** Parses `--columns`. Throws AppError 'bad-usage'. */
export function parseColumnChoices<Role extends string>(
  text: string,
  roles: readonly RoleDefinition<Role>[],
): Map<Role, ColumnChoice> {
  const choices = new Map<Role, ColumnChoice>();
  if (text.trim() === '') return choices;
  const form = /\s*([a-z]+)\s*=\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/y;
  const known = roles.map(({ role }) => role).join(', ');
  let at = 0;
  do {
    form.lastIndex = at;
    const match = form.exec(text);
    if (match === null) {
      throw new AppError(
        'bad-usage',
        `--columns ${JSON.stringify(text)} cannot be read at ${JSON.stringify(text.slice(at))}: ` +
          `role=column is wanted, comma-separated, such as user=listener,item=track`,
        { suggestions: ['Put a name that holds commas or quotes in double quotes, quotes in it doubled.'] },
      );
    }
    const [whole, roleText, quotedName, bareName] = match;
    const role = roles.find((definition) => definition.role === roleText)?.role;
    if (role === undefined) {
      throw new AppError('bad-usage', `--columns names the role "${String(roleText)}"; roles are ${known}`);
    }
    if (choices.has(role)) throw new AppError('bad-usage', `--columns names the role "${role}" twice`);
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

function positionOf(choice: ColumnChoice): number | undefined {
  return !choice.quoted && /^[1-9]\d{0,5}$/.test(choice.text) ? Number(choice.text) - 1 : undefined;
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
  const named = [...choices.values()].filter(
    (choice) => choice.text !== '' && positionOf(choice) === undefined,
  );
  if (named.length > 0) return named.some((choice) => cells.includes(choice.text));
  const usual = new Set(roles.flatMap(({ names }) => names));
  return (
    cells.some((cell) => usual.has(plainName(cell))) && !cells.some((cell) => /^\d+([.-]\d+)*$/.test(cell))
  );
}

/**
 * Finds the column of each role. `names` are the file's columns, or undefined where it has no header and `width`
 * columns. Throws AppError 'bad-input-file' naming `file`, the role and the columns that there are.
 */
export function findColumns<Role extends string>(
  file: string,
  names: readonly string[] | undefined,
  width: number,
  choices: ReadonlyMap<Role, ColumnChoice>,
  roles: readonly RoleDefinition<Role>[],
): RoleColumns<Role> {
  const columns: RoleColumns<Role> = {};
  const taken = new Set<number>();
  const take = (role: Role, index: number): void => {
    columns[role] = index;
    taken.add(index);
  };
  for (const { role, required } of roles) {
    const choice = choices.get(role);
    if (choice === undefined) continue;
    if (choice.text === '' && !choice.quoted) {
      if (required) throw new AppError('bad-usage', `--columns ${role}= leaves no column for the ${role}`);
      continue;
    }
    take(role, chosenColumn(file, role, choice, names, width));
  }
  const plain = names?.map(plainName);
  for (const { role, required, position, names: usual } of roles) {
    if (choices.has(role)) continue;
    const index =
      plain === undefined
        ? position !== undefined && position < width && !taken.has(position)
          ? position
          : undefined
        : usual
            .map((name) => plain.findIndex((is, at) => is === name && !taken.has(at)))
            .find((at) => at >= 0);
    if (index !== undefined) take(role, index);
    else if (required) throw missingColumn(file, role, names, width, usual);
  }
  return columns;
}

function chosenColumn(
  file: string,
  role: string,
  choice: ColumnChoice,
  names: readonly string[] | undefined,
  width: number,
): number {
  const index = names === undefined ? -1 : names.indexOf(choice.text);
  if (index >= 0) return index;
  const position = positionOf(choice);
  if (position !== undefined && position < width) return position;
  const wanted = position === undefined ? `no column "${choice.text}"` : `no column ${choice.text}`;
  throw new AppError(
    'bad-input-file',
    `${file} has ${wanted}, which --columns names for the ${role}: ${describeColumns(names, width)}`,
    { details: { file, role, wanted: choice.text, columns: names ?? width } },
  );
}

function missingColumn(
  file: string,
  role: string,
  names: readonly string[] | undefined,
  width: number,
  usual: readonly string[],
): AppError {
  return new AppError('bad-input-file', `${file} has no ${role} column: ${describeColumns(names, width)}`, {
    suggestions: [
      `Say which column it is: --columns ${role}=${names === undefined ? '2' : 'NAME'}. ` +
        `Without it these names are known: ${usual.join(', ')}.`,
    ],
    details: { file, role, columns: names ?? width },
  });
}

function describeColumns(names: readonly string[] | undefined, width: number): string {
  if (names === undefined)
    return `it has ${width} column${width === 1 ? '' : 's'} and no header that is known`;
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name));
  return `its columns are ${shown.join(', ')}${names.length > 20 ? ` and ${names.length - 20} more` : ''}`;
}
