/**
 * .npz: a zip archive, stored and not deflated, of the arrays `vectors` (f32 [numRows × dim]) and `ids` (text of a fixed width,
 * as NumPy has it), which numpy.load opens without pickles. PKWARE's APPNOTE 6.3: sums and sizes follow each entry's data.
 */
import { crc32 } from 'node:zlib';
import { npyHeader } from '../files/npy.js';
import { openNpyWriter } from './npy-writer.js';
import { checkedValues, type TableColumn, type TableWriter } from './table-writer.js';

/** A vector file of as many bytes or more would need the 64-bit form of the archive. */
export const mostNpzBytes = 2 ** 32 - 2 ** 20;

interface Entry {
  readonly name: string;
  readonly offset: number;
  crc: number;
  bytes: number;
}

/** An archive piece by piece: what each call returns is to be written next. */
function openArchive() {
  const entries: Entry[] = [];
  let offset = 0;
  const placed = (pieces: Uint8Array[]): Uint8Array[] => {
    for (const piece of pieces) offset += piece.length;
    return pieces;
  };
  return {
    begin(array: string): Uint8Array[] {
      entries.push({ name: `${array}.npy`, offset, crc: 0, bytes: 0 });
      return placed([header(0x04034b50, entries.at(-1)!, false)]);
    },
    data(pieces: Uint8Array[]): Uint8Array[] {
      const entry = entries.at(-1)!;
      for (const piece of pieces) {
        entry.crc = crc32(piece, entry.crc);
        entry.bytes += piece.length;
      }
      return placed(pieces);
    },
    end(): Uint8Array[] {
      const { crc, bytes } = entries.at(-1)!;
      return placed([numbers([0x08074b50, 4], [crc, 4], [bytes, 4], [bytes, 4])]);
    },
    finish(): Uint8Array[] {
      const start = offset;
      const pieces = placed(entries.map((entry) => header(0x02014b50, entry, true)));
      const count = entries.length;
      return [
        ...pieces,
        numbers([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [offset - start, 4], [start, 4], [0, 2]),
      ];
    },
  };
}

/** Arrays by name, each the pieces of a .npy file. */
export type NpzArrays = Iterable<readonly [name: string, pieces: Iterable<Uint8Array>]>;

/** The pieces of an archive of these arrays, made as they are taken. */
export function* npzPieces(arrays: NpzArrays): Generator<Uint8Array> {
  const archive = openArchive();
  for (const [name, pieces] of arrays) {
    yield* archive.begin(name);
    for (const piece of pieces) yield* archive.data([piece]);
    yield* archive.end();
  }
  yield* archive.finish();
}

export function openNpzWriter(columns: readonly TableColumn[], numRows: number): TableWriter {
  const idAt = columns.findIndex(({ name }) => name === 'id');
  const ids: string[] = [];
  const vectors = openNpyWriter(columns, numRows);
  const archive = openArchive();
  let begun = false;
  const beginOnce = (): Uint8Array[] => {
    if (begun) return [];
    begun = true;
    return archive.begin('vectors');
  };
  return {
    write(rows, values) {
      const column = columns[idAt];
      if (column === undefined) throw new RangeError('ids are missing');
      for (const id of checkedValues(column, values[idAt], rows)) ids.push(String(id));
      return [...beginOnce(), ...archive.data(vectors.write(rows, values))];
    },
    finish: () => [
      ...[...beginOnce(), ...archive.data(vectors.finish()), ...archive.end()],
      ...[...archive.begin('ids'), ...archive.data(textArray(ids)), ...archive.end()],
      ...archive.finish(),
    ],
  };
}

/** A header before an entry's data, where sum and sizes are not known yet, or in the directory at the end. */
function header(signature: number, { name, offset, crc, bytes }: Entry, isDirectory: boolean): Uint8Array {
  const sizes = isDirectory ? [crc, bytes, bytes] : [0, 0, 0];
  return Buffer.concat([
    numbers([signature, 4], ...(isDirectory ? ([[20, 2]] as const) : [])),
    // Version 2.0; bit 3: sum and sizes follow the data; stored; 1980-01-01, so that no clock is in the file.
    numbers([20, 2], [8, 2], [0, 2], [0, 2], [0x21, 2], ...sizes.map((size) => [size, 4] as const)),
    numbers([name.length, 2], [0, 2]),
    ...(isDirectory ? [numbers([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4])] : []),
    Buffer.from(name, 'latin1'),
  ]);
}

function numbers(...values: readonly (readonly [value: number, bytes: number])[]): Uint8Array {
  const all = Buffer.alloc(values.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, bytes] of values) at = all.writeUIntLE(value, at, bytes);
  return all;
}

/** A .npy of text: UCS-4, padded with zeros to the longest. */
export function textArray(texts: readonly string[]): Uint8Array[] {
  const width = texts.reduce((most, text) => Math.max(most, Array.from(text).length), 1);
  const rows = Buffer.alloc(4 * width * texts.length);
  texts.forEach((text, row) => {
    Array.from(text).forEach((character, at) => {
      rows.writeUInt32LE(character.codePointAt(0) ?? 0, 4 * (row * width + at));
    });
  });
  return [npyHeader(`<U${width}`, [texts.length]), rows];
}
