/** The items of a snapshot, and those of a file that it does not have. */
import type { ItemColumn, ItemRecord, ItemTable } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { ItemRows } from '../../tables/item-rows.js';
import { rowFinder } from '../../tables/row-finder.js';
import type { ItemNames } from '../../tables/snapshot-tables.js';
import { joinStrings, sliceStrings, stringsAt } from '../../tables/string-column.js';

export interface JoinedItems extends ItemRows {
  /** Rows of the snapshot: those that follow are new. */
  readonly before: number;
  /** Rows of the file's that the snapshot has. */
  readonly known: Uint32Array;
  /** Columns of the snapshot that the file does not have. */
  readonly missing: readonly string[];
}

/**
 * The snapshot's rows, then the new ones in the order of the table. Every column of either is there, the names as `name`.
 * AppError 'bad-input-file' for a column of whole numbers that the file has other texts in.
 */
export function joinItems(own: ItemNames, table: ItemTable, file: string): JoinedItems {
  const before = own.ids.length;
  const rowOf = rowFinder(own.ids);
  const found = Array.from({ length: table.ids.length }, (_, row) => rowOf(table.ids, row));
  const fresh = Uint32Array.from([...found.keys()].filter((row) => found[row] === undefined));
  const names = new Array<string | null>(before);
  for (let row = 0; row < before; row++) names[row] = own.names.at(row);
  const columns: readonly ItemColumn[] = [{ name: 'name', type: 'text', values: names }, ...own.columns];
  const given = new Map(table.columns.map((column) => [column.name, column]));
  const joined = columns.map((column): ItemColumn => {
    const other = given.get(column.name);
    const cells = Array.from(fresh, (row) => other?.values[row] ?? null);
    return withCells(column, cells, file);
  });
  const further = table.columns
    .filter(({ name }) => !columns.some((column) => column.name === name))
    .map(({ name, type, values }) => {
      const cells = [
        ...new Array<null>(before).fill(null),
        ...Array.from(fresh, (row) => values[row] ?? null),
      ];
      return { name, type, values: cells } as ItemColumn;
    });
  const counts = new Uint32Array(before + fresh.length);
  counts.set(own.counts);
  return {
    ...{ before, counts, columns: [...joined, ...further] },
    ids: joinStrings([own.ids, stringsAt(table.ids, fresh)]),
    known: Uint32Array.from(found.filter((row) => row !== undefined)),
    missing: own.columns.flatMap(({ name }) => (given.has(name) ? [] : [name])),
  };
}

function withCells(column: ItemColumn, cells: readonly (string | number | null)[], file: string): ItemColumn {
  const { name } = column;
  if (column.type === 'text') {
    const texts = cells.map((cell) => (cell === null ? null : String(cell)));
    return { name, type: 'text', values: [...column.values, ...texts] };
  }
  const numbers = cells.map((cell) => {
    if (cell === null || typeof cell === 'number') return cell;
    throw new AppError(
      'bad-input-file',
      `${file}: column ${JSON.stringify(name)} holds ${JSON.stringify(cell.slice(0, 80))}, and in the snapshot whole numbers`,
      {
        suggestions: ['write whole numbers in it, or leave the cell empty'],
        details: { file, column: name },
      },
    );
  });
  return { name, type: 'int', values: [...column.values, ...numbers] };
}

/** Items in another order: row r of the result is row source[r]. */
export function reordered(items: ItemRows, source: Uint32Array): ItemRows {
  const { ids, counts, columns } = items;
  const from = source.findIndex((row, at) => row !== at);
  if (from < 0) return items;
  const moved = source.subarray(from);
  return {
    ids: joinStrings([sliceStrings(ids, 0, from), stringsAt(ids, moved)]),
    counts: Uint32Array.from(source, (row) => counts[row] ?? 0),
    columns: columns.map((column) => {
      const values: readonly (string | number | null)[] = column.values;
      return {
        ...column,
        values: [...values.slice(0, from), ...Array.from(moved, (row) => values[row] ?? null)],
      };
    }) as ItemColumn[],
  };
}

export function recordAt({ ids, columns }: ItemRows, row: number): ItemRecord {
  const cells = columns.flatMap(({ name, values }) => {
    const cell = values[row] ?? null;
    return cell === null ? [] : [[name, cell] as const];
  });
  const id = ids.at(row);
  return { name: id, ...Object.fromEntries(cells), id };
}
