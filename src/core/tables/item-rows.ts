/** The items of a snapshot by row: those of the model in their rows, then those of the catalogue that nobody played. */
import type { ItemColumn, ItemTable, StringColumn } from '../contracts.js';
import { rowFinder } from './row-finder.js';
import { StringColumnBuilder } from './string-column.js';

export interface ItemRows {
  readonly ids: StringColumn;
  /** [ids.length] events that went in; 0 for an item that nobody played. */
  readonly counts: Uint32Array;
  /** Metadata by row, ids.length values each. */
  readonly columns: readonly ItemColumn[];
}

/**
 * Joins the model's items with what `--items` says about them.
 *
 * @param modelIds ids by item row
 * @param counts [modelIds.length] events by item row
 * @param table the catalogue; its items that the model does not have follow in its order
 */
export function itemRows(modelIds: StringColumn, counts: Uint32Array, table?: ItemTable): ItemRows {
  if (table === undefined) return { ids: modelIds, counts, columns: [] };

  const modelRowOf = rowFinder(modelIds);
  /** By row of the result, the row of the table, or −1. */
  const source: number[] = Array.from({ length: modelIds.length }, () => -1);
  for (let tableRow = 0; tableRow < table.ids.length; tableRow++) {
    const modelRow = modelRowOf(table.ids, tableRow);
    if (modelRow === undefined) source.push(tableRow);
    else source[modelRow] = tableRow;
  }

  const ids = new StringColumnBuilder(
    'item ids',
    source.length,
    modelIds.bytes.length + table.ids.bytes.length,
  );
  source.forEach((tableRow, row) => {
    if (row < modelIds.length) pushRow(ids, modelIds, row);
    else pushRow(ids, table.ids, tableRow);
  });
  const allCounts = new Uint32Array(source.length);
  allCounts.set(counts);
  return {
    ids: ids.finish(),
    counts: allCounts,
    columns: table.columns.map((column) => reordered(column, source)),
  };
}

function pushRow(target: StringColumnBuilder, { bytes, offsets }: StringColumn, row: number): void {
  target.pushBytes(bytes, offsets[row], offsets[row + 1]);
}

/** @param source by row of the result, the row that it comes from; −1: none */
export function reordered(column: ItemColumn, source: readonly number[]): ItemColumn {
  const { name } = column;
  return column.type === 'int'
    ? { name, type: 'int', values: source.map((row) => column.values[row] ?? null) }
    : { name, type: 'text', values: source.map((row) => column.values[row] ?? null) };
}
