/**
 * Ids in a file of their own, for vectors that have none beside them: text with one a line; JSON with a string or an object
 * a line (.jsonl, .ndjson, .json); or a .npy array of strings or whole numbers.
 */
import { constants } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { closing } from '../closers.js';
import type { ItemColumn, StringColumn } from '../contracts.js';
import { errnoOf, machineError } from '../errors.js';
import { requireMetadataColumns } from '../tables/metadata-limit.js';
import { packStrings } from '../tables/string-column.js';
import { columnOfCells } from './cell-columns.js';
import { openForeignArray, swap, type FilePart } from './foreign-npy.js';
import { badFile, type BesideVectors } from './vector-rows.js';

/** A text of JavaScript's is no longer, in UTF-16 units: what has more bytes may not fit one. */
const mostBytes = constants.MAX_STRING_LENGTH;

/** AppError 'bad-input-file'. @param countColumn key of the counts in JSON objects */
export function readIds(path: string, countColumn: string): BesideVectors & { readonly ids: StringColumn } {
  if (/\.npy$/i.test(path)) return { ids: idsOfArray(path), columns: [] };
  const lines = linesOf(path);
  if (/\.(jsonl|ndjson|json)$/i.test(path)) return fromJson(path, lines, countColumn);
  return { ids: packStrings(lines, 'ids'), columns: [] };
}

function linesOf(path: string): string[] {
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > mostBytes)
      throw badFile(path, `has ${String(size)} bytes; ids of ${String(mostBytes)} at most are read`);
    bytes = readFileSync(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') throw badFile(path, 'does not exist');
    if (errno === 'EISDIR') throw badFile(path, 'is a directory; a file is wanted');
    throw machineError(error, `read ${path}`);
  }
  const text = utf8(path, bytes);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

function utf8(path: string, bytes: Buffer): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  try {
    return decoder.decode(bytes);
  } catch {
    let line = 1;
    for (let start = 0; ; line++) {
      const end = bytes.indexOf(10, start);
      try {
        decoder.decode(bytes.subarray(start, end < 0 ? bytes.length : end));
      } catch {
        throw badFile(path, `line ${String(line)} is not UTF-8`);
      }
      if (end < 0) throw badFile(path, 'is not UTF-8');
      start = end + 1;
    }
  }
}

/** Whatever the objects hold beside the id are names and metadata. */
function fromJson(
  path: string,
  lines: readonly string[],
  countColumn: string,
): BesideVectors & { readonly ids: StringColumn } {
  const ids: string[] = [];
  const cells = new Map<string, (string | number | null)[]>();
  lines.forEach((line, row) => {
    const value = parsed(path, line, row);
    if (typeof value === 'string' || typeof value === 'number') {
      ids.push(String(value));
      return;
    }
    const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    const id = fields.find(([key]) => key === 'id')?.[1] as unknown;
    if (typeof id !== 'string' && typeof id !== 'number') {
      throw badFile(path, `line ${String(row + 1)} is neither a JSON string nor an object with an "id"`);
    }
    ids.push(String(id));
    for (const [key, cell] of fields as [string, unknown][]) {
      if (key === 'id' || (typeof cell !== 'string' && typeof cell !== 'number')) continue;
      let column = cells.get(key);
      if (column === undefined) {
        column = [];
        cells.set(key, column);
        requireMetadataColumns(path, cells.size);
      }
      while (column.length < row) column.push(null);
      column.push(cell);
    }
  });
  const columns: ItemColumn[] = [];
  let counts: Uint32Array | undefined;
  for (const [name, values] of cells) {
    while (values.length < ids.length) values.push(null);
    if (name === countColumn) counts = countsOf(path, values);
    else columns.push(columnOfCells(name, values));
  }
  return { ids: packStrings(ids, 'ids'), columns, ...(counts === undefined ? {} : { counts }) };
}

function parsed(path: string, line: string, row: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw badFile(path, `line ${String(row + 1)} is not JSON: ${JSON.stringify(line.slice(0, 80))}`, [
      'put plain ids, one per line, into a file whose name ends in .txt',
    ]);
  }
}

/** Counts of events. AppError 'bad-input-file' for one that is none. */
export function countsOf(path: string, values: readonly (string | number | null)[]): Uint32Array {
  return Uint32Array.from(values, (value, row) => {
    const count =
      value === null ? 0 : typeof value === 'number' || /^\d{1,10}$/.test(value) ? Number(value) : NaN;
    if (Number.isSafeInteger(count) && count >= 0 && count < 2 ** 32) return count;
    throw badFile(
      path,
      `row ${String(row + 1)} has the count ${JSON.stringify(value)}; a whole number of at least 0 is wanted`,
    );
  });
}

/** AppError 'bad-input-file' for an array that is no column of strings or whole numbers. */
export function idsOfArray(path: string, part?: FilePart): StringColumn {
  return closing(openForeignArray(path, part), (array) => {
    const { dtype, itemBytes, bigEndian, shape } = array;
    const [length = 0] = shape;
    if (shape.length !== 1)
      throw badFile(path, `has the shape (${shape.join(', ')}); ids are a single column`);
    const read = textOf(dtype);
    if (read === undefined) {
      throw badFile(path, `holds ${dtype}; ids are strings (U or S) or whole numbers (i4, i8, u4, u8)`);
    }
    const bytes = Buffer.alloc(length * itemBytes);
    array.readInto(bytes, 0);
    if (bigEndian) swap(bytes, dtype.startsWith('U') ? 4 : itemBytes);
    const item = function* (): Generator<string> {
      for (let row = 0; row < length; row++) {
        const text = read(bytes.subarray(row * itemBytes, (row + 1) * itemBytes));
        if (text === undefined) throw badFile(path, `row ${String(row + 1)} is not UTF-8`);
        yield text;
      }
    };
    return packStrings(item(), 'ids');
  });
}

/** From an item's bytes, little-endian, to its text: NumPy fills strings up with zeros. */
function textOf(dtype: string): ((item: Buffer) => string | undefined) | undefined {
  switch (dtype) {
    case 'i4':
      return (item) => String(item.readInt32LE(0));
    case 'u4':
      return (item) => String(item.readUInt32LE(0));
    case 'i8':
      return (item) => String(item.readBigInt64LE(0));
    case 'u8':
      return (item) => String(item.readBigUInt64LE(0));
  }
  if (dtype.startsWith('U')) {
    return (item) => {
      let text = '';
      for (let at = 0; at < item.length; at += 4) {
        const point = item.readUInt32LE(at);
        if (point === 0) break;
        if (point > 0x10ffff) return undefined;
        text += String.fromCodePoint(point);
      }
      return text;
    };
  }
  if (!dtype.startsWith('S')) return undefined;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (item) => {
    const end = item.indexOf(0);
    try {
      return decoder.decode(end < 0 ? item : item.subarray(0, end));
    } catch {
      return undefined;
    }
  };
}
