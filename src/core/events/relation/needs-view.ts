/** Whether events can be read as they stand, or need a view (view.ts); and where what is named of them is in a view. */
import { basename, extname, resolve } from 'node:path';
import { AppError } from '../../errors.js';
import { parseExpression } from '../../expressions/parse.js';
import { namesOf, type Expression } from '../../expressions/tree.js';
import { eventRoles, isId, plainName } from '../column-roles.js';
import { parseColumnChoices, positionOf, type ColumnChoice, type PartChoice } from '../find-columns.js';
import { columnNames, type FoundRows, type RowSource } from '../row-source.js';
import type { EventLook } from '../event-source.js';
import type { Profile } from './profile.js';

type NamedColumn = Pick<ColumnChoice, 'text' | 'quoted'>;

export interface Asked {
  readonly choices: ReadonlyMap<string, ColumnChoice>;
  readonly filter?: string | undefined;
  readonly types?: ReadonlyMap<string, string> | undefined;
  readonly profile?: object | undefined;
}

/** Whether rows of a file are read without a view: what is said of it names no more than its columns. */
export function standsAsItIs(source: FoundRows, asked: Asked): source is RowSource {
  return source.format !== 'json' && source.format !== 'duckdb' && isOfColumns(columnNames(source), asked);
}

/** Whether what is said names no more than these columns. */
export function isOfColumns(
  names: readonly string[] | undefined,
  { choices, filter, types, profile }: Asked,
): boolean {
  if (filter !== undefined || types !== undefined || profile !== undefined) return false;
  return ![...choices].some(([role, choice]) =>
    namedBy(role, choice, names).some((each) => !isColumn(each, names) && isCalculated(each)),
  );
}

/** The columns, or expressions, that a role is chosen by: the parts of a joined id each. */
function namedBy(
  role: string,
  { text, quoted, parts }: ColumnChoice,
  names: readonly string[] | undefined,
): NamedColumn[] {
  if (parts === undefined || !isId(role) || names?.includes(text) === true) return [{ text, quoted }];
  return parts.map((part) => (names?.includes(part.text) === true ? part : (part.called ?? part)));
}

/** As columns are found without a view. */
function isColumn({ text, quoted }: NamedColumn, names: readonly string[] | undefined): boolean {
  return (
    quoted || text === '' || positionOf({ text, quoted }) !== undefined || names?.includes(text) === true
  );
}

/** Whether a text means more than the name of a column of the file itself. */
function isCalculated({ text }: NamedColumn): boolean {
  const tree = expressionIn(text);
  return (
    tree !== undefined && (tree.op !== 'name' || tree.parts.length > 1 || placeNames.includes(tree.parts[0]!))
  );
}

