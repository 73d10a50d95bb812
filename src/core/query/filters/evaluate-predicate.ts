/**
 * Which rows of a table a predicate holds for. A test of a missing value is neither true nor false, as in SQL: `not` leaves it so,
 * `and` and `or` as far as their other parts do not decide, and a row for which the whole is neither is left out.
 */
import { rowSetFromBits, type RowSet } from '../../search/row-set.js';
import type { ColumnValues } from '../../tables/column-values.js';
import type { Range } from './column-readings.js';
import { likeMatcher, textWithin } from './like-pattern.js';
import type { Comparison, Predicate, Test } from './predicate.js';

/** [⌈numRows / 8⌉] each, a bit a row: for which it is true, for which false; neither where a value is missing. */
interface Truth {
  readonly yes: Uint8Array;
  readonly no: Uint8Array;
}

/** What a test compares: the cells of its column, and for numbers what a value of the predicate stands for among them. */
export interface TestedColumn {
  readonly cells: ColumnValues;
  /** By default the number itself. */
  readonly rangeOf?: ((value: string | number) => Range) | undefined;
}

/**
 * The rows 0 … numRows − 1 that `predicate` holds for. Cost: O(numRows) a test, in order of what its text takes to compare;
 * memory 2 bits a row and test.
 * @param columnOf of each test, numRows cells or more, of the type that its values have
 */
export function evaluatePredicate(
  predicate: Predicate,
  columnOf: (test: Test) => TestedColumn,
  numRows: number,
): RowSet {
  return rowSetFromBits(numRows, truthOf(predicate, columnOf, numRows).yes);
}

function truthOf(predicate: Predicate, columnOf: (test: Test) => TestedColumn, numRows: number): Truth {
  switch (predicate.op) {
    case 'and':
    case 'or': {
      const [first, ...others] = predicate.parts;
      const truth = truthOf(first!, columnOf, numRows);
      // One after the other: there may be ten thousand of them.
      for (const part of others) {
        const other = truthOf(part, columnOf, numRows);
        if (predicate.op === 'and') both(truth, other);
        else either(truth, other);
      }
      return truth;
    }
    case 'not': {
      const { yes, no } = truthOf(predicate.part, columnOf, numRows);
      return { yes: no, no: yes };
    }
    default:
      return truthOfTest(predicate, columnOf(predicate), numRows);
  }
}

/** Into a: true where both are, false where one is. */
function both(a: Truth, b: Truth): void {
  for (let at = 0; at < a.yes.length; at++) {
    a.yes[at]! &= b.yes[at]!;
    a.no[at]! |= b.no[at]!;
  }
}

function either(a: Truth, b: Truth): void {
  both({ yes: a.no, no: a.yes }, { yes: b.no, no: b.yes });
}

function truthOfTest(test: Test, { cells, rangeOf = itself }: TestedColumn, numRows: number): Truth {
  const { filled } = cells;
  const isFilled = (row: number): boolean =>
    filled === undefined || ((filled[row >>> 3]! >> (row & 7)) & 1) !== 0;
  if (test.op === 'missing') return fill(numRows, undefined, (row) => !isFilled(row));
  const holds = cells.type === 'text' ? textTest(test, cells) : numberTest(test, cells.values, rangeOf);
  return fill(numRows, filled, holds);
}

function fill(numRows: number, filled: Uint8Array | undefined, holds: (row: number) => boolean): Truth {
  const yes = new Uint8Array(Math.ceil(numRows / 8));
  const no = new Uint8Array(yes.length);
  for (let row = 0; row < numRows; row++) {
    const bit = 1 << (row & 7);
    if (filled !== undefined && (filled[row >>> 3]! & bit) === 0) continue;
    if (holds(row)) yes[row >>> 3]! |= bit;
    else no[row >>> 3]! |= bit;
  }
  return { yes, no };
}

type ValueTest = Exclude<Test, { op: 'missing' }>;

function itself(value: string | number): Range {
  return [Number(value), Number(value)];
}

function numberTest(
  test: ValueTest,
  values: ArrayLike<number>,
  rangeOf: (value: string | number) => Range,
): (row: number) => boolean {
  switch (test.op) {
    case 'compare': {
      const [least, most] = rangeOf(test.value.value);
      const holds = ordered[test.by];
      return (row) => holds(compareWithRange(values[row]!, least, most));
    }
    case 'in': {
      const wanted = disjoint(test.values.map(({ value }) => rangeOf(value)));
      return (row) => isWithin(values[row]!, wanted);
    }
    case 'between': {
      const [[least], [, most]] = [rangeOf(test.least.value), rangeOf(test.most.value)];
      return (row) => values[row]! >= least && values[row]! <= most;
    }
    case 'contains':
    case 'like':
      throw new RangeError(`column ${test.column.name} is not text`);
  }
}

function textTest(
  test: ValueTest,
  { values }: ColumnValues & { readonly type: 'text' },
): (row: number) => boolean {
  const { bytes, offsets } = values;
  const against = (wanted: Buffer) => (row: number) =>
    compareBytes(bytes, offsets[row]!, offsets[row + 1]!, wanted);
  switch (test.op) {
    case 'compare': {
      const compare = against(Buffer.from(String(test.value.value)));
      const holds = ordered[test.by];
      return (row) => holds(compare(row));
    }
    case 'in': {
      const wanted = test.values.map(({ value }) => Buffer.from(String(value))).sort((a, b) => a.compare(b));
      return (row) => isAmong(bytes, offsets[row]!, offsets[row + 1]!, wanted);
    }
    case 'between': {
      const [least, most] = [test.least, test.most].map(({ value }) => against(Buffer.from(String(value))));
      return (row) => least!(row) >= 0 && most!(row) <= 0;
    }
    case 'contains':
      return likeMatcher(values, textWithin(test.text.value));
    case 'like':
      return likeMatcher(values, test.pattern.value);
  }
}

/** Of how a value stands to what it is compared with: below 0, 0 or above. */
const ordered: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** 0 within the range. */
function compareWithRange(value: number, least: number, most: number): number {
  return value < least ? -1 : value > most ? 1 : 0;
}

/** The same values by ranges that ascend and share nothing. */
function disjoint(ranges: readonly Range[]): readonly Range[] {
  const found: [number, number][] = [];
  for (const [least, most] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = found.at(-1);
    if (last === undefined || least > last[1]) found.push([least, most]);
    else last[1] = Math.max(last[1], most);
  }
  return found;
}

/** @param ranges as `disjoint` gives them */
function isWithin(value: number, ranges: readonly Range[]): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [least, most] = ranges[middle]!;
    const order = compareWithRange(value, least, most);
    if (order === 0) return true;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return false;
}

/** UTF-8 sorts by its bytes as it does by its characters' code points. */
function compareBytes(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): number {
  const shared = Math.min(end - start, wanted.length);
  for (let at = 0; at < shared; at++) {
    const difference = bytes[start + at]! - wanted[at]!;
    if (difference !== 0) return difference;
  }
  return end - start - wanted.length;
}

/** @param wanted ascending by bytes */
function isAmong(bytes: Uint8Array, start: number, end: number, wanted: readonly Buffer[]): boolean {
  let low = 0;
  let high = wanted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareBytes(bytes, start, end, wanted[middle]!);
    if (order === 0) return true;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return false;
}
