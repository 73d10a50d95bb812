/** An object of JSON that is an event by itself: which key is which, by the table that `train` finds columns by (column-roles.ts). */
import { AppError } from '../errors.js';
import { entryRoles, plainName, type EntryRole } from './column-roles.js';
import { findColumns, findIdParts, parseColumnChoices, type ColumnChoice } from './find-columns.js';
import { joinedId } from './joined-ids.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface KeyedEvent {
  /** What it says with null it does not say. */
  readonly values: Readonly<Partial<Record<EntryRole, unknown>>>;
  /** Keys that have no role here, or lost it to a likelier one. */
  readonly unread: readonly string[];
  /** Keys that `columns` names, and it lacks. */
  readonly lacking: readonly string[];
}

/** An object by its roles; or the end of a sentence that begins with "the event". AppError 'bad-usage' as findColumns. */
export type EventKeys = (fields: JsonObject) => KeyedEvent | string;

/** Each is of one set of keys. */
const mostLayouts = 100;

/**
 * @param columns as `--columns`, without positions, which keys have not. A key that it names and an object lacks is not said, but for
 * the user's and the item's. AppError 'bad-usage' for what cannot be read.
 */
export function eventKeys(columns = ''): EventKeys {
  const choices = parseColumnChoices(columns, entryRoles);
  const layouts = new Map<string, ReturnType<typeof layoutOf>>();
  return (fields) => {
    const keys = Object.keys(fields).filter((key) => (fields[key] ?? undefined) !== undefined);
    const signature = JSON.stringify(keys);
    let layout = layouts.get(signature);
    if (layout === undefined) {
      if (layouts.size >= mostLayouts) layouts.clear();
      layouts.set(signature, (layout = layoutOf(keys, choices)));
    }
    if (typeof layout === 'string') return layout;
    const values: Partial<Record<EntryRole, unknown>> = {};
    for (const [role, named] of layout.found)
      values[role] =
        named.length === 1 ? fields[named[0]!] : idOf(named.map((key) => textOf(fields[key]) ?? ''));
    return { values, unread: layout.unread, lacking: layout.lacking };
  };
}

function layoutOf(keys: readonly string[], choices: ReadonlyMap<EntryRole, ColumnChoice>) {
  const plain = new Set(keys.map(plainName));
  const roles = entryRoles.map(({ required, ...rest }) => {
    const isNamed = choices.has(rest.role) || rest.synonyms.flat().some((name) => plain.has(name));
    return { ...rest, required: required && isNamed };
  });
  const lacking = [...choices].filter(
    ([role, { text, parts }]) =>
      role !== 'user' && role !== 'item' && parts === undefined && !keys.includes(text),
  );
  const given = new Map(choices);
  for (const [role] of lacking) given.set(role, { text: '', quoted: false });
  const columns = { file: '', names: keys, width: 0 };
  try {
    const columnOf = findColumns(columns, given, roles);
    const found = roles.flatMap(({ role }): [EntryRole, string[]][] => {
      const at = findIdParts(columns, given, role)?.map(({ column }) => column) ?? [columnOf[role] ?? -1];
      return at[0] === -1 ? [] : [[role, at.map((column) => keys[column]!)]];
    });
    const read = new Set(found.flatMap(([, named]) => named));
    const unread = keys.filter((key) => !read.has(key));
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
  return typeof value === 'number' ? String(value) : null;
}

const mayBeRounded = /"\s*:\s*-?(?:\d{16}|\d+[.eE])/;
const textOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * JSON.parse, but that numbers which JavaScript would round, or write otherwise than DuckDB does, are texts: an id is the same for
 * every reader. Throws SyntaxError.
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return mayBeRounded.test(text) ? JSON.parse(text.replaceAll(textOrNumber, exactly)) : value;
}

const isWhole = /^-?\d+$/;

function exactly(token: string): string {
  const value = Number(token);
  // A text is none.
  if (!Number.isFinite(value) || (isWhole.test(token) && Number.isSafeInteger(value))) return token;
  const text = isWhole.test(token) ? token : String(value).replace('e+', 'e');
  return text !== token && isWhole.test(text) ? `"${text}.0"` : `"${text}"`;
}
