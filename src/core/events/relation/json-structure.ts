/** The structure of JSON, found by a pass over all of it, and how DuckDB reads it by that. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError, machineError } from '../../errors.js';
import { quotedName, quotedText, type CellType } from '../../expressions/sql.js';
import type { DuckdbSession } from '../duckdb-session.js';
import { eventRoles } from '../column-roles.js';
import { looksLikeHeader } from '../find-columns.js';
import type { ReadingContext } from '../files/input-file.js';
import { pointerTo } from '../row-records.js';
import { howToSayTheEncoding, type FoundRows } from '../row-source.js';

/** What json_group_structure gives: a type, fields, or what a list is of. */
type Structure = string | readonly [Structure] | Fields;
interface Fields {
  readonly [name: string]: Structure;
}

const mebibyte = 1 << 20;
/** A longer value is refused: DuckDB holds it whole, several times. */
const maxValueBytes = 512 * mebibyte;
const maxLineBytes = 32 * mebibyte;
/** DuckDB follows structures by recursion, and ends the process where its stack does: longer values are looked at before. */
const longBytes = 10_000;
const maxDepth = 1000;

export interface JsonReading {
  readonly typed: boolean;
  readonly skipBadRows: boolean;
  /** Whether the rows are the only list of objects within the only object. */
  readonly within?: boolean;
  /** Whether a column may be calculated with, or compared; by default every one. */
  readonly isNamed?: (name: string) => boolean;
}

interface FieldType {
  readonly type?: CellType;
  readonly duckType?: string;
}

interface JsonRows {
  /** Objects as rows. */
  readonly from: string;
  /** By the dotted names of fields: what they hold, where that is not plain text. */
  readonly types: ReadonlyMap<string, FieldType>;
  readonly isPositional: boolean;
  /** Where the only list of objects is within the only object of the file. */
  readonly rowsWithin?: readonly string[] | undefined;
}

export async function structureOf(
  { file, format }: FoundRows,
  session: DuckdbSession,
  { typed, skipBadRows, within = false }: JsonReading,
  { onProgress }: Pick<ReadingContext, 'onProgress'>,
): Promise<JsonRows> {
  const { name, bytes, head } = file;
  const isLines = format === 'jsonl';
  const most = isLines ? maxLineBytes : Math.min(maxValueBytes, Math.max(maxLineBytes, bytes));
  const form = isLines ? 'newline_delimited' : firstByte(head) === 0x5b ? 'array' : 'unstructured';
  const options =
    `${quotedText(file.path)}, format = '${form}', compression = 'uncompressed', hive_partitioning = false, ` +
    `maximum_object_size = ${String(most)}${isLines ? ', ignore_errors = true' : ''}`;
  const look = async (json: string): Promise<unknown[]> => {
    const isLong = `strlen(json) > ${String(longBytes)}`;
    const [found = []] = await session.rows(
      `SELECT json_group_structure(${json}), count(*), min(n) FILTER (json IS NULL), count(*) FILTER (${isLong}) ` +
        `FROM (SELECT row_number() OVER () AS n, json FROM read_json_objects(${options}))`,
    );
    return found;
  };
  let found: unknown[];
  try {
    found = await look(`CASE WHEN strlen(json) <= ${String(longBytes)} THEN json END`);
    if (Number(found[3]) > 0) {
      await refuseDepth(file);
      found = await look('json');
    }
  } catch (error) {
    throw isOfRows(error) ? unreadableJson(name, error, head) : error;
  }
  // DuckDB takes the end of the file for the end of the array.
  if (form === 'array' && (await lastByte(file)) !== 0x5d) throw unreadableJson(name, undefined, head);
  const [text, count, broken] = found;
  if (broken !== null && broken !== undefined && !skipBadRows) {
    const line = Number(broken);
    throw new AppError('bad-row', `${name} line ${String(line)} is not a JSON object`, {
      suggestions: ['Fix the row, or leave out such rows with `skipBadRows`.'],
      details: { file: name, line },
    });
  }
  const unread: string[] = [];
  const structure = text === null ? undefined : readable(JSON.parse(text as string) as Structure, unread);
  if (unread.length > 0)
    onProgress({ kind: 'warning', message: `not read of ${name}: ${unread.slice(0, 10).join(', ')}` });
  if (Array.isArray(structure)) return await arraysOf(options, session);
  if (structure === undefined || typeof structure === 'string' || Array.isArray(structure)) {
    const what = Number(count) === 0 ? 'an empty array' : 'JSON that is no objects';
    throw new AppError('bad-input-file', `${name} holds ${what}; objects, one an event, are wanted`, {
      details: { file: name },
    });
  }
  const top = structure as Fields;
  const [rowsWithin, ...others] = Number(count) === 1 ? listsWithin(top) : [];
  if (within && rowsWithin !== undefined && others.length === 0) return listRows(rowsWithin, options, typed);
  const fields = Object.entries(top);
  const columns = fields.map(([key, of]) => `${quotedText(key)}: ${quotedText(typeOf(of, typed))}`);
  const types = typesOf(top, typed);
  if (!typed)
    for (const mixed of await holdingObjects(top, options, session)) types.set(mixed, { duckType: objects });
  return {
    from: `read_json(${options}, columns = {${columns.join(', ')}})`,
    types,
    isPositional: false,
    rowsWithin: others.length === 0 ? rowsWithin?.path : undefined,
  };
}

