/** The items of a snapshot, and those of a file that it does not have. */
import type { ItemRecord, ItemTable } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { isNamedDate } from '../../models/features/item-features.js';
import { parseDate } from '../../numeric/dates.js';
import { cellAt, withCells, type Cell, type NamedColumn } from '../../tables/grown-column.js';
import { rowFinder } from '../../tables/row-finder.js';
import type { StoredItems } from '../../tables/snapshot-tables.js';
import { joinStrings, packStrings, sliceStrings, stringsAt } from '../../tables/string-column.js';

export interface JoinedItems extends StoredItems {
  /** Rows of the snapshot: those that follow are new. */
  readonly before: number;
  /** Rows of the file's that the snapshot has. */
  readonly known: readonly number[];
  /** Columns that hold dates in the file, and in the snapshot years: only these are kept. */
  readonly years: ReadonlySet<string>;
  /** Columns of the snapshot that the file does not have, and the other way round. */
  readonly missing: readonly string[];
  readonly further: readonly string[];
}

/**
 * The snapshot's rows, then the new ones in the order of the table. Every column of either is there, the names as `name`.
 * AppError 'bad-input-file' for a column of whole numbers that the file has other texts in, but for dates where they are years.
 */
export function joinItems(own: StoredItems, table: ItemTable, file: string): JoinedItems {
  const before = own.ids.length;
  const rowOf = rowFinder(own.ids);
  const found = Array.from({ length: table.ids.length }, (_, row) => rowOf(table.ids, row));
  const fresh = [...found.keys()].filter((row) => found[row] === undefined);
  const ids = joinStrings([own.ids, stringsAt(table.ids, Uint32Array.from(fresh))]);
  const given = new Map(table.columns.map((column) => [column.name, column]));
  const further = table.columns
    .filter(({ name }) => own.columns.every((column) => column.name !== name))
    .map(({ name, type }): NamedColumn => {
      const none = { name, filled: undefined };
      if (type === 'int') return { ...none, type: 'number', values: new Float64Array(0) };
      return { ...none, type, values: packStrings([]) };
    });
  const years = new Set<string>();
  const columns = [...own.columns, ...further].map((column) => {
    const values: readonly Cell[] = given.get(column.name)?.values ?? [];
    const cells = new Map(fresh.map((row, at) => [before + at, values[row] ?? null]));
    // What nothing names is called by its id.
    if (column.name === 'name')
      for (const [row, cell] of cells) cells.set(row, cell === null || cell === '' ? ids.at(row) : cell);
    if (column.type === 'number') {
      for (const [row, cell] of cells) {
        if (typeof cell !== 'string') continue;
        if (!isNamedDate(column.name) || parseDate(cell) === undefined)
          throw otherCells(file, ids.at(row), column.name, cell);
        cells.set(row, Number(cell.trim().slice(0, 4)));
        years.add(column.name);
      }
    }
    return withCells(column, ids.length, cells);
  });
  const counts = new Uint32Array(ids.length);
  counts.set(own.counts);
  return {
    ...{ before, counts, columns, ids },
    known: found.filter((row) => row !== undefined),
    ...{ years, further: further.map(({ name }) => name) },
    missing: own.columns.flatMap(({ name }) => (given.has(name) || name === 'name' ? [] : [name])),
  };
}

function otherCells(file: string, id: string, column: string, cell: string): AppError {
  const at = `${file}: item ${JSON.stringify(id)}: column ${JSON.stringify(column)}`;
  const value = JSON.stringify(cell.slice(0, 80));
  const wanted = isNamedDate(column) ? '2021-03-14 or 2021' : 'a whole number';
  return new AppError('bad-input-file', `${at} holds ${value}, and in the snapshot whole numbers`, {
    suggestions: [`write ${wanted}, or leave the cell empty`],
    details: { file, column, value: cell, id },
  });
}

/** Items in another order: row r of the result is row source[r]. */
export function reordered(items: StoredItems, source: Uint32Array): StoredItems {
  const { ids, counts, columns } = items;
  const from = source.findIndex((row, at) => row !== at);
  if (from < 0) return items;
  const moved = source.subarray(from);
  return {
    ids: joinStrings([sliceStrings(ids, 0, from), stringsAt(ids, moved)]),
    counts: source.map((row) => counts[row]!),
    columns: columns.map((column) => {
      const cells = Array.from(moved, (row, at) => [from + at, cellAt(column, row)] as const);
      return withCells(column, ids.length, new Map(cells));
    }),
  };
}

export function recordAt({ ids, columns }: StoredItems, row: number): ItemRecord {
  const cells = columns.flatMap((column) => {
    const cell = cellAt(column, row);
    return cell === null ? [] : [[column.name, cell] as const];
  });
  const id = ids.at(row);
  return { name: id, ...Object.fromEntries(cells), id };
}
