import type { Catalogue } from '../store/catalogue.js';
import { findEntity } from './find-entities.js';
import { readGroupOfItems, readItemGroups, wholeGroups } from './item-groups.js';
import type { FoundKind } from '../snapshot/kinds.js';
import { trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/**
 * The rows of a kind that names lead to, to leave them out: what they name of the kind itself; and of entities of another
 * kind that which is all theirs: the songs of an artist, the albums that hold nothing but those. Errors as `findEntity`.
 * @param numRows rows of the kind that have vectors; others may be among what is given back
 */
export function rowsNamed(
  snapshot: OpenSnapshot,
  catalogue: Catalogue,
  kind: FoundKind,
  numRows: number,
  names: readonly string[],
): number[] {
  const entities = names.map((name) => findEntity(snapshot, catalogue, name, kind.name));
  const rows = entities.filter((entity) => entity.kind === kind.name).map(({ row }) => row);
  const others = entities.filter((entity) => entity.kind !== kind.name);
  if (others.length === 0) return rows;
  const items = others.flatMap((entity) => itemsOf(snapshot, entity.kind, entity.row));
  if (kind.name === trainedKind) return [...rows, ...items];
  return [...rows, ...wholeGroups(readItemGroups(snapshot, kind.name, numRows), items)];
}

function itemsOf(snapshot: OpenSnapshot, kind: FoundKind['name'], row: number): number[] {
  if (kind === trainedKind) return [row];
  const items: number[] = [];
  readGroupOfItems(snapshot, kind).forEach((group, item) => {
    if (group === row) items.push(item);
  });
  return items;
}