interface ListWithin {
  readonly path: readonly string[];
  readonly of: Fields;
}

/** The lists of objects in an object, but for those in such lists. */
function listsWithin(fields: Fields, path: readonly string[] = []): ListWithin[] {
  return Object.entries(fields).flatMap(([key, structure]): ListWithin[] => {
    const here = [...path, key];
    if (typeof structure === 'string') return [];
    if (!Array.isArray(structure)) return listsWithin(structure as Fields, here);
    const of = structure[0] as Structure;
    return typeof of === 'string' || Array.isArray(of) ? [] : [{ path: here, of: of as Fields }];
  });
}

function listRows({ path, of }: ListWithin, options: string, typed: boolean): JsonRows {
  const [first = '', ...deeper] = path;
  const type = deeper.reduceRight(
    (inner, key) => `STRUCT(${quotedName(key)} ${inner})`,
    `${typeOf(of, typed)}[]`,
  );
  const list = deeper.reduce((sql, key) => `struct_extract(${sql}, ${quotedText(key)})`, quotedName(first));
  const rows = `SELECT unnest(${list}) AS r FROM read_json(${options}, columns = {${quotedText(first)}: ${quotedText(type)}})`;
  return { from: `(SELECT unnest(r) FROM (${rows}))`, types: typesOf(of, typed), isPositional: false };
}

/** Arrays as rows: the first names the columns where it looks as a header does. */
async function arraysOf(options: string, session: DuckdbSession): Promise<JsonRows> {
  const [[width = 0, first = null] = []] = await session.rows(
    `SELECT max(json_array_length(json)), first(json::VARCHAR) FROM read_json_objects(${options})`,
  );
  const cells = (JSON.parse(first as string) as (string | number | boolean | object | null)[]).map((cell) =>
    typeof cell === 'object' ? '' : String(cell),
  );
  const isHeader = looksLikeHeader(cells, new Map(), eventRoles);
  const columns = Array.from({ length: Number(width) }, (_, at) => {
    return `json_extract_string(json, '$[${String(at)}]') AS ${quotedName(isHeader ? (cells[at] ?? String(at + 1)) : String(at + 1))}`;
  });
  const rows = `SELECT ${columns.join(', ')} FROM read_json_objects(${options})${isHeader ? ' OFFSET 1' : ''}`;
  return { from: `(${rows})`, types: new Map(), isPositional: !isHeader };
}

/** Structures within structures, beyond which they are their text. */
const deepest = 32;

/** Without what SQL has no name for; names that differ in case alone are one to it: the first is read. */
function readable(structure: Structure, unread: string[], path: readonly string[] = []): Structure {
  if (typeof structure === 'string') return structure;
  if (path.length === deepest) return 'VARCHAR';
  if (Array.isArray(structure)) return [readable(structure[0] as Structure, unread, [...path, '[]'])];
  const seen = new Set<string>();
  const entries = Object.entries(structure).flatMap(([key, of]) => {
    const here = [...path, key];
    const known = key.toLowerCase();
    if (key === '' || key.includes('\0') || seen.has(known)) {
      unread.push(JSON.stringify(here.join('.')));
      return [];
    }
    seen.add(known);
    return [[key, readable(of, unread, here)] as const];
  });
  return Object.fromEntries(entries);
}

function typeOf(structure: Structure, typed: boolean): string {
  if (typeof structure === 'string') {
    if (!typed || structure === 'NULL') return 'VARCHAR';
    return structure;
  }
  if (Array.isArray(structure)) {
    const [of] = structure as readonly [Structure];
    // Lists of anything but values are read by SQL alone; elsewhere they are their text.
    return typed || typeof of === 'string' ? `${typeOf(of, typed)}[]` : 'VARCHAR';
  }
  const fields = Object.entries(structure).map(([name, of]) => `${quotedName(name)} ${typeOf(of, typed)}`);
  return fields.length === 0 ? 'VARCHAR' : `STRUCT(${fields.join(', ')})`;
}

