import type { ItemColumn, ItemTable, StringColumn } from '../contracts.js';
import { packStrings } from './string-column.js';

/** Items by row as a snapshot keeps them: first those with vectors, then those of the catalogue that nobody played. */
export interface Catalogue {
  readonly ids: StringColumn;
  /** [ids.length] number of events of each item; 0 for those without a vector. */
  readonly counts: Uint32Array;
  /** Metadata, [ids.length] values each. */
  readonly columns: readonly ItemColumn[];
  /** How many of the items with vectors the table knows. */
  readonly numDescribed: number;
}

/**
 * Joins the items that were trained with what `--items` says of them.
 * @param items ids by item row @param counts events by item row
 */
export function mergeCatalogue(items: StringColumn, counts: Uint32Array, table: ItemTable | undefined): Catalogue {
  if (table === undefined) return { ids: items, counts, columns: [], numDescribed: 0 };
  const tableRows = new Map<string, number>();
  for (let row = 0; row < table.ids.length; row++) tableRows.set(table.ids.at(row), row);

  const ids: string[] = [];
  const source: number[] = [];
  for (let row = 0; row < items.length; row++) {
    const id = items.at(row);
    ids.push(id);
    source.push(tableRows.get(id) ?? -1);
    tableRows.delete(id);
  }
  const numDescribed = source.filter((row) => row !== -1).length;
  // What is left nobody played; a Map keeps the table's order, which is that of the ids' bytes.
  for (const [id, row] of tableRows) {
    ids.push(id);
    source.push(row);
  }
  const allCounts = new Uint32Array(ids.length);
  allCounts.set(counts);
  return { ids: packStrings(ids), counts: allCounts, columns: table.columns.map((c) => reordered(c, source)), numDescribed };
}

function reordered(column: ItemColumn, source: readonly number[]): ItemColumn {
  const { name } = column;
  return column.type === 'int'
    ? { name, type: 'int', values: source.map((row) => column.values[row] ?? null) }
    : { name, type: 'text', values: source.map((row) => column.values[row] ?? null) };
}
