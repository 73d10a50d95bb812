/** The artists and albums of a catalogue that gets more items: known ones keep their rows, others follow, without a vector. */
import type { ItemColumn, ItemRecord, StringColumn } from '../contracts.js';
import type { ItemNames } from '../tables/snapshot-tables.js';
import { joinStrings, packStrings } from '../tables/string-column.js';
import { cellNamed, groupIdOf, noRow, type KindRows } from './kind-rows.js';
import type { GroupedKind } from './layout.js';

export interface GrownKind extends Omit<KindRows, 'numVectors'> {
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
  table: ItemNames,
  ofItem: Uint32Array,
  added: readonly ItemRecord[],
): GrownKind {
  const before = table.ids.length;
  const rowOf = new Map<string, number>(Array.from({ length: before }, (_, row) => [table.ids.at(row), row]));
  const ids: string[] = [];
  const names: StringColumn = table.names;
  const columns = [
    {
      name: 'name',
      type: 'text',
      values: Array.from({ length: before }, (_, row) => names.at(row)),
    } as const,
    ...table.columns,
  ].map(({ name, type, values }) => ({ name, type, values: [...values] as (string | number | null)[] }));
  const touched = new Set<number>();
  const grown = new Uint32Array(ofItem.length + added.length).fill(noRow);
  grown.set(ofItem);
  added.forEach((item, at) => {
    const id = groupIdOf(item, kind);
    if (id === undefined) return;
    const row = rowOf.get(id) ?? before + ids.length;
    grown[ofItem.length + at] = row;
    if (row < before) touched.add(row);
    else if (!rowOf.has(id)) {
      rowOf.set(id, row);
      ids.push(id);
      for (const { name, values } of columns) values.push(cellOf(name, item, kind));
    }
    for (const { name, type, values } of columns) {
      if (name === 'tracks') values[row] = Number(values[row] ?? 0) + 1;
      if (name === 'released') values[row] = earlier(values[row] ?? null, item['released'], type);
    }
  });
  const counts = new Uint32Array(before + ids.length);
  counts.set(table.counts);
  return {
    ...{ kind, counts, ofItem: grown, before, touched: [...touched] },
    ids: joinStrings([table.ids, packStrings(ids, `${kind} ids`)]),
    columns: columns as unknown as readonly ItemColumn[],
  };
}

/** What a new artist, or album, has in a column before its tracks are counted. */
function cellOf(column: string, item: ItemRecord, kind: GroupedKind): string | null {
  if (column === 'name') return cellNamed(item, kind) ?? null;
  if (column === 'artist') return cellNamed(item, 'albumartist') ?? cellNamed(item, 'artist') ?? null;
  return null;
}

/** As kindRows has it: whole numbers, or texts that begin with a year. */
function earlier(
  known: string | number | null,
  cell: string | number | undefined,
  type: ItemColumn['type'],
): string | number | null {
  if (cell === undefined || (type === 'text' && !/^\d{4}(?!\d)/.test(String(cell)))) return known;
  return known === null || cell < known ? cell : known;
}