/** What fields hold that are read as they are written: what is true or false is no id. */
function typesOf(fields: Fields, typed: boolean, path = ''): Map<string, FieldType> {
  const types = new Map<string, FieldType>();
  for (const [key, of] of Object.entries(fields)) {
    const name = `${path}${key}`;
    if (typeof of === 'string') {
      if (/INT|DOUBLE/.test(of)) types.set(name, { type: 'floats' });
      else if (!typed && of === 'BOOLEAN') types.set(name, { duckType: 'UNION of true and false' });
    } else if (!Array.isArray(of))
      for (const [part, is] of typesOf(of as Fields, typed, `${name}.`)) types.set(part, is);
  }
  return types;
}

const objects = 'UNION of objects and plain values';

/** Of the keys whose values differ in kind those that hold an object or an array somewhere; numbers beside texts are fine. */
async function holdingObjects(top: Fields, options: string, session: DuckdbSession): Promise<string[]> {
  const mixed = Object.keys(top).filter((key) => top[key] === 'JSON');
  if (mixed.length === 0) return [];
  const asked = mixed.map((key) => {
    return `bool_or(json_type(json, ${quotedText(pointerTo(key))}) IN ('OBJECT', 'ARRAY'))`;
  });
  const [found = []] = await session.rows(`SELECT ${asked.join(', ')} FROM read_json_objects(${options})`);
  return mixed.filter((_, at) => found[at] === true);
}

function firstByte(head: Buffer): number | undefined {
  const text = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
  return text.find((byte) => byte > 32);
}

/** AppError 'bad-input-file' where values lie too deep in others. */
async function refuseDepth({ path, name }: FoundRows['file']): Promise<void> {
  let [depth, isText, isEscaped] = [0, false, false];
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: mebibyte }) as AsyncIterable<Buffer>)
      for (const byte of chunk) {
        if (isEscaped) isEscaped = false;
        else if (isText && byte === 0x5c) isEscaped = true;
        else if (byte === 0x22) isText = !isText;
        else if (!isText && (byte === 0x5b || byte === 0x7b)) depth += 1;
        else if (!isText && (byte === 0x5d || byte === 0x7d)) depth -= 1;
        else if (!isText && byte === 10 && depth < 0) depth = 0;
        if (depth > maxDepth)
          throw new AppError(
            'bad-input-file',
            `${name} holds JSON that is nested more than ${String(maxDepth)} deep`,
            {
              details: { file: name, depth: maxDepth },
            },
          );
      }
  } catch (error) {
    throw error instanceof AppError ? error : machineError(error, `read ${name}`);
  }
}

/** The last byte that is no white space, of the last 64 KiB. */
async function lastByte({ path, bytes, name }: FoundRows['file']): Promise<number | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const tail = Buffer.alloc(Math.min(bytes, 1 << 16));
      await file.read(tail, 0, tail.length, bytes - tail.length);
      return tail.findLast((byte) => byte > 32);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw machineError(error, `read ${name}`);
  }
}

/** Whether an error of DuckDB's is what the rows are to blame for. */
export function isOfRows(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(?:Invalid Input|Conversion|Out of Range|Permission) Error/.test(error.message)
  );
}

/** @param error of DuckDB's, or none for an array without its end; `head` is how the file begins, where its encoding is looked at */
export function unreadableJson(name: string, error: unknown, head?: Buffer): AppError {
  const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  const most = Number(/maximum_object_size" of (\d+) bytes/.exec(message)?.[1] ?? 0);
  const where = / (?:at byte \d+ )?in (?:line|record\/value) \d+/.exec(message)?.[0] ?? '';
  const twice = /has duplicate key "(.*)"/.exec(message)?.[1];
  const isOther = head !== undefined && !isUtf8(head.subarray(0, Math.max(0, head.lastIndexOf(34))));
  const problem =
    most > 0
      ? `holds a value of JSON that is longer than ${String(most / mebibyte)} MiB`
      : twice === undefined
        ? `is not JSON${where}: it is damaged or truncated`
        : `has an object with the key ${JSON.stringify(twice)} twice${where}`;
  return new AppError('bad-input-file', `${name} ${problem}`, {
    suggestions: [
      ...(most > maxLineBytes ? ['Write its events as JSON Lines, one object a line: jq -c ".[]"'] : []),
      ...(isOther ? [howToSayTheEncoding] : []),
    ],
    details: { file: name },
    cause: error,
  });
}
