/**
 * What a search looks through: a text an item, of its folded name, artist and id, kept in blocks of rows. They are a
 * fraction of the records, and need no parsing: a million are looked through in a fraction of a second.
 */
import type { AppError } from '../errors.js';
import { foldName } from './casefold.js';
import type { ItemTexts } from './item-record.js';
import type { LmdbReader } from './lmdb-reader.js';
import { blockKey, rowsPerBlock } from './store-keys.js';

/** Between name, artist and id; in folded text itself it becomes a space. */
export const partSeparator = '\u001f';
export const separatorByte = 0x1f;

/** Called with a row and where its text lies: UTF-8 in `bytes` from `start` to `end`. */
export type VisitText = (row: number, bytes: Buffer, start: number, end: number) => void;

/** Text as searches compare it: folded, and without the separator. */
export function searchForm(text: string): string {
  return foldName(text).replaceAll(partSeparator, ' ');
}

/** Folded name, artist and id of a row; the id only where it is not the name. */
export function searchText(items: ItemTexts, row: number): string {
  const name = items.name(row);
  const id = items.id(row);
  const parts = [name, items.artist(row), id === name ? '' : id].map(searchForm);
  while (parts.at(-1) === '') parts.pop();
  return parts.join(partSeparator);
}

/** Texts of a block's rows as one value: u32 offsets, one more than there are rows, then the bytes. */
export function packBlock(texts: readonly string[]): Buffer {
  const offsets = Buffer.alloc((texts.length + 1) * 4);
  let end = 0;
  texts.forEach((text, index) => {
    end += Buffer.byteLength(text, 'utf8');
    offsets.writeUInt32LE(end, (index + 1) * 4);
  });
  return Buffer.concat([offsets, Buffer.from(texts.join(''), 'utf8')]);
}

/** Visits the texts of all rows, ascending. Throws AppError 'damaged-snapshot' where a block is not whole. */
export function visitTexts(store: LmdbReader, kind: string, numRows: number, visit: VisitText): void {
  for (let first = 0; first < numRows; first += rowsPerBlock) {
    const block = first / rowsPerBlock;
    const bytes = store.get(blockKey(kind, block));
    const count = Math.min(rowsPerBlock, numRows - first);
    const textStart = (count + 1) * 4;
    if (bytes === undefined || bytes.length < textStart) throw notWhole(store, kind, block);
    let start = textStart;
    for (let index = 1; index <= count; index++) {
      const end = textStart + bytes.readUInt32LE(index * 4);
      if (end < start || end > bytes.length) throw notWhole(store, kind, block);
      visit(first + index - 1, bytes, start, end);
      start = end;
    }
  }
}

function notWhole(store: LmdbReader, kind: string, block: number): AppError {
  return store.damaged(`block ${block} of the texts of ${kind}s is not whole`);
}
