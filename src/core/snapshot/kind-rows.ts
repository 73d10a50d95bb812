/**
 * The artists and albums of a catalogue, found from its columns `artist` and `album`: which there are, what they are
 * called, and which items belong to each.
 *
 * An artist is its text, exactly: two spellings are two artists. An album is its text and its artist's, so that two
 * called Greatest Hits stay two; the artist is that of a column `album artist` where there is one and its cell is
 * filled, which is what keeps a compilation together. An item with an empty (or blank) cell belongs to none.
 */
import type { ItemColumn, ItemRecord, StringColumn } from '../contracts.js';
import { sha256Hex } from '../files/sha256.js';
import { compareRows } from '../store/byte-order.js';
import { maxIdBytes } from '../store/store-keys.js';
import { codeCells, type Cell } from '../tables/grown-column.js';
import type { ItemRows } from '../tables/item-rows.js';
import { packStrings } from '../tables/string-column.js';
import type { GroupedKind } from './layout.js';

/** The row of what an item does not have. */
export const noRow = 2 ** 32 - 1;

/** Goes up when the same items would make other artists or albums, or other vectors. */
export const kindVersion = 1;

/**
 * The entities of a kind: first those that have an item with a vector, by (events descending, id bytes ascending), then
 * the others by id bytes.
 */
export interface KindRows extends ItemRows {
  readonly kind: GroupedKind;
  /** Those that have a vector are rows 0 … numVectors − 1. */
  readonly numVectors: number;
  /** [items] the row of each item's; `noRow` where it has none. */
  readonly ofItem: Uint32Array;
}

/** What items have in common: by item the number of its group, −1 where it is in none. */
interface Groups {
  readonly ofItem: Int32Array;
  /** By group: its id, its name, and for an album its artist. */
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly artists?: readonly (string | null)[];
}

/**
 * The kinds that the columns of a catalogue make; only those of which at least one entity has a vector. O(items), and
 * a sort of what there is.
 * @param numItems items with a vector: the first rows of the catalogue
 */
export function kindRows(items: ItemRows, numItems: number): KindRows[] {
  const column = (name: string): ItemColumn | undefined =>
    items.columns.find((other) => plainName(other.name) === name);
  const [artist, album] = [column('artist'), column('album')];
  const kinds: KindRows[] = [];
  const add = (kind: GroupedKind, groups: Groups): void => {
    const rows = rowsOfGroups(kind, groups, items, numItems, column('released'));
    if (rows.numVectors > 0) kinds.push(rows);
  };
  const artists = artist === undefined ? undefined : groupTexts(artist);
  if (artists !== undefined) add('artist', { ...artists, ids: artists.names.map(shortEnough) });
  if (album !== undefined) add('album', albumsOf(album, ownersOf(artist, artists, column('albumartist'))));
  return kinds;
}

/** `Album Artist`, `album_artist` and `albumartist` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[ _-]/g, '');
}

/** Whose album an item is on: by its album artist, else by its artist. undefined where the catalogue has neither. */
function ownersOf(
  artist: ItemColumn | undefined,
  artists: TextGroups | undefined,
  albumArtist: ItemColumn | undefined,
): TextGroups | undefined {
  if (albumArtist === undefined) return artists;
  const values = albumArtist.values.map((value, row) =>
    String(isBlank(value) ? (artist?.values[row] ?? '') : value),
  );
  return groupTexts({ name: 'owner', type: 'text', values });
}

function albumsOf(album: ItemColumn, owners: TextGroups | undefined): Groups {
  const titles = groupTexts(album);
  const numOwners = owners?.names.length ?? 0;
  /** Numbers of pairs of title and owner. */
  const numbers = new Map<number, number>();
  const ofItem = new Int32Array(album.values.length).fill(-1);
  const [names, artists]: [string[], (string | null)[]] = [[], []];
  for (let row = 0; row < ofItem.length; row++) {
    const title = titles.ofItem[row]!;
    if (title < 0) continue;
    const owner = owners?.ofItem[row] ?? -1;
    const pair = title * (numOwners + 1) + owner + 1;
    let number = numbers.get(pair);
    if (number === undefined) {
      number = names.push(titles.names[title]!) - 1;
      numbers.set(pair, number);
      artists.push(owners?.names[owner] ?? null);
    }
    ofItem[row] = number;
  }
  if (owners === undefined) return { ofItem, names, ids: names.map(shortEnough) };
  return { ofItem, names, artists, ids: names.map((name, n) => shortEnough(albumId(name, artists[n]!))) };
}

/**
 * `Artist / Album`, which no two pairs share: a slash that stands alone in the artist, or in the title of an album of
 * nobody, is written twice, so that the first one that stands alone parts the two.
 */
export function albumId(title: string, artist: string | null): string {
  const doubled = (text: string): string =>
    text.includes(' /') ? text.replaceAll(/(?<= )(\/+)(?= |$)/g, '$1/') : text;
  return artist === null ? doubled(title) : `${doubled(artist)} / ${title}`;
}

/** The id of the artist or album that an item's cells name; undefined where they name none. */
export function groupIdOf(item: ItemRecord, kind: GroupedKind): string | undefined {
  const artist = cellNamed(item, 'artist');
  const title = cellNamed(item, 'album');
  const ofAlbum = (name: string): string => albumId(name, cellNamed(item, 'albumartist') ?? artist ?? null);
  const id = kind === 'artist' ? artist : title === undefined ? undefined : ofAlbum(title);
  return id === undefined ? undefined : shortEnough(id);
}

