/** Columns of a table as they lie in its file, with other cells or more of them: only these are looked at one by one. */
import type { CodedColumn, ItemColumn, StringColumn } from '../contracts.js';
import type { ColumnValues } from './column-values.js';
import { firstOfSame } from './row-finder.js';
import { joinStrings, sliceStrings, StringColumnBuilder } from './string-column.js';

export type NamedColumn = ColumnValues & { readonly name: string };

/** null is an empty cell. */
export type Cell = string | number | null;

export function isFilled(filled: Uint8Array | undefined, row: number): boolean {
  return filled === undefined || (filled[row >>> 3]! & (1 << (row & 7))) !== 0;
}

export function cellAt({ type, values, filled }: ColumnValues, row: number): Cell {
  if (row >= values.length || !isFilled(filled, row)) return null;
  return type === 'text' ? values.at(row) : values[row]!;
}

/** A column of `length` rows: those in `cells` have another cell, and rows that the column does not have are empty. */
export function withCells(
  column: NamedColumn,
  length: number,
  cells: ReadonlyMap<number, Cell>,
): NamedColumn {
  const { name, values } = column;
  let kept = Math.min(values.length, length);
  for (const row of cells.keys()) kept = Math.min(kept, row);
  const filled = new Uint8Array(Math.ceil(length / 8));
  filled.set(column.filled?.subarray(0, kept >>> 3) ?? filled.subarray(0, kept >>> 3).fill(255));
  let hasEmpty = column.filled !== undefined;
  for (let row = kept & ~7; row < length; row++) {
    const own = cells.get(row);
    if (own === undefined ? row < values.length && isFilled(column.filled, row) : own !== null)
      filled[row >>> 3]! |= 1 << (row & 7);
    else hasEmpty = true;
  }
  const nulls = { filled: hasEmpty ? filled : undefined };
  if (column.type === 'text')
    return { name, type: 'text', values: changed(column.values, length, kept, cells), ...nulls };
  const numbers = new Float64Array(length);
  numbers.set(column.values.subarray(0, length));
  for (const [row, cell] of cells) numbers[row] = Number(cell ?? 0);
  return { name, type: 'number', values: numbers, ...nulls };
}

/** @param kept rows that stay, from 0 on */
function changed(text: StringColumn, length: number, kept: number, cells: ReadonlyMap<number, Cell>) {
  const rest = new StringColumnBuilder('cells', length - kept);
  for (let row = kept; row < length; row++) {
    const cell = cells.get(row);
    if (cell === undefined && row < text.length)
      rest.pushBytes(text.bytes, text.offsets[row], text.offsets[row + 1]);
    else rest.push(String(cell ?? ''));
  }
  return joinStrings([sliceStrings(text, 0, kept), rest.finish()]);
}

/** Columns by their names, each coded when it is asked for. */
export function featureTable(columns: readonly (ItemColumn | NamedColumn)[]): {
  readonly columns: readonly string[];
  column(name: string): CodedColumn;
} {
  const coded = new Map<string, CodedColumn>();
  return {
    columns: columns.map(({ name }) => name),
    column(name: string): CodedColumn {
      const found = coded.get(name) ?? codeCells(columns.find((column) => column.name === name)!);
      coded.set(name, found);
      return found;
    },
  };
}

/** Texts are compared by their bytes, so that only different ones become strings. */
export function codeCells(column: ItemColumn | NamedColumn): CodedColumn {
  const { name, type, values } = column;
  const cells: (string | number)[] = [];
  const codes = new Int32Array(values.length);
  const add = (cell: Cell): number =>
    cell === null || (typeof cell === 'string' && cell.trim() === '') ? -1 : cells.push(cell) - 1;
  if (type === 'text' && 'filled' in column) {
    firstOfSame(column.values).forEach((first, row) => {
      codes[row] = first < row ? codes[first]! : add(column.values.at(row));
    });
    return { name, codes, cells };
  }
  const known = new Map<Cell, number>();
  for (let row = 0; row < codes.length; row++) {
    const cell = 'filled' in column ? cellAt(column, row) : (column.values[row] ?? null);
    let code = known.get(cell);
    if (code === undefined) known.set(cell, (code = add(cell)));
    codes[row] = code;
  }
  return { name, codes, cells };
}
