/** Writing the store that answers for a catalogue of items: by id, by row, by name, and by parts of a name. */
import { foldName } from './casefold.js';
import { rowsByBytes } from './byte-order.js';
import { countEntry, idEntries } from './id-entries.js';
import { cellsOfItems, itemTexts, type CatalogueItems, type ItemTexts } from './item-record.js';
import { writeLmdb, type StoreEntry } from './lmdb-writer.js';
import { packBlock, searchText } from './search-texts.js';
import { blockKey, keyPrefix, nameHash, nameHashBytes, recordKey, rowsPerBlock } from './store-keys.js';

/** `writeCatalogueOfKinds` of one kind. */
export async function writeCatalogue(path: string, kind: string, items: CatalogueItems): Promise<void> {
  await writeCatalogueOfKinds(path, new Map([[kind, items]]));
}

/**
 * Writes the items of each kind to a new store at `path`: the same bytes for the same items. The caller makes the file
 * durable (`sealFile`). Memory: the file's size, up to 512 MiB, which LMDB holds until it commits.
 *
 * @throws AppError 'disk-full', 'permission-denied', 'io-error'; 'bad-row' for an id that is empty or too long
 */
export async function writeCatalogueOfKinds(
  path: string,
  kinds: ReadonlyMap<string, CatalogueItems>,
): Promise<void> {
  const bytes = [...kinds.values()].reduce((sum, items) => sum + plannedBytes(items), 0);
  await writeLmdb(path, catalogueEntries(kinds), bytes);
}

/** By key ascending: letter by letter, and within one the kinds by their names, which are ASCII. */
function* catalogueEntries(kinds: ReadonlyMap<string, CatalogueItems>): Generator<StoreEntry> {
  const byName = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  const all = byName.map(([kind, items]) => {
    return { kind, ids: items.ids, numRows: items.ids.length, texts: itemTexts(cellsOfItems(items)) };
  });
  for (const { kind, numRows } of all) yield countEntry(kind, numRows);
  for (const { kind, ids } of all) yield* idEntries(kind, ids);
  for (const { kind, numRows, texts } of all) yield* nameEntries(kind, texts, numRows);
  for (const { kind, numRows, texts } of all) yield* recordEntries(kind, texts, numRows);
  for (const { kind, numRows, texts } of all) yield* textEntries(kind, texts, numRows);
}

function* textEntries(kind: string, texts: ItemTexts, numRows: number): Generator<StoreEntry> {
  for (let first = 0; first < numRows; first += rowsPerBlock) {
    const length = Math.min(rowsPerBlock, numRows - first);
    const block = Array.from({ length }, (_, index) => searchText(texts, first + index));
    yield [blockKey(kind, first / rowsPerBlock), packBlock(block)];
  }
}

/** The rows of every folded name, by its hash. */
function* nameEntries(kind: string, texts: ItemTexts, numRows: number): Generator<StoreEntry> {
  const hashes = Buffer.alloc(numRows * nameHashBytes);
  const offsets = Int32Array.from({ length: numRows + 1 }, (_, row) => row * nameHashBytes);
  for (let row = 0; row < numRows; row++) {
    hashes.write(nameHash(foldName(texts.name(row))), row * nameHashBytes, 'hex');
  }
  const order = rowsByBytes(hashes, offsets);
  const hashAt = (place: number): number => (order[place] ?? 0) * nameHashBytes;
  const isSameHash = (a: number, b: number): boolean =>
    hashes.compare(hashes, a, a + nameHashBytes, b, b + nameHashBytes) === 0;

  const prefix = keyPrefix('n', kind);
  const key = Buffer.concat([prefix, Buffer.alloc(nameHashBytes)]);
  for (let start = 0; start < numRows;) {
    const hash = hashAt(start);
    let end = start + 1;
    while (end < numRows && isSameHash(hash, hashAt(end))) end += 1;
    const rows = Buffer.allocUnsafe((end - start) * 4);
    for (let place = start; place < end; place++) rows.writeUInt32LE(order[place] ?? 0, (place - start) * 4);
    hashes.copy(key, prefix.length, hash, hash + nameHashBytes);
    yield [key, rows];
    start = end;
  }
}

function* recordEntries(kind: string, texts: ItemTexts, numRows: number): Generator<StoreEntry> {
  const key = recordKey(kind, 0);
  let value = Buffer.alloc(1 << 16);
  for (let row = 0; row < numRows; row++) {
    const record = texts.record(row);
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    if (record.length * 3 > value.length) value = Buffer.alloc(record.length * 3);
    key.writeUInt32BE(row, key.length - 4);
    yield [key, value.subarray(0, value.write(record))];
  }
}

/** An upper bound: address space costs nothing, and LMDB would write another size into the file if it had to grow. */
function plannedBytes({ ids, columns }: CatalogueItems): number {
  let textBytes = ids.bytes.length;
  for (const { values } of columns) {
    for (const value of values) textBytes += typeof value === 'string' ? value.length * 3 : 8;
  }
  // A text stands in its record (escaped: twice the bytes at most, but for control characters) and in the search
  // texts; a value of more than half a page takes whole pages.
  const labelBytes = columns.reduce((sum, { name }) => sum + name.length * 6 + 8, 64) * ids.length;
  return 2 ** 20 + 4 * (3 * textBytes + labelBytes + 256 * ids.length);
}
