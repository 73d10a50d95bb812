/** Which items an artist or album has: the groups that its vector, and what is excluded of it, are made by. */
import { readNpy } from '../files/npy.js';
import { RowsOfGroups, ungrouped } from '../search/capped-ranking.js';
import { damagedFile } from '../snapshot/damaged-file.js';
import { kindFiles, type GroupedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** Items by the artist, or by the album, that they belong to. */
export interface ItemGroups {
  /** [items] row of each item's group; numGroups or more where it has none that counts. */
  readonly groupOf: Uint32Array;
  /** [numGroups] how many items with a vector each has. */
  readonly numItems: Uint32Array;
}

/** @param groupOf [rows of the catalogue]; of them the first numItems have vectors */
export function itemGroups(groupOf: Uint32Array, numItems: number, numGroups: number): ItemGroups {
  const counts = new Uint32Array(numGroups);
  const withVectors = groupOf.subarray(0, numItems);
  for (const group of withVectors) if (group < numGroups) counts[group]!++;
  return { groupOf: withVectors, numItems: counts };
}

/** Those of a snapshot, of the items that have vectors. @param numRows rows of the kind that have vectors */
export function readItemGroups(snapshot: OpenSnapshot, kind: GroupedKind, numRows: number): ItemGroups {
  return itemGroups(readGroupOfItems(snapshot, kind), snapshot.manifest.inputs.interactions.items, numRows);
}

/**
 * [rows of the catalogue] row of each item's artist or album. AppError 'damaged-snapshot' where there is no such row: memory is
 * reserved by these numbers.
 */
function readGroupOfItems(snapshot: OpenSnapshot, kind: GroupedKind): Uint32Array {
  const name = kindFiles[kind].ofItem;
  const { data } = readNpy(snapshot.file(name), { dtype: '<u4', shape: [undefined] });
  if (data.every((group) => group < data.length || group === ungrouped)) return data;
  throw damagedFile(snapshot.id, name, `it names a row beyond all ${data.length} items`);
}

/** The items of artists and albums: what a snapshot's files say of it, each read once. */
export class ItemsOfGroups {
  readonly #snapshot: OpenSnapshot;
  readonly #rows = new Map<GroupedKind, RowsOfGroups>();
  readonly #groups = new Map<GroupedKind, ItemGroups>();

  constructor(snapshot: OpenSnapshot) {
    this.#snapshot = snapshot;
  }

  /** Rows of the catalogue, ascending. */
  itemsOf(kind: GroupedKind, row: number): Uint32Array {
    const known = this.#rows.get(kind);
    if (known !== undefined) return known.of(row);
    const rows = new RowsOfGroups({ groupOf: readGroupOfItems(this.#snapshot, kind) });
    this.#rows.set(kind, rows);
    return rows.of(row);
  }

  /** As `readItemGroups`. */
  groups(kind: GroupedKind, numRows: number): ItemGroups {
    const known = this.#groups.get(kind);
    if (known !== undefined) return known;
    const groups = readItemGroups(this.#snapshot, kind, numRows);
    this.#groups.set(kind, groups);
    return groups;
  }
}

/** The groups of which all items are among these rows. */
export function wholeGroups({ groupOf, numItems }: ItemGroups, items: Iterable<number>): number[] {
  const counts = new Map<number, number>();
  const whole: number[] = [];
  for (const item of new Set(items)) {
    const group = groupOf[item] ?? numItems.length;
    if (group >= numItems.length) continue;
    const count = (counts.get(group) ?? 0) + 1;
    counts.set(group, count);
    if (count === numItems[group]) whole.push(group);
  }
  return whole;
}
