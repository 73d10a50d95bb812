/**
 * Objects of JSON that are events one by one: what their keys mean, by the tables and the language that `train` reads files with
 * (column-roles.ts, relation/). One of them says what it says alone: no other is looked at for what its keys are.
 */
import { AppError } from '../errors.js';
import { checkerOf } from '../expressions/check.js';
import { isNameOf, type Columns } from '../expressions/columns.js';
import { conditionOf, valueOf, type CellOfRecord, type ColumnOfRecord } from '../expressions/evaluate.js';
import { parsePredicate } from '../expressions/parse.js';
import { namesOf, type Expression, type Predicate } from '../expressions/tree.js';
import { momentOf } from './cell-sql.js';
import { entryRoles, plainName, type EntryRole } from './column-roles.js';
import { findColumns, findIdParts, parseColumnChoices, type ColumnChoice } from './find-columns.js';
import { joinedId } from './joined-ids.js';
import {
  filtersOf,
  isOfColumns,
  notMatching,
  placesOf,
  withFields,
  withNested,
  withProfile,
} from './relation/needs-view.js';
import { recognised, type Profile } from './relation/profile.js';
import { parseTypes } from './type-names.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface KeyedEvent {
  /** What it says with null it does not say. */
  readonly values: Readonly<Partial<Record<EntryRole, unknown>>>;
  /** Keys that have no role here, or lost it to a likelier one. */
  readonly unread: readonly string[];
  /** Keys that `columns` or `filter` names, and it lacks. */
  readonly lacking: readonly string[];
  /** What it is, where a filter or a profile leaves it out. */
  readonly leftOut?: string | undefined;
}

/** An object by its roles; or the end of a sentence that begins with "the event". AppError 'bad-usage' as findColumns. */
export type EventKeys = (fields: JsonObject) => KeyedEvent | string;

/** What is said of objects. */
export interface KeysLook {
  /** As `columns`, without positions, which keys have not. */
  readonly columns?: string | undefined;
  readonly filter?: string | undefined;
  readonly types?: string | undefined;
  readonly profile?: Profile | undefined;
  /** Of the file that they are from, for what its place says. */
  readonly path?: string | undefined;
  /** Whether objects within are looked into, though nothing is said. */
  readonly isNested?: boolean;
}

/** The leaves of an object by their names, `track.artist`; of one that is not looked into its keys. */
type Leaves = readonly (readonly [name: string, value: unknown])[];
type Read = (leaves: Leaves) => KeyedEvent | string;

/** Each is of one set of keys, and of what kinds their values are where that matters. */
const mostLayouts = 1000;

/**
 * A key that `columns` names and an object lacks is not said, but for the user's and the item's. AppErrors 'bad-usage' for what cannot
 * be read, and for a profile that is SQL.
 * @param first the first of the objects: where a profile says several things, what they have holds for all
 */
