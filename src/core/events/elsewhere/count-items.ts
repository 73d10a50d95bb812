import { worstOf, type BadRow, type BadRows } from './event-batch.js';
import { orderOfCounted } from './counted-runs.js';
import { bytesOf } from '../../files/npy.js';
import { withArtists, type Artists, type CountedTitles } from '../shared-titles.js';
import { GrowingIds } from './growing-ids.js';
import { stringsAt } from '../../tables/string-column.js';
import type { EventNotes } from './event-splitter.js';
import { idsIn, u32In } from './blob-arrays.js';

const blobsEach = 4;

/** What is said of the rows that were read. */
export interface ItemNotes {
  /** [sources] events that count, and rows that were left out. */
  readonly rows: readonly number[];
  readonly skipped: readonly number[];
  /** As `worstOf`. */
  readonly bad: readonly BadRows[];
  readonly titles: CountedTitles;
}

/** A part of items of all splitters → offsets and UTF-8 in the order of rows, events u32. */
export function countItems(
  sources: number,
  blobs: readonly Uint8Array[],
): { readonly notes: ItemNotes; readonly blobs: readonly Uint8Array[] } {
  const items = new GrowingIds();
  const counts: number[] = [];
  const artists: (Artists | undefined)[] = [];
  const rows = new Array<number>(sources).fill(0);
  const bad = new Map<string, number[]>();
  for (let at = 0; at < blobs.length; at += blobsEach) {
    const ids = idsIn(blobs[at], blobs[at + 1]);
    const events = u32In(blobs[at + 2]);
    const notes = JSON.parse(Buffer.from(blobs[at + 3]!).toString()) as EventNotes;
    for (let row = 0; row < ids.length; row++) {
      const item = items.indexOf(ids.at(row));
      counts[item] = (counts[item] ?? 0) + events[row]!;
      const more = notes.artists?.[row] ?? undefined;
      artists[item] = more === undefined ? artists[item] : withArtists(artists[item], more);
    }
    rows[notes.source]! += notes.rows;
    for (const [text, numRows] of notes.bad) {
      const bySource = bad.get(text) ?? new Array<number>(sources).fill(0);
      bySource[notes.source]! += numRows;
      bad.set(text, bySource);
    }
  }
  const counted = { ids: items.column(), events: Uint32Array.from(counts) };
  const order = orderOfCounted(counted);
  const { offsets, bytes } = stringsAt(counted.ids, order);
  const notes: ItemNotes = {
    rows,
    titles: {
      titles: artists.filter((found) => found !== undefined).length,
      shared: artists.flatMap((found, at) =>
        found === undefined || found[0] === found[1]
          ? []
          : [[counted.ids.at(at), ...found, counts[at] ?? 0] as const],
      ),
    },
    skipped: rows.map((_, source) => [...bad.values()].reduce((sum, of) => sum + of[source]!, 0)),
    bad: worstOf(
      [...bad].map(([text, bySource]): BadRows => ({
        ...(JSON.parse(text) as BadRow),
        rows: bySource.reduce((sum, more) => sum + more, 0),
        source: bySource.findIndex((some) => some > 0),
      })),
    ),
  };
  const events = Uint32Array.from(order, (row) => counted.events[row]!);
  return { notes, blobs: [offsets, bytes, events].map(bytesOf) };
}
