/** The artists and albums of a catalogue that gets more items: known ones keep their rows, others follow, without a vector. */
import type { ItemRecord } from '../contracts.js';
import { cellAt, withCells, type Cell, type NamedColumn } from '../tables/grown-column.js';
import { rowFinder } from '../tables/row-finder.js';
import type { StoredItems } from '../tables/snapshot-tables.js';
import { joinStrings, packStrings } from '../tables/string-column.js';
import { cellNamed, groupIdOf, noRow, type KindRows } from './kind-rows.js';
import type { GroupedKind } from './layout.js';

export interface GrownKind extends StoredItems, Pick<KindRows, 'kind' | 'ofItem'> {
  /** Rows that there were. */
  readonly before: number;
  /** Of those, the ones that have more tracks now. */
  readonly touched: readonly number[];
}

/**
 * @param ofItem [items that there were] the row of each item's
 * @param added records of the items that follow
 */
export function grownKind(
  kind: GroupedKind,
  table: StoredItems,
  ofItem: Uint32Array,
  added: readonly ItemRecord[],
): GrownKind {
  const before = table.ids.length;
  const idsOf = added.map((item) => groupIdOf(item, kind));
  const packed = packStrings(idsOf.map((id) => id ?? ''));
  const find = rowFinder(table.ids);
  const fresh = new Map<string, number>();
  const changes = table.columns.map((column) => ({ column, cells: new Map<number, Cell>() }));
  const touched = new Set<number>();
  const grown = new Uint32Array(ofItem.length + added.length).fill(noRow);
  grown.set(ofItem);
  added.forEach((item, at) => {
    const id = idsOf[at];
    if (id === undefined) return;
    const known = find(packed, at);
    const row = known ?? fresh.get(id) ?? before + fresh.size;
    grown[ofItem.length + at] = row;
    const isNew = row === before + fresh.size;
    if (known !== undefined) touched.add(row);
    else fresh.set(id, row);
    for (const { column, cells } of changes) {
      const { name, type } = column;
      if (isNew) cells.set(row, cellOf(name, item, kind));
      const cell = cells.get(row) ?? cellAt(column, row);
      if (name === 'tracks') cells.set(row, Number(cell ?? 0) + 1);
      if (name === 'released') cells.set(row, earlier(cell, item['released'], type));
    }
  });
  const ids = joinStrings([table.ids, packStrings(fresh.keys(), `${kind} ids`)]);
  const counts = new Uint32Array(ids.length);
  counts.set(table.counts);
  const columns = changes.map(({ column, cells }) => withCells(column, ids.length, cells));
  return { kind, counts, ofItem: grown, before, touched: [...touched], ids, columns };
}

/** What a new artist, or album, has in a column before its tracks are counted. */
function cellOf(column: string, item: ItemRecord, kind: GroupedKind): string | null {
  if (column === 'name') return cellNamed(item, kind) ?? null;
  if (column === 'artist') return cellNamed(item, 'albumartist') ?? cellNamed(item, 'artist') ?? null;
  return null;
}

/** As kindRows has it: whole numbers, or texts that begin with a year. */
function earlier(known: Cell, cell: Cell | undefined, type: NamedColumn['type']): Cell {
  if (cell === undefined || cell === null || (type === 'text' && !/^\d{4}(?!\d)/.test(String(cell))))
    return known;
  return known === null || cell < known ? cell : known;
}