export function expressionIn(text: string): Expression | undefined {
  try {
    return parseExpression(text, '`columns`');
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** What `filter` leaves out, as reports call it. */
export const notMatching = 'rows that do not match `filter`';

/** Where a file lies, as names that expressions may use. */
const placeNames = ['filename', 'folder', 'file'];
/** Folders and archives that each person's export has. */
const ofExports =
  /^(?:my_spotify_data.*|mydata|spotify (?:account data|extended streaming history)|takeout.*|youtube (?:and youtube )?music|history)$/i;

/** By those names: its path as it was given, the folder that it is in, and its own name without endings. */
export function placesOf(path: string): Readonly<Record<string, string>> {
  const parts = resolve(path)
    .split(/[\\/]/)
    .map((part) => part.replace(/\.(?:gz|zst|zip)$/i, ''));
  const file = parts.pop()!;
  const folder = parts.findLast((part) => part !== '' && !ofExports.test(part)) ?? '';
  const places = [path, folder, basename(file, extname(file))];
  return Object.fromEntries(placeNames.map((name, at) => [name, places[at]!]));
}

/** A condition by which rows are left out: of what they are, but for that of `filter`, which the others meet. */
export interface RowFilter {
  readonly what: string;
  /** What it is called in errors. */
  readonly name: string;
  readonly where: string;
}

export function filtersOf({ profile, filter }: Pick<EventLook, 'profile' | 'filter'>): RowFilter[] {
  const ofProfile = profile?.leaveOut.map(({ what, where }) => ({ what, name: what, where })) ?? [];
  return filter === undefined
    ? ofProfile
    : [...ofProfile, { what: notMatching, name: '`filter`', where: filter }];
}

/** How lists of items are called, as `plainName` writes it. */
const itemLists = new Set([
  'items',
  'itemids',
  'tracks',
  'trackids',
  'songs',
  'songids',
  'sequence',
  'history',
]);

/** The roles that nobody named, and no column has by its name: of the only field that is called so within its structure. */
export function withNested(
  given: ReadonlyMap<string, ColumnChoice>,
  fields: readonly { readonly name: string; readonly isList: boolean }[],
): ReadonlyMap<string, ColumnChoice> {
  const choices = new Map(given);
  const tails = fields.map(({ name }) => {
    const parts = name.split('.');
    return parts.length === 1
      ? []
      : [parts.slice(-2), parts.slice(-1)].map((each) => plainName(each.join('')));
  });
  for (const { role, required, synonyms } of eventRoles) {
    const own = fields.filter(({ name }) => synonyms.flat().includes(plainName(name)));
    if (choices.has(role) || own.length > 0 || (!required && role !== 'time')) continue;
    const groups = synonyms.flatMap((group) =>
      [0, 1].map((which) => fields.filter((_, at) => group.includes(tails[at]?.[which] ?? ''))),
    );
    const lists = fields.filter(({ name, isList }) => isList && itemLists.has(plainName(name)));
    if (role === 'item') groups.push(lists);
    const found = groups.find((group) => group.length > 0);
    if (found?.length === 1) choices.set(role, { text: found[0]!.name, quoted: true });
  }
  return choices;
}

/** What a profile says of roles that nobody named, of what rows have: the first of each list. */
export function withProfile(
  given: ReadonlyMap<string, ColumnChoice>,
  profile: Profile,
  names: readonly string[] | undefined,
  has: (name: string) => boolean,
): Map<string, ColumnChoice> {
  const choices = new Map(given);
  for (const { role } of eventRoles) {
    const found = profile[role]
      .map((text) => parseColumnChoices(`${role}=${text}`, eventRoles).get(role)!)
      .find((choice) =>
        namedBy(role, choice, names).every((each) => {
          const tree = isColumn(each, names) ? undefined : expressionIn(each.text);
          return tree === undefined
            ? isColumn(each, names)
            : namesOf(tree).every(({ parts }) => has(parts.join('.')));
        }),
      );
    if (!choices.has(role)) {
      if (found !== undefined) choices.set(role, found);
      // What a profile does not name is not there, whatever it looks like.
      else if (role !== 'user' && role !== 'item') choices.set(role, { text: '', quoted: false });
    }
  }
  return choices;
}

/**
 * Choices with the place of each column that is a field of a structure or has to be calculated.
 * @param has whether rows have what an expression names; one that names something else is called by that
 * @param calculate makes a column of an expression, and says its place
 */
export function withFields(
  choices: ReadonlyMap<string, ColumnChoice>,
  names: readonly string[] | undefined,
  has: (name: string, tree: Expression) => boolean,
  calculate: (tree: Expression, text: string) => number,
): Map<string, ColumnChoice> {
  const placed = <T extends NamedColumn>(each: T): T => {
    const tree = isColumn(each, names) ? undefined : expressionIn(each.text);
    if (tree === undefined) return each;
    const lacking = namesOf(tree).find(({ parts }) => !has(parts.join('.'), tree));
    return lacking === undefined
      ? { ...each, at: calculate(tree, each.text) }
      : { ...each, text: lacking.parts.join('.'), quoted: true };
  };
  return new Map(
    [...choices].map(([role, choice]) => {
      if (namedBy(role, choice, names).length === 1) return [role, placed(choice)];
      const parts = choice.parts!.map((part): PartChoice =>
        part.called === undefined ? placed(part) : { ...part, called: placed(part.called) },
      );
      return [role, { ...choice, parts }];
    }),
  );
}
