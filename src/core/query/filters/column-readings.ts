/**
 * What a column of texts holds as a whole. A catalogue keeps dates as ISO 8601 text, and numbers with a fraction as they were
 * written: by their letters neither would compare as it means.
 */
import { isNumber } from '../../expressions/check.js';
import { isoDateOf, parseDate } from '../../numeric/dates.js';
import type { ColumnValues } from '../../tables/column-values.js';
import { isNameColumn } from '../../tables/name-columns.js';

export type TextValues = ColumnValues & { readonly type: 'text' };

export type Reading =
  /** [rows] numbers; of a date its first moment, in ms since 1970 UTC. */
  | { readonly kind: 'numbers' | 'dates'; readonly values: Float64Array }
  | { readonly kind: 'texts' }
  /** No cell is filled. */
  | { readonly kind: 'nothing' };

/** What nobody means by a number of four digits that begins with a zero. */
const earliestMs = new Date(0).setUTCFullYear(1000, 0, 1);
/** A longer cell is neither a number nor a date. */
const mostBytes = 40;

/**
 * Dates or numbers where every filled cell is one, else texts; columns of names are texts. The first cells that are neither
 * end it, so that a column of texts costs next to nothing; one of dates takes some 0.4 s for a million cells.
 */
export function readingOf(name: string, cells: TextValues, numRows: number): Reading {
  if (isNameColumn(name)) return { kind: 'texts' };
  const values = new Float64Array(numRows);
  for (const kind of ['dates', 'numbers'] as const) {
    const numFilled = readInto(values, cells, valueOf[kind]);
    if (numFilled === 0) return { kind: 'nothing' };
    if (numFilled !== undefined) return { kind, values };
  }
  return { kind: 'texts' };
}

/** How many cells are filled; undefined where one of them has no value. */
function readInto(
  values: Float64Array,
  cells: TextValues,
  valueOfCell: (text: string) => number | undefined,
): number | undefined {
  let numFilled = 0;
  for (let row = 0; row < values.length; row++) {
    if (!isFilled(cells, row)) continue;
    const value = valueOfCell(textAt(cells, row));
    if (value === undefined) return undefined;
    values[row] = value;
    numFilled++;
  }
  return numFilled;
}

const valueOf = {
  numbers: (text: string): number | undefined => (isNumber(text) ? Number(text) : undefined),
  dates: (text: string): number | undefined => {
    const span = parseDate(text);
    return span === undefined || span.firstMs < earliestMs ? undefined : span.firstMs;
  },
} as const;

export interface Misfits {
  readonly cells: number;
  readonly of: number;
  readonly example: string;
  /** Whether every one of them is a date that train would recognise today. */
  readonly areDates: boolean;
}

/** The cells for which a column of texts holds neither dates nor numbers. Reads all of them. */
export function misfitsOf(cells: TextValues, numRows: number): Misfits {
  const found = { dates: 0, numbers: 0 };
  const examples: { dates?: string; numbers?: string } = {};
  let of = 0;
  let areDates = true;
  for (let row = 0; row < numRows; row++) {
    if (!isFilled(cells, row)) continue;
    of++;
    const text = textAt(cells, row);
    for (const kind of ['dates', 'numbers'] as const) {
      if (valueOf[kind](text) !== undefined) continue;
      found[kind]++;
      examples[kind] ??= text;
    }
    areDates &&= isoDateOf(text) !== undefined;
  }
  const kind = found.numbers < found.dates ? 'numbers' : 'dates';
  return { cells: found[kind], of, example: examples[kind] ?? '', areDates };
}

function isFilled({ filled }: TextValues, row: number): boolean {
  return filled === undefined || ((filled[row >>> 3]! >> (row & 7)) & 1) !== 0;
}

/** Cut where it is too long to be a number or a date. */
function textAt({ values }: TextValues, row: number): string {
  const [start, end] = [values.offsets[row]!, values.offsets[row + 1]!];
  if (end - start <= mostBytes) return values.at(row);
  return `${Buffer.from(values.bytes.subarray(start, start + mostBytes)).toString('utf8')}…`;
}