export function eventKeys(look: KeysLook = {}, first: readonly JsonObject[] = []): EventKeys {
  const { profile, path } = look;
  if (profile?.select !== undefined) throw isSql(profile.id);
  const meant = look.types ?? profile?.types;
  const types = meant === undefined ? undefined : parseTypes(meant);
  const given: ReadonlyMap<string, ColumnChoice> = parseColumnChoices(look.columns ?? '', entryRoles);
  const isPlain = look.isNested !== true && isOfColumns([], { ...look, choices: given, types });
  const places = isPlain || path === undefined ? [] : Object.entries(placesOf(path));
  const chosenBy = (names: readonly string[]): ReadonlyMap<string, ColumnChoice> =>
    profile === undefined
      ? withNested(given, isPlain ? [] : names.map((name) => ({ name, isList: false })))
      : withProfile(given, profile, names, (name) => names.includes(name));
  const chosen = chosenBy([...namesIn(first), ...places.map(([name]) => name)]);
  const filters = filtersOf(look).map((each) => ({ ...each, tree: parsePredicate(each.where, each.name) }));
  const filtered = new Set(filters.flatMap(({ tree }) => namesOf(tree).map(({ parts }) => parts.join('.'))));

  /** How objects with these leaves are read. AppErrors for kinds of values that an expression cannot have. */
  function readerOf(leaves: Leaves): Read {
    const names = leaves.map(([name]) => name);
    const rank = (of: typeof chosen): number => profile?.user.indexOf(of.get('user')?.text ?? '') ?? 0;
    const own = chosenBy(names);
    if (rank(own) < rank(chosen)) {
      const problem = `names its user by ${own.get('user')!.text}, which the first events have not`;
      return () => problem;
    }
    const missing = new Set<string>();
    const over = (tree: Expression | Predicate, text: string, what: string): Over =>
      checkerOf(text, what, columnsOf(tree, leaves, missing));
    const leftOut = filters.map(({ what, name, where, tree }) => {
      const holds = conditionOf(over(tree, where, name).predicate(tree));
      return { what, isOut: (of: Leaves) => (holds(of) === true) !== (what === notMatching) };
    });
    const calculated: ((of: Leaves) => unknown)[] = [];
    // A name alone has to be there; what is calculated of one that is not has no value.
    const has = (name: string, { op }: Expression): boolean => op !== 'name' || names.includes(name);
    const roles = rolesOf(
      names,
      isPlain
        ? chosen
        : withFields(chosen, names, has, (tree, text) => {
            const at = tree.op === 'name' ? names.indexOf(tree.parts.join('.')) : -1;
            const value = valueOf(over(tree, text, '`columns`').value(tree));
            // A name alone stays what it is; a number is as its text.
            const ofNumber = (own: CellOfRecord): unknown => (typeof own === 'number' ? String(own) : own);
            calculated.push(at < 0 ? (of) => ofNumber(value(of)) : (of) => of[at]![1]);
            return names.length + calculated.length - 1;
          }),
    );
    const isTold = typeof roles === 'object' && profile === undefined;
    const isOther = (name: string): boolean =>
      !filtered.has(name) && !places.some(([place]) => place === name);
    const rest = {
      unread: isTold ? roles.unread.filter(isOther) : [],
      lacking: isTold ? [...roles.lacking, ...missing] : [],
    };
    const cell = (at: number): ((of: Leaves) => unknown) =>
      at < names.length ? (of) => of[at]![1] : calculated[at - names.length]!;
    const cells =
      typeof roles === 'string'
        ? []
        : roles.found.map(([role, columns]) => {
            const [only, ...more] = columns.map(cell);
            const joined = (of: Leaves): string =>
              idOf([only!, ...more].map((each) => textOf(each(of)) ?? ''));
            return [role, more.length === 0 ? only! : joined] as const;
          });
    return (of) => {
      const out = leftOut.find(({ isOut }) => isOut(of));
      if (out !== undefined) return { ...rest, values: {}, leftOut: out.what };
      if (typeof roles === 'string') return roles;
      const values: Partial<Record<EntryRole, unknown>> = {};
      for (const [role, valueIn] of cells) {
        // What cannot be calculated is an empty cell.
        const value = valueIn(of) ?? (role === 'weight' ? '' : undefined);
        const type = role === 'type' ? types?.get(textOf(value)?.trim().toLowerCase() ?? '') : undefined;
        values[role] = type ?? value;
      }
      return { ...rest, values };
    };
  }

  const readers = new Map<string, Read>();
  return (fields) => {
    const own = leavesOf(fields, !isPlain);
    const leaves = isPlain ? own : [...own, ...places.filter(([name]) => !Object.hasOwn(fields, name))];
    const layout = JSON.stringify(
      leaves.map(([name, value]) => (isPlain ? name : `${typeof cellOf(value)} ${name}`)),
    );
    let reader = readers.get(layout);
    if (reader === undefined) {
      if (readers.size >= mostLayouts) readers.clear();
      try {
        reader = readerOf(leaves);
      } catch (error) {
        if (isPlain || !(error instanceof AppError)) throw error;
        const problem = `cannot be read: ${error.message}`;
        reader = () => problem;
      }
      readers.set(layout, reader);
    }
    return reader(leaves);
  };
}

type Over = ReturnType<typeof checkerOf<ColumnOfRecord<Leaves>>>;

function isSql(id: string): AppError {
  const whole = `\`format\` ${id}`;
  return new AppError('bad-usage', `${whole} is SQL over a whole file, and events are read one by one`, {
    suggestions: ['Read the file by itself: train does, and a follower by `addEvents`.'],
    details: { format: id },
  });
}

/** The same with the profile that objects are of, where nobody says what their keys are and the usual names do not; and whether those lie within. */
export async function lookBy(first: readonly JsonObject[], look: KeysLook): Promise<KeysLook> {
  const { columns = '', filter, types, profile } = look;
  if (profile !== undefined || columns.trim() !== '') return look;
  const isUsual = first.map(plainKeys).some((keyed) => {
    const [user, item] = typeof keyed === 'string' ? [] : [keyed.values.user, keyed.values.item];
    return textOf(user) !== null && textOf(item) !== null;
  });
  if (isUsual && filter === undefined && types === undefined) return look;
  const found = await recognised(namesIn(first));
  return { ...look, isNested: !isUsual, profile: found?.select === undefined ? found : undefined };
}

/** Of objects of which nothing is said. */
export const plainKeys = eventKeys();

