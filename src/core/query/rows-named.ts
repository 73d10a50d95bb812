import type { Catalogue } from '../store/catalogue.js';
import { findEntity } from './find-entities.js';
import { wholeGroups, type ItemsOfGroups } from './item-groups.js';
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
  groups: ItemsOfGroups,
): number[] {
  const entities = names.map((name) => findEntity(snapshot, catalogue, name, kind.name));
  const rows = entities.filter((entity) => entity.kind === kind.name).map(({ row }) => row);
  const others = entities.filter((entity) => entity.kind !== kind.name);
  if (others.length === 0) return rows;
  const items = others.flatMap(({ kind: of, row }) =>
    of === trainedKind ? [row] : [...groups.itemsOf(of, row)],
  );
  if (kind.name === trainedKind) return [...rows, ...items];
  return [...rows, ...wholeGroups(groups.groups(kind.name, numRows), items)];
}
