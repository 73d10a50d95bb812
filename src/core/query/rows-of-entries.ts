/** Which items of a snapshot an entry of a ledger is about: an item, or all of an artist or album. */
import { AppError } from '../errors.js';
import type { Entry, EntryScope } from '../ledger/entry.js';
import { kindsOf } from '../snapshot/kinds.js';
import { cellNamed, groupIdOf } from '../snapshot/kind-rows.js';
import { trainedKind, type GroupedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { Catalogue } from '../store/catalogue.js';
import { ItemsOfGroups } from './item-groups.js';

/** Rows of items that have vectors; none where the snapshot does not have what an entry names. */
export type RowsOfEntries = (entry: Pick<Entry, 'item' | 'scope'>) => readonly number[];

/** What artists and albums lead to is read when the first of them is asked for. @param numItems that have vectors */
export function openRowsOfEntries(
  snapshot: OpenSnapshot,
  catalogue: () => Catalogue,
  numItems: number,
): RowsOfEntries {
  const known = new Map<string, readonly number[]>();
  const groups = new ItemsOfGroups(snapshot);
  let byName: ItemsByName | undefined;
  const itemsOf = (kind: GroupedKind, name: string): readonly number[] => {
    if (!kindsOf(snapshot.manifest).some((kinds) => kinds.name === kind)) {
      byName ??= itemsByName(catalogue(), numItems);
      return byName[kind].get(name) ?? [];
    }
    return groupRows(catalogue(), kind, name).flatMap((row) =>
      [...groups.itemsOf(kind, row)].filter((item) => item < numItems),
    );
  };
  return ({ item, scope }) => {
    if (item === undefined) return [];
    if (scope === trainedKind) {
      const row = catalogue().rowOfId(trainedKind, item) ?? numItems;
      return row < numItems ? [row] : [];
    }
    const key = `${scope}:${item}`;
    const rows = known.get(key) ?? itemsOf(scope, item);
    known.set(key, rows);
    return rows;
  };
}

/** The artist or album with that id, else all that have the name. */
function groupRows(catalogue: Catalogue, kind: GroupedKind, name: string): number[] {
  const row = catalogue.rowOfId(kind, name);
  if (row !== undefined) return [row];
  try {
    const named = catalogue.lookUp(kind, `name:${name}`);
    return named === undefined ? [] : [named];
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'item-ambiguous') throw error;
    const ids = (error.details['ids'] ?? []) as readonly string[];
    return ids.flatMap((id) => catalogue.rowOfId(kind, id) ?? []);
  }
}

type ItemsByName = Readonly<Record<Exclude<EntryScope, typeof trainedKind>, ReadonlyMap<string, number[]>>>;

/** Of a snapshot without artists and albums of its own: by the ids and names that its items say. Reads all records. */
function itemsByName(catalogue: Catalogue, numItems: number): ItemsByName {
  const [artist, album] = [new Map<string, number[]>(), new Map<string, number[]>()];
  const add = (groups: Map<string, number[]>, name: string | undefined, row: number): void => {
    if (name === undefined) return;
    const rows = groups.get(name);
    if (rows === undefined) groups.set(name, [row]);
    else if (rows.at(-1) !== row) rows.push(row);
  };
  for (let row = 0; row < numItems; row++) {
    const record = catalogue.record(trainedKind, row);
    add(artist, groupIdOf(record, 'artist'), row);
    add(album, groupIdOf(record, 'album'), row);
    add(album, cellNamed(record, 'album'), row);
  }
  return { artist, album };
}