/** The text of the column with that plain name; undefined where it is blank. */
export function cellNamed(item: ItemRecord, column: string): string | undefined {
  const key = Object.keys(item).find((name) => plainName(name) === column);
  const cell = key === undefined ? '' : (item[key] ?? '');
  return isBlank(cell) ? undefined : String(cell);
}

/** As it is, or cut to what an id may have, with the beginning of its sha256 in place of the rest. */
function shortEnough(text: string): string {
  // A UTF-16 unit is at most 3 bytes.
  if (text.length * 3 <= maxIdBytes || Buffer.byteLength(text) <= maxIdBytes) return text;
  const kept = Buffer.from(text).subarray(0, 960);
  // What was cut inside a character ends with one that says so.
  return `${kept.toString('utf8').replace(/\uFFFD+$/u, '')}… ${sha256Hex(text).slice(0, 16)}`;
}

/** Ids that are no longer than this were not cut: those that were have 960 bytes and more. */
const surelyWhole = 320;

/** Groups whose ids have become the same by cutting are one: an id leads to one entity. */
function mergedById(groups: Groups): Groups {
  if (groups.ids.every((id) => id.length <= surelyWhole)) return groups;
  const first = new Map<string, number>();
  const kept: number[] = [];
  const target = groups.ids.map((id, group) => {
    const known = first.get(id);
    if (known !== undefined) return known;
    first.set(id, kept.length);
    return kept.push(group) - 1;
  });
  const pick = <T>(values: readonly T[]): T[] => kept.map((group) => values[group]!);
  return {
    ofItem: groups.ofItem.map((group) => (group < 0 ? group : target[group]!)),
    ids: pick(groups.ids),
    names: pick(groups.names),
    ...(groups.artists === undefined ? {} : { artists: pick(groups.artists) }),
  };
}

function isBlank(cell: Cell): boolean {
  return cell === null || (typeof cell === 'string' && cell.trim() === '');
}

/** Items by the text of a cell: the names are the distinct texts, in the order of the first item that has each. */
type TextGroups = Pick<Groups, 'ofItem' | 'names'>;

function groupTexts(column: ItemColumn): TextGroups {
  const { codes, cells } = codeCells(column);
  return { ofItem: codes, names: cells.map(String) };
}

function rowsOfGroups(
  kind: GroupedKind,
  found: Groups,
  items: ItemRows,
  numItems: number,
  released: ItemColumn | undefined,
): KindRows {
  const groups = mergedById(found);
  const numGroups = groups.ids.length;
  const events = new Float64Array(numGroups);
  const tracks = new Uint32Array(numGroups);
  const hasVector = new Uint8Array(numGroups);
  groups.ofItem.forEach((group, row) => {
    if (group < 0) return;
    events[group]! += items.counts[row] ?? 0;
    tracks[group]!++;
    if (row < numItems) hasVector[group] = 1;
  });
  const order = ranked(packStrings(groups.ids, `${kind} ids`), events, hasVector);
  const rowOf = new Uint32Array(numGroups);
  order.forEach((group, row) => (rowOf[group] = row));
  const inOrder = <T>(values: ArrayLike<T>): T[] => Array.from(order, (group) => values[group]!);
  return {
    kind,
    ids: packStrings(inOrder(groups.ids), `${kind} ids`),
    counts: Uint32Array.from(order, (group) => Math.min(events[group]!, noRow)),
    columns: [
      { name: 'name', type: 'text', values: inOrder(groups.names) },
      ...(groups.artists === undefined
        ? []
        : [{ name: 'artist', type: 'text', values: inOrder(groups.artists) } as const]),
      { name: 'tracks', type: 'int', values: inOrder(tracks) },
      ...(released === undefined ? [] : [inRows(earliest(groups, released), order)]),
    ],
    numVectors: hasVector.reduce((sum, has) => sum + has, 0),
    ofItem: Uint32Array.from(groups.ofItem, (group) => (group < 0 ? noRow : rowOf[group]!)),
  };
}

function ranked(ids: StringColumn, events: Float64Array, hasVector: Uint8Array): Uint32Array {
  const order = Uint32Array.from({ length: ids.length }, (_, group) => group);
  return order.sort(
    (a, b) =>
      hasVector[b]! - hasVector[a]! || events[b]! - events[a]! || compareRows(ids.bytes, ids.offsets, a, b),
  );
}

/** By group the least of a column that says when: of whole numbers, or of texts that begin with a year. */
function earliest(groups: Groups, released: ItemColumn): ItemColumn {
  const least = <T extends number | string>(values: readonly (T | null)[]): (T | null)[] => {
    const found = new Array<T | null>(groups.ids.length).fill(null);
    groups.ofItem.forEach((group, row) => {
      const value = values[row] ?? null;
      if (group < 0 || value === null) return;
      const other = found[group] ?? null;
      if (other === null || value < other) found[group] = value;
    });
    return found;
  };
  if (released.type === 'int') return { name: 'released', type: 'int', values: least(released.values) };
  const times = released.values.map((text) => (text !== null && /^\d{4}(?!\d)/.test(text) ? text : null));
  return { name: 'released', type: 'text', values: least(times) };
}

function inRows(column: ItemColumn, order: Uint32Array): ItemColumn {
  const { name } = column;
  return column.type === 'int'
    ? { name, type: 'int', values: Array.from(order, (group) => column.values[group] ?? null) }
    : { name, type: 'text', values: Array.from(order, (group) => column.values[group] ?? null) };
}
