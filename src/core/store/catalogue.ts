/** Looking items up in a snapshot: by id, by row, by name as people write it, and as they type. */
import type { ItemRecord } from '../contracts.js';
import { AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import { foldName } from './casefold.js';
import { closestTexts } from './closest-texts.js';
import { numRowsOf, rowOfId } from './id-lookup.js';
import { itemLabel, parseRecord } from './item-record.js';
import { openLmdb, type LmdbReader } from './lmdb-reader.js';
import { searchForm, visitTexts } from './search-texts.js';
import { nameKey, recordKey } from './store-keys.js';
import { loadTextSearch, type SearchLimits, type TextSearch } from './text-search.js';

export interface FoundItem {
  readonly row: number;
  readonly item: ItemRecord;
}

export interface Catalogue {
  /** Number of items of a kind: those of the model, then those that nobody played. 0 for a kind that is not there. */
  numRows(kind: string): number;
  rowOfId(kind: string, id: string): number | undefined;
  /** The record of a row, 0 ≤ row < numRows(kind). */
  record(kind: string, row: number): ItemRecord;
  /**
   * The row that `query` names: by id, else by exact name, else by case-folded name. `id:…` and `name:…` force one
   * reading.
   *
   * @throws AppError 'item-not-found' (details.closest: up to five items, likest first) and 'item-ambiguous'
   *   (details.ids: of those that have the name)
   */
  find(kind: string, query: string): number;
  /** The same, undefined where nothing is called so: without a search for what is alike. Throws 'item-ambiguous' only. */
  lookUp(kind: string, query: string): number | undefined;
  /** Rows of items whose name, artist or id contains the text, in the order of a `TextSearch`. */
  search(kind: string, text: string, limits: SearchLimits): number[];
  close(): void;
}

/** Ids that the message of an ambiguous name lists; its details list more. */
const listedIds = 10;
const detailedIds = 1000;
/** Items that show whether a catalogue has names. */
const mostLookedAt = 100;

/** Throws AppError 'damaged-snapshot' for a file that is missing, cut, or no store. */
export function openCatalogue(path: string): Catalogue {
  return new StoredCatalogue(path);
}

class StoredCatalogue implements Catalogue {
  readonly #store: LmdbReader;
  readonly #searches = new Map<string, TextSearch>();

  constructor(path: string) {
    this.#store = openLmdb(path);
  }

  numRows(kind: string): number {
    return numRowsOf(this.#store, kind);
  }

  rowOfId(kind: string, id: string): number | undefined {
    return rowOfId(this.#store, kind, id);
  }

  record(kind: string, row: number): ItemRecord {
    const text = this.#store.get(recordKey(kind, row));
    const item = text === undefined ? undefined : parseRecord(text.toString('utf8'));
    if (item === undefined) throw this.#store.damaged(`has no record of ${kind} row ${row}`);
    return item;
  }

  find(kind: string, query: string): number {
    const row = this.lookUp(kind, query);
    if (row !== undefined) return row;
    const closest = this.#closest(kind, readQuery(query).text);
    const unnamed = closest.length === 0 && kind === 'item' ? this.#whereNamesAre() : undefined;
    throw notFound(kind, query, closest, unnamed);
  }

  /** What to do where the first items, which are the most played ones, go by their ids alone. */
  #whereNamesAre(): string | undefined {
    const rows = Array.from({ length: Math.min(this.numRows('item'), mostLookedAt) }, (_, row) => row);
    const records = rows.map((row) => this.record('item', row));
    if (records.some(({ id, name }) => id !== name)) return undefined;
    const known = new Set(records.flatMap((record) => Object.keys(record)));
    const others = [...known].filter((key) => !['id', 'name', 'row', 'count'].includes(key));
    const how =
      others.length === 0
        ? 'train with `items` FILE brings names'
        : `if one of ${others.join(', ')} is their name, train with \`itemColumns\` name=COLUMN`;
    return `the items of this snapshot go by their ids alone: ${how}`;
  }

  lookUp(kind: string, query: string): number | undefined {
    const { reading, text } = readQuery(query);
    if (reading !== 'name') {
      const row = this.rowOfId(kind, text);
      if (row !== undefined) return row;
    }
    if (reading !== 'id') {
      const named = this.#itemsNamed(kind, text);
      const [first, ...others] = named;
      if (first !== undefined && others.length === 0) return first.row;
      if (first !== undefined) throw ambiguous(kind, text, named);
    }
    return undefined;
  }

  search(kind: string, text: string, limits: SearchLimits): number[] {
    let search = this.#searches.get(kind);
    if (search === undefined) {
      search = loadTextSearch(this.#store, kind, this.numRows(kind));
      this.#searches.set(kind, search);
    }
    return search.rows(text, limits);
  }

  close(): void {
    this.#searches.clear();
    this.#store.close();
  }

  /** Items with exactly this name, else with this name after folding, by row. */
  #itemsNamed(kind: string, name: string): FoundItem[] {
    const folded = foldName(name);
    const rows = this.#store.get(nameKey(kind, folded)) ?? Buffer.alloc(0);
    const alike: FoundItem[] = [];
    for (let at = 0; at + 4 <= rows.length; at += 4) {
      const row = rows.readUInt32LE(at);
      const item = this.record(kind, row);
      if (foldName(item.name) === folded) alike.push({ row, item });
    }
    const same = alike.filter(({ item }) => item.name === name);
    return same.length > 0 ? same : alike;
  }

  #closest(kind: string, text: string): FoundItem[] {
    const numRows = this.numRows(kind);
    const found = closestTexts(searchForm(text), (visit) => {
      visitTexts(this.#store, kind, numRows, visit);
    });
    return found.map(({ row }) => ({ row, item: this.record(kind, row) }));
  }
}

function readQuery(query: string): { readonly reading: 'id' | 'name' | 'any'; readonly text: string } {
  if (query.startsWith('id:')) return { reading: 'id', text: query.slice(3) };
  if (query.startsWith('name:')) return { reading: 'name', text: query.slice(5) };
  return { reading: 'any', text: query };
}

function ambiguous(kind: string, name: string, items: readonly FoundItem[]): AppError {
  const ids = items.slice(0, detailedIds).map(({ item }) => item.id);
  const listed = items.slice(0, listedIds).map(({ item }) => describe(kind, item));
  const more = items.length > listedIds ? ` and ${items.length - listedIds} more` : '';
  return new AppError(
    'item-ambiguous',
    `"${name}" is the name of ${items.length} ${kind}s: ${listed.join(', ')}${more}`,
    {
      details: { query: name, ids, count: items.length },
      suggestions: [`name one by its id: ${reference(kind, ids[0] ?? '')}`],
    },
  );
}

function notFound(kind: string, query: string, closest: readonly FoundItem[], unnamed?: string): AppError {
  const alike = closest.map(({ item }) => `did you mean ${itemLabel(item)}? (${reference(kind, item.id)})`);
  return new AppError('item-not-found', `no ${kind} is called "${query}"`, {
    details: { query, closest: closest.map(({ item }) => item) },
    suggestions: unnamed === undefined ? alike : [unnamed],
  });
}

/** An id, with the artist where there is one to tell it from the others. */
function describe(kind: string, item: ItemRecord): string {
  const artist = item['artist'];
  const named = reference(kind, item.id);
  return artist === undefined ? named : `${named} (${artist})`;
}

/** What names an entity by its id wherever one can be named, as a shell's word: items are what is looked for without a kind. */
function reference(kind: string, id: string): string {
  return shellWord(kind === 'item' ? `id:${id}` : `${kind}:${id}`);
}
