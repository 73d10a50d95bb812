import { readNpy } from '../files/npy.js';
import type { Catalogue } from '../store/catalogue.js';
import { thingsOfItems, wholeThings, type ThingsOfItems } from '../histories/unwanted-things.js';
import { findThing } from './find-things.js';
import type { FoundKind } from '../snapshot/kinds.js';
import { kindFiles, trainedKind, type GroupedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/**
 * The rows of a kind that names lead to, to leave them out: what they name of the kind itself; and of things of another
 * kind that which is all theirs: the songs of an artist, the albums that hold nothing but those. Errors as `findThing`.
 * @param numRows rows of the kind that have vectors; others may be among what is given back
 */
export function rowsNamed(
  snapshot: OpenSnapshot,
  catalogue: Catalogue,
  kind: FoundKind,
  numRows: number,
  names: readonly string[],
): number[] {
  const things = names.map((name) => findThing(snapshot, catalogue, name, kind.name));
  const rows = things.filter((thing) => thing.kind === kind.name).map(({ row }) => row);
  const others = things.filter((thing) => thing.kind !== kind.name);
  if (others.length === 0) return rows;
  const items = others.flatMap((thing) => itemsOf(snapshot, thing.kind, thing.row));
  if (kind.name === trainedKind) return [...rows, ...items];
  return [...rows, ...wholeThings(thingsOf(snapshot, kind.name, numRows), items)];
}

/** The items that have vectors, by the thing of a kind that they belong to. */
export function thingsOf(snapshot: OpenSnapshot, kind: GroupedKind, numRows: number): ThingsOfItems {
  return thingsOfItems(rowsOfItems(snapshot, kind), snapshot.manifest.inputs.interactions.items, numRows);
}

function itemsOf(snapshot: OpenSnapshot, kind: FoundKind['name'], row: number): number[] {
  if (kind === trainedKind) return [row];
  const items: number[] = [];
  rowsOfItems(snapshot, kind).forEach((thing, item) => {
    if (thing === row) items.push(item);
  });
  return items;
}

function rowsOfItems(snapshot: OpenSnapshot, kind: GroupedKind): Uint32Array {
  return readNpy(snapshot.file(kindFiles[kind].ofItem), { dtype: '<u4', shape: [undefined] }).data;
}
