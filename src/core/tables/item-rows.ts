/** The items of a snapshot by row: those of the model in their rows, then those of the catalogue that nobody played. */
import type { ItemColumn, ItemTable, StringColumn } from '../contracts.js';
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

function reordered(column: ItemColumn, source: readonly number[]): ItemColumn {
  const { name } = column;
  return column.type === 'int'
    ? { name, type: 'int', values: source.map((row) => column.values[row] ?? null) }
    : { name, type: 'text', values: source.map((row) => column.values[row] ?? null) };
}

/**
 * A function that finds the row of another column's id among `ids`, comparing bytes. An open-addressing table of rows
 * takes 8 to 16 bytes an id, where a Map of strings takes a hundred.
 */
function rowFinder(ids: StringColumn): (column: StringColumn, row: number) => number | undefined {
  const size = 2 ** Math.ceil(Math.log2(ids.length * 2 + 1));
  const slots = new Int32Array(size).fill(-1);
  for (let row = 0; row < ids.length; row++) {
    let slot = hashRow(ids, row) & (size - 1);
    while ((slots[slot] ?? 0) >= 0) slot = (slot + 1) & (size - 1);
    slots[slot] = row;
  }
  return (column, row) => {
    for (let slot = hashRow(column, row) & (size - 1); ; slot = (slot + 1) & (size - 1)) {
      const candidate = slots[slot] ?? -1;
      if (candidate < 0) return undefined;
      if (isSame(ids, candidate, column, row)) return candidate;
    }
  };
}

/** FNV-1a of a row's bytes. */
function hashRow({ bytes, offsets }: StringColumn, row: number): number {
  let hash = 0x811c9dc5;
  const end = offsets[row + 1] ?? 0;
  for (let at = offsets[row] ?? 0; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isSame(a: StringColumn, aRow: number, b: StringColumn, bRow: number): boolean {
  const aStart = a.offsets[aRow] ?? 0;
  const bStart = b.offsets[bRow] ?? 0;
  const length = (a.offsets[aRow + 1] ?? 0) - aStart;
  if ((b.offsets[bRow + 1] ?? 0) - bStart !== length) return false;
  for (let at = 0; at < length; at++) {
    if (a.bytes[aStart + at] !== b.bytes[bStart + at]) return false;
  }
  return true;
}
