/** The tables of a snapshot that people open in pandas: model/item.arrow and users/users.arrow. */
import type { ItemColumn, StringColumn } from '../contracts.js';
import { readArrowFile, type ArrowTable, type TableCells } from './arrow-reader.js';
import { arrowFileChunks } from './arrow-writer.js';
import type { NamedColumn } from './grown-column.js';
import type { ItemRows } from './item-rows.js';
import { packStrings } from './string-column.js';

/** Columns of our own; metadata of the same name is left to the catalogue's records. */
const ownColumns: readonly string[] = ['id', 'count', 'name'];

export interface ItemNames extends ItemRows {
  /** [ids.length] what each item is called: the metadata's name, or where that is empty the id. */
  readonly names: StringColumn;
}

/** A table of items as it lies in its file; what the items are called is its first column, `name`. */
export interface StoredItems {
  readonly ids: StringColumn;
  readonly counts: Uint32Array;
  readonly columns: readonly NamedColumn[];
}

/** The file's bytes: id, count, name, then the metadata in its own order. */
export async function itemTableChunks({
  ids,
  counts,
  columns,
}: ItemRows | StoredItems): Promise<Uint8Array[]> {
  const named = columns.find(({ name }) => name === 'name');
  return arrowFileChunks([
    { name: 'id', type: 'string', values: ids },
    { name: 'count', type: 'uint32', values: counts },
    { name: 'name', type: 'string', values: namesOf(ids, named) },
    ...columns.filter(({ name }) => !ownColumns.includes(name)),
  ]);
}

/** As it was written, but for a column `name` among the metadata, which has become `names`. Errors as readArrowFile. */
export async function readItemTable(path: string, numRows?: number): Promise<ItemNames> {
  const table = await readArrowFile(path, numRows);
  return {
    ids: table.strings('id'),
    counts: table.counts('count'),
    names: table.strings('name'),
    columns: table.columnNames
      .filter((name) => !ownColumns.includes(name))
      .map((name) => table.metadata(name)),
  };
}

/** Errors as readArrowFile. */
export async function readStoredItems(path: string, numRows?: number): Promise<StoredItems> {
  const table = await readArrowFile(path, numRows);
  const names = ['name', ...table.columnNames.filter((name) => !ownColumns.includes(name))];
  return {
    ids: table.strings('id'),
    counts: table.counts('count'),
    columns: names.map((name) => ({ name, ...table.columnValues(name) })),
  };
}

/** All columns of a table of items or of users, in its order. Errors as readArrowFile. */
export async function readAllCells(
  path: string,
): Promise<{ numRows: number; columns: readonly TableCells[] }> {
  const table = await readArrowFile(path);
  return { numRows: table.numRows, columns: table.columnNames.map((name) => table.cells(name)) };
}

/** A table of items to compute with, column by column. */
export type OpenTable = Pick<ArrowTable, 'numRows' | 'columnNames' | 'columnValues'>;

/** Reads the file; columns are looked at when they are asked for. Errors as readArrowFile. */
export async function openTable(path: string): Promise<OpenTable> {
  return readArrowFile(path);
}

/** The ids of items or of users by row, whatever else stands in their table. Errors as readArrowFile. */
export async function readIds(path: string): Promise<StringColumn> {
  return (await readArrowFile(path)).strings('id');
}

export interface UserTable {
  readonly ids: StringColumn;
  /** [ids.length] events that went in. */
  readonly counts: Uint32Array;
}

export async function userTableChunks({ ids, counts }: UserTable): Promise<Uint8Array[]> {
  return arrowFileChunks([
    { name: 'id', type: 'string', values: ids },
    { name: 'count', type: 'uint32', values: counts },
  ]);
}

/** Errors as readArrowFile. */
export async function readUserTable(path: string, numRows?: number): Promise<UserTable> {
  const table = await readArrowFile(path, numRows);
  return { ids: table.strings('id'), counts: table.counts('count') };
}

function namesOf(ids: StringColumn, column: ItemColumn | NamedColumn | undefined): StringColumn {
  if (column === undefined) return ids;
  if (column.type === 'text' && 'filled' in column) return column.values;
  const names = function* (): Generator<string> {
    for (let row = 0; row < ids.length; row++) {
      const name = String(column.values[row] ?? '');
      yield name === '' ? ids.at(row) : name;
    }
  };
  return packStrings(names(), 'item names');
}
