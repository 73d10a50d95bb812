/** The store of a catalogue, changed where it stands: rows that are added at a kind's end, and records that say something new. */
import { foldName } from './casefold.js';
import { countEntry } from './id-entries.js';
import { itemTexts, parseRecord, type ItemCells } from './item-record.js';
import { changeLmdb, type ChangedStore } from './lmdb-writer.js';
import { packBlock, searchText } from './search-texts.js';
import { blockKey, idKey, nameKey, recordKey, rowsPerBlock } from './store-keys.js';

export interface KindChange {
  /** All rows, as they are to be. No id goes. */
  readonly items: ItemCells;
  /** Rows that there were, and the first of them that is another now. */
  readonly before: number;
  readonly from: number;
  /** Rows before it whose metadata changed, but neither name nor artist. */
  readonly touched: Iterable<number>;
}

/**
 * The store at `path`, which nobody reads yet, becomes that of the changed kinds: what `openCatalogue` finds in it is what it
 * would find in one that is written whole, in other pages. Errors as `changeLmdb`.
 */
export async function updateCatalogue(path: string, kinds: ReadonlyMap<string, KindChange>): Promise<void> {
  await changeLmdb(path, (store) => {
    for (const [kind, change] of kinds) changeKind(store, kind, change);
  });
}

function changeKind(store: ChangedStore, kind: string, { items, before, from, touched }: KindChange): void {
  const texts = itemTexts(items);
  const { length } = items.ids;
  const putRecord = (row: number): void => {
    store.put(recordKey(kind, row), Buffer.from(texts.record(row)));
  };
  for (const row of touched) putRecord(row);
  /** By folded name the rows from `from` on that have it now. */
  const named = new Map<string, number[]>();
  for (let row = from; row < before; row++) {
    const record = parseRecord(String(store.get(recordKey(kind, row)) ?? ''));
    if (record !== undefined) named.set(foldName(record.name), []);
  }
  for (let row = from; row < length; row++) {
    const name = foldName(texts.name(row));
    const rows = named.get(name) ?? [];
    rows.push(row);
    named.set(name, rows);
    const place = Buffer.alloc(4);
    place.writeUInt32LE(row);
    store.put(idKey(kind, texts.id(row))!, place);
    putRecord(row);
  }
  for (const [name, rows] of named) {
    const key = nameKey(kind, name);
    const known = store.get(key) ?? Buffer.alloc(0);
    const kept = Array.from({ length: known.length / 4 }, (_, at) => known.readUInt32LE(4 * at));
    const all = [...kept.filter((row) => row < from), ...rows];
    const value = Buffer.alloc(4 * all.length);
    all.forEach((row, at) => value.writeUInt32LE(row, 4 * at));
    if (all.length > 0) store.put(key, value);
    else store.remove(key);
  }
  for (let block = Math.floor(from / rowsPerBlock); block * rowsPerBlock < length; block++) {
    const first = block * rowsPerBlock;
    const rows = Array.from({ length: Math.min(rowsPerBlock, length - first) }, (_, at) => first + at);
    store.put(blockKey(kind, block), packBlock(rows.map((row) => searchText(texts, row))));
  }
  store.put(...countEntry(kind, length));
}
