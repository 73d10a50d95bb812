/**
 * How wide the columns of a list of items are. The width of the screen decides, not how long the names happen to be: the
 * columns stay where they are while one types and walks. And what stands in them.
 */
import { bar } from '../cli/terminal/bar.js';
import { fixed } from '../cli/terminal/numbers.js';
import type { ItemRecord } from '../core/contracts.js';
import { shownWidth } from './fit-text.js';

export interface ItemColumns {
  readonly rank: number;
  readonly name: number;
  /** 0: not shown. So too for those below. */
  readonly artist: number;
  readonly released: number;
  readonly bar: number;
}

/** Between two columns. */
export const columnGap = 2;
/** Marker and space in front of each row. */
export const markerWidth = 2;
/** ` 0.93` */
const similarityWidth = 5;

const rankWidth = 3;
const widestName = 48;
const widestArtist = 36;
const widestBar = 32;
const narrowestBar = 4;
const yearWidth = 4;
const dateWidth = 10;

/** The cell of a metadata column; '' where the item has none. */
export function metadataOf(item: ItemRecord, column: string): string {
  const value = Object.hasOwn(item, column) ? item[column] : undefined;
  return value === undefined ? '' : String(value);
}

/** Columns for a list of `items` in `width` columns; with similarities, the last are a bar and its number. */
export function itemColumns(items: readonly ItemRecord[], width: number, similarities: boolean): ItemColumns {
  const hasArtist = items.some((item) => metadataOf(item, 'artist') !== '');
  const releasedWidth = widestOf(items, 'released');

  let room = width - markerWidth - rankWidth - columnGap;
  let bar = 0;
  if (similarities) {
    room -= columnGap + similarityWidth;
    bar = Math.min(widestBar, Math.floor(room / 5));
    if (bar < narrowestBar) bar = 0;
    else room -= bar + 1;
  }
  let released = 0;
  if (releasedWidth > 0 && room >= 44) {
    released = releasedWidth <= yearWidth ? yearWidth : dateWidth;
    room -= released + columnGap;
  }
  let artist = 0;
  if (hasArtist && room >= 26) {
    artist = Math.min(widestArtist, Math.floor((room - columnGap) * 0.38));
    room -= artist + columnGap;
  }
  const name = Math.max(
    1,
    hasArtist ? Math.min(widestName, room) : Math.min(widestName + widestArtist, room),
  );
  return { rank: rankWidth, name, artist, released, bar };
}

function widestOf(items: readonly ItemRecord[], column: string): number {
  return items.reduce((widest, item) => Math.max(widest, shownWidth(metadataOf(item, column))), 0);
}

/**
 * What the catalogue says about an item beside its name: `Nirvana · 1991 · id come-as-you-are · album Nevermind`.
 * Artist and date speak for themselves. Not yet safe to show.
 */
export function metadataLine(item: ItemRecord): string {
  const plain = ['artist', 'released'].map((column) => metadataOf(item, column));
  const named = Object.keys(item)
    .filter((column) => !['id', 'name', 'artist', 'released'].includes(column))
    .map((column) => [column, metadataOf(item, column)] as const)
    .filter(([, value]) => value !== '')
    .map(([column, value]) => `${column} ${value}`);
  const id = item.id === item.name ? '' : `id ${item.id}`;
  return [...plain, id, ...named].filter((part) => part !== '').join(' · ');
}

export interface SimilarityBar {
  readonly filled: string;
  /** What is left up to a similarity of 1, in spaces. */
  readonly rest: string;
}

/** A bar of `width` columns for a similarity of 1; what is not above 0 has none. */
export function similarityBar(similarity: number, width: number): SimilarityBar {
  const filled = bar(similarity, width);
  return { filled, rest: ' '.repeat(width - filled.length) };
}

/** A similarity in five columns: ` 0.93`, `-0.07`. */
export function similarityText(similarity: number): string {
  return fixed(similarity, 2).padStart(5);
}