/** What a tree may name of objects with these leaves. @param missing is told what these lack: it has no value */
function columnsOf(
  tree: Expression | Predicate,
  leaves: Leaves,
  missing: Set<string>,
): Columns<ColumnOfRecord<Leaves>> {
  const known = leaves.map(([name]) => name);
  for (const { parts } of namesOf(tree)) if (!isNameOf(parts.join('.'), known)) missing.add(parts.join('.'));
  return {
    names: [...known, ...missing],
    open([name]) {
      const at = known.indexOf(name!);
      if (at < 0) return { kind: 'nothing', of: () => null };
      const kind = typeof cellOf(leaves[at]![1]) === 'number' ? 'numbers' : 'texts';
      return { kind, of: (of) => cellOf(of[at]![1]) };
    },
    datesOf: ({ of }) => ({ kind: 'dates', of: (record) => momentOf(of(record)) }),
  };
}

function namesIn(objects: readonly JsonObject[]): string[] {
  return [...new Set(objects.flatMap((fields) => leavesOf(fields, true).map(([name]) => name)))];
}

/** @param isDeep whether objects within are looked into */
export function leavesOf(
  fields: JsonObject,
  isDeep: boolean,
  above = '',
  leaves: [string, unknown][] = [],
): Leaves {
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value === null || value === undefined) continue;
    if (isDeep && isObject(value)) leavesOf(value, true, `${above}${key}.`, leaves);
    else leaves.push([above + key, value]);
  }
  return leaves;
}

/** A value as expressions see it: numbers and texts as they are, all else as its text. */
function cellOf(value: unknown): string | number {
  if (value instanceof WrittenNumber) return Number(value.text);
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

/** Where the roles are; or what is wrong with all objects of these names. AppError 'bad-usage' as findColumns. */
function rolesOf(names: readonly string[], choices: ReadonlyMap<string, ColumnChoice>) {
  const plain = new Set(names.map(plainName));
  const roles = entryRoles.map(({ required, ...rest }) => {
    const isNamed = choices.has(rest.role) || rest.synonyms.flat().some((name) => plain.has(name));
    return { ...rest, required: required && isNamed };
  });
  const lacking = [...choices].filter(
    ([role, { text, parts, at }]) =>
      role !== 'user' && role !== 'item' && parts === undefined && at === undefined && !names.includes(text),
  );
  const given = new Map(choices);
  for (const [role] of lacking) given.set(role, { text: '', quoted: false });
  const columns = { file: '', names, width: 0 };
  try {
    const columnOf = findColumns<string>(columns, given, roles);
    const found = roles.flatMap(({ role }): [EntryRole, number[]][] => {
      const at = findIdParts<string>(columns, given, role)?.map(({ column }) => column) ?? [
        columnOf[role] ?? -1,
      ];
      return at[0] === -1 ? [] : [[role, at]];
    });
    const read = new Set(found.flatMap(([, at]) => at));
    const unread = names.filter((_, at) => !read.has(at));
    return { found, unread, lacking: lacking.flatMap(([, { text }]) => (text === '' ? [] : [text])) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'bad-input-file') return error.message.trim();
    throw error;
  }
}

function idOf(texts: readonly string[]): string {
  return texts.includes('') ? '' : joinedId(texts);
}

/** Numbers are ids too; null for what is neither. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value instanceof WrittenNumber ? value.text : typeof value === 'number' ? String(value) : null;
}

export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber)
  );
}

/** A number that JavaScript would round, or write otherwise than DuckDB does. */
class WrittenNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON(): string {
    return this.text;
  }
}

const mayBeRounded = /"\s*:\s*-?(?:\d{16}|\d+[.eE])/;
const textOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * JSON.parse, but that numbers which JavaScript would round, or write otherwise than DuckDB does, keep their texts: an id is the same
 * for every reader. Throws SyntaxError.
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return mayBeRounded.test(text) ? written(value, JSON.parse(text.replaceAll(textOrNumber, exactly))) : value;
}

/** @param texts the same with texts in place of such numbers */
function written(value: unknown, texts: unknown): unknown {
  if (typeof value === 'number') return typeof texts === 'string' ? new WrittenNumber(texts) : value;
  if (Array.isArray(value)) return value.map((each, at) => written(each, (texts as unknown[])[at]));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, written(each, (texts as JsonObject)[key])]),
  );
}

const isWhole = /^-?\d+$/;

function exactly(token: string): string {
  const value = Number(token);
  // A text is none.
  if (!Number.isFinite(value) || (isWhole.test(token) && Number.isSafeInteger(value))) return token;
  const text = isWhole.test(token) ? token : String(value).replace('e+', 'e');
  return text !== token && isWhole.test(text) ? `"${text}.0"` : `"${text}"`;
}
