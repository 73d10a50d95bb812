import { checkerOf } from '#dist/core/expressions/check.js';
import type { CellsOfColumn } from '#dist/core/query/filters/evaluate-predicate.js';
import { packStrings } from '#dist/core/tables/string-column.js';

export type Cell = string | number | null;

/** A column in memory. */
export function cellsOf(values: readonly Cell[], kind: 'texts' | 'numbers'): CellsOfColumn {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value !== null) bits[row >>> 3]! |= 1 << (row & 7);
  });
  const filled = values.includes(null) ? bits : undefined;
  if (kind === 'numbers')
    return { kind, numbers: { type: 'number', values: Float64Array.from(values, Number), filled } };
  const texts = packStrings(values.map((value) => String(value ?? '')));
  return { kind, isWritten: true, texts: { type: 'text', values: texts, filled } };
}

/** What trees mean over columns in memory. */
export function checkedOver(
  columns: ReadonlyMap<string, CellsOfColumn>,
  text = '',
): ReturnType<typeof checkerOf<CellsOfColumn>> {
  return checkerOf<CellsOfColumn>(text, '--where', {
    names: [...columns.keys()],
    open: ([name]) => columns.get(name!)!,
  });
}
