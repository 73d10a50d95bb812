/** The map of a snapshot, as much of it as a page draws. */
import { closing } from '../closers.js';
import type { ItemRecord, TaskContext } from '../contracts.js';
import { decodeMap, mostPlace, noGroup } from '../map/map-format.js';
import { snapshotMap } from '../map/snapshot-map.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { hasVectors } from '../snapshot/scorer.js';
import { openCatalogue } from '../store/catalogue.js';

/** Places from the left and from the bottom, 0 … 1. */
type Place = readonly [x: number, y: number];

export interface MapPoints {
  /** By group, at most `mostPoints` of all: those of the most played items. */
  readonly groups: readonly (readonly Place[])[];
  readonly shown: number;
  /** Items that have a place. */
  readonly placed: number;
  /** The most played of each part of the map, the most played of all first. */
  readonly names: readonly { readonly item: ItemRecord; readonly at: Place }[];
}

const mostPoints = 5000;
/** Of each of as many by as many squares of the map, the most played item is named. */
const squares = 6;

/** null for a model without vectors, and where no item has a place. Takes as long as a map does that is not kept yet. */
export async function mapPoints(
  snapshot: OpenSnapshot,
  threads: number,
  context: TaskContext,
): Promise<MapPoints | null> {
  if (!hasVectors(snapshot)) return null;
  const map = decodeMap(await snapshotMap(snapshot, threads, context));
  if (map === undefined) throw new Error('a map that was just made cannot be read');
  const placed = Array.from({ length: map.numItems }, (_, row) => row)
    .filter((row) => map.group[row] !== noGroup)
    .sort((a, b) => map.popularity[b]! - map.popularity[a]! || a - b);
  if (placed.length === 0) return null;
  const at = (row: number): Place => [map.x[row]! / mostPlace, map.y[row]! / mostPlace];
  const rows = placed.slice(0, mostPoints);
  const groups: Place[][] = [];
  for (const row of rows) {
    const group = map.group[row]!;
    while (groups.length <= group) groups.push([]);
    groups[group]!.push(at(row));
  }
  return closing(openCatalogue(snapshot.file(snapshotFile.itemStore)), (catalogue) => {
    const named = new Map<string, number>();
    for (const row of rows) {
      const square = at(row).map((place) => Math.min(squares - 1, Math.floor(place * squares)));
      if (!named.has(square.join())) named.set(square.join(), row);
    }
    const names = [...named.values()].map((row) => ({
      item: catalogue.record(trainedKind, row),
      at: at(row),
    }));
    return { groups, shown: rows.length, placed: placed.length, names };
  });
}
