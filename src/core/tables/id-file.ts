import { closeSync, fstatSync } from 'node:fs';
import { AppError, isOutOfMemory, orMachineError } from '../errors.js';
import { readFully } from '../files/read-fully.js';
import { openRegularFile } from '../files/safe-open.js';
import { firstTextColumn, type TextPlace } from './arrow-lengths.js';
import type { IdSource } from './ranking-encoder.js';
import { sliceStrings, stringColumnFrom, StringColumnBuilder } from './string-column.js';

export interface IdFile extends IdSource {
  /** The ids of these rows, in this order. */
  readRows(rows: Uint32Array): ReturnType<IdSource['read']>;
  /** [length] events by row. */
  readCounts(): Uint32Array;
  close(): void;
}

/** Of a table whose text is no longer, all of it is kept in memory: rows in any order are then read at once. */
const mostKeptBytes = 64 << 20;

/**
 * The ids of a table that segue wrote, read as they are asked for: a table of any size takes no more than 64 MiB.
 * AppError 'damaged-snapshot' for a file that is missing or no such table; whether all bytes are right is not checked.
 */
export function openIdFile(path: string): IdFile {
  const fd = orMachineError(`read ${path}`, () => openRegularFile(path));
  try {
    const read = (start: number, length: number): Uint8Array => readAt(fd, path, start, length);
    const place = placeOf(path, fstatSync(fd).size, read);
    return new OpenIdFile(fd, path, place);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class OpenIdFile implements IdFile {
  readonly length: number;
  readonly numBytes: number;
  readonly #fd: number;
  readonly #path: string;
  readonly #place: TextPlace;
  #kept: ReturnType<IdSource['read']> | undefined;

  constructor(fd: number, path: string, place: TextPlace) {
    this.#fd = fd;
    this.#path = path;
    this.#place = place;
    this.length = place.numRows;
    // What the file calls the length of its text may be rounded up.
    this.numBytes = this.length === 0 ? 0 : this.#offsetsOf(this.length, this.length)[0]!;
  }

  read(from: number, to: number): ReturnType<IdSource['read']> {
    // A table without rows may have no offsets at all.
    if (from === to) return stringColumnFrom(new Uint8Array(0), new Int32Array(1));
    if (this.#kept !== undefined) return sliceStrings(this.#kept, from, to);
    const offsets = this.#offsetsOf(from, to);
    const start = offsets[0]!;
    const bytes = readAt(this.#fd, this.#path, this.#place.textStart + start, offsets[to - from]! - start);
    return stringColumnFrom(
      bytes,
      offsets.map((offset) => offset - start),
    );
  }

  readRows(rows: Uint32Array): ReturnType<IdSource['read']> {
    if (this.numBytes <= mostKeptBytes) this.#kept ??= this.read(0, this.length);
    const ids = new StringColumnBuilder('ids', rows.length);
    for (const row of rows) {
      const { bytes, offsets } = this.#kept ?? this.read(row, row + 1);
      if (this.#kept === undefined) ids.pushBytes(bytes);
      else ids.pushBytes(bytes, offsets[row], offsets[row + 1]);
    }
    return ids.finish();
  }

  readCounts(): Uint32Array {
    const { countsStart, countsBytes } = this.#place;
    if (4 * this.length > countsBytes) throw damaged(this.#path, 'has no counts in its second column');
    return new Uint32Array(readAt(this.#fd, this.#path, countsStart, 4 * this.length).buffer);
  }

  /** [to − from + 1] where the ids of these rows begin, and the last one ends. */
  #offsetsOf(from: number, to: number): Int32Array {
    const { offsetsStart, textBytes } = this.#place;
    const raw = readAt(this.#fd, this.#path, offsetsStart + 4 * from, 4 * (to - from + 1));
    const offsets = new Int32Array(raw.buffer, raw.byteOffset, to - from + 1);
    const ascends = offsets.every((offset, at) => offset >= (at === 0 ? 0 : offsets[at - 1]!));
    if (!ascends || offsets[to - from]! > textBytes) throw damaged(this.#path, 'has ids outside its text');
    return offsets;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function placeOf(
  path: string,
  fileBytes: number,
  read: (start: number, length: number) => Uint8Array,
): TextPlace {
  let place: TextPlace | undefined;
  try {
    place = firstTextColumn(fileBytes, 'id', read);
  } catch (error) {
    if (!(error instanceof RangeError) || isOutOfMemory(error)) throw error;
  }
  if (place === undefined) throw damaged(path, 'is no table with ids in its first column');
  return place;
}

function readAt(fd: number, path: string, start: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const got = orMachineError(`read ${path}`, () => readFully(fd, bytes, start));
  if (got < length) throw damaged(path, `ends at byte ${start + got}`);
  return bytes;
}

function damaged(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `${path} ${what}`, { details: { file: path } });
}
