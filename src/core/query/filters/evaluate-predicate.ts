/**
 * Which rows of a table a predicate holds for. A test of a missing value is neither true nor false, as in SQL: `not` leaves it so,
 * `and` and `or` as far as their other parts do not decide, and a row for which the whole is neither is left out.
 */
import type { Checked, CheckedTest, Column, Numbers, Texts } from '../../expressions/check.js';
import { isWithin, numberBy, ordered } from '../../expressions/evaluate.js';
import { likeMatcher } from '../../expressions/like-pattern.js';
import { rowSetFromBits, type RowSet } from '../../search/row-set.js';
import type { ColumnValues } from '../../tables/column-values.js';
import { compareStrings, StringColumnBuilder } from '../../tables/string-column.js';
import type { TextValues } from './column-readings.js';

/** [⌈numRows / 8⌉] each, a bit a row: for which it is true, for which false; neither where a value is missing. */
interface Truth {
  readonly yes: Uint8Array;
  readonly no: Uint8Array;
}

/** What is read of a column, as far as its kind has it; numRows cells or more. */
export interface CellsOfColumn extends Column {
  readonly texts?: TextValues;
  /** Of dates the first moments. */
  readonly numbers?: ColumnValues & { readonly type: 'number' };
}

/**
 * The rows 0 … numRows − 1 that `predicate` holds for. Cost: O(numRows) a test, in order of what its text takes to compare;
 * memory 2 bits a row and test, and the texts that + joins.
 */
export function evaluatePredicate(predicate: Checked<CellsOfColumn>, numRows: number): RowSet {
  return rowSetFromBits(numRows, truthOf(predicate, numRows).yes);
}

function truthOf(predicate: Checked<CellsOfColumn>, numRows: number): Truth {
  switch (predicate.op) {
    case 'and':
    case 'or': {
      const [first, ...others] = predicate.parts;
      const truth = truthOf(first!, numRows);
      // One after the other: there may be ten thousand of them.
      for (const part of others) {
        const other = truthOf(part, numRows);
        if (predicate.op === 'and') both(truth, other);
        else either(truth, other);
      }
      return truth;
    }
    case 'not': {
      const { yes, no } = truthOf(predicate.part, numRows);
      return { yes: no, no: yes };
    }
    default:
      return truthOfTest(predicate, numRows);
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

function truthOfTest(test: CheckedTest<CellsOfColumn>, numRows: number): Truth {
  const known = (holds: (row: number) => boolean, ...filled: readonly (Uint8Array | undefined)[]): Truth =>
    fill(numRows, filled, holds);
  switch (test.op) {
    case 'within': {
      const { filled, at } = numbersOf(test.of, numRows);
      return known((row) => isWithin(at(row), test.ranges), filled);
    }
    case 'order': {
      const [of, to] = [numbersOf(test.of, numRows), numbersOf(test.to, numRows)];
      const holds = ordered[test.by];
      return known((row) => holds(of.at(row) - to.at(row)), of.filled, to.filled);
    }
    case 'among': {
      const { filled, values } = textsOf(test.of, numRows);
      const { bytes, offsets } = values;
      const wanted = test.values.map((value) => Buffer.from(value)).sort((a, b) => a.compare(b));
      return known((row) => isAmong(bytes, offsets[row]!, offsets[row + 1]!, wanted), filled);
    }
    case 'text-order': {
      const { filled, values } = textsOf(test.of, numRows);
      const holds = ordered[test.by];
      if (test.to.op === 'text') {
        const wanted = Buffer.from(test.to.value);
        const { bytes, offsets } = values;
        return known((row) => holds(compareBytes(bytes, offsets[row]!, offsets[row + 1]!, wanted)), filled);
      }
      const to = textsOf(test.to, numRows);
      return known((row) => holds(compareStrings(values, row, to.values, row)), filled, to.filled);
    }
    case 'like': {
      const { filled, values } = textsOf(test.of, numRows);
      return known(likeMatcher(values, test.pattern), filled);
    }
    case 'missing': {
      const filled = filledOf(test.of, numRows);
      return known((row) => filled !== undefined && !hasBit(filled, row));
    }
    case 'unknown':
      return known(() => false, new Uint8Array(Math.ceil(numRows / 8)));
  }
}

/** Neither where one of `filled` has no bit. */
function fill(
  numRows: number,
  filled: readonly (Uint8Array | undefined)[],
  holds: (row: number) => boolean,
): Truth {
  const yes = new Uint8Array(Math.ceil(numRows / 8));
  const no = new Uint8Array(yes.length);
  const [a, b] = filled;
  for (let row = 0; row < numRows; row++) {
    const bit = 1 << (row & 7);
    if (a !== undefined && (a[row >>> 3]! & bit) === 0) continue;
    if (b !== undefined && (b[row >>> 3]! & bit) === 0) continue;
    if (holds(row)) yes[row >>> 3]! |= bit;
    else no[row >>> 3]! |= bit;
  }
  return { yes, no };
}

function hasBit(bits: Uint8Array, row: number): boolean {
  return ((bits[row >>> 3]! >> (row & 7)) & 1) !== 0;
}

function bitsOf(numRows: number, isSet: (row: number) => boolean): Uint8Array {
  return fill(numRows, [], isSet).yes;
}

interface NumberOfRow {
  /** Of rows that are filled. */
  at(row: number): number;
  readonly filled: Uint8Array | undefined;
}

/** As `evaluatePredicate`. */
export function numbersOf(of: Numbers<CellsOfColumn>, numRows: number): NumberOfRow {
  if (of.op === 'numbers') {
    const { values, filled } = of.column.numbers!;
    return { at: (row) => values[row]!, filled };
  }
  const at = numberBy(of, ({ numbers }) => {
    const { values, filled } = numbers!;
    return (row: number) => (filled === undefined || hasBit(filled, row) ? values[row]! : NaN);
  });
  return { at, filled: of.op === 'number' ? undefined : bitsOf(numRows, (row) => !Number.isNaN(at(row))) };
}

/** As `evaluatePredicate`. */
export function textsOf(of: Texts<CellsOfColumn>, numRows: number): Omit<TextValues, 'type'> {
  if (of.op === 'texts') return of.column.texts!;
  const filled = filledOf(of, numRows);
  const parts = of.op === 'join' ? of.parts : [of];
  const at = parts.map((part): ((row: number) => string) => {
    if (part.op === 'text') return () => part.value;
    return part.op === 'texts' ? (row) => part.column.texts!.values.at(row) : () => '';
  });
  const joined = new StringColumnBuilder('texts', numRows);
  for (let row = 0; row < numRows; row++) {
    const isFilled = filled === undefined || hasBit(filled, row);
    joined.push(isFilled ? at.map((part) => part(row)).join('') : '');
  }
  return { values: joined.finish(), filled };
}

/** A bit a row that has a value; undefined where all have. */
function filledOf(
  of: (CheckedTest<CellsOfColumn> & { op: 'missing' })['of'],
  numRows: number,
): Uint8Array | undefined {
  switch (of.op) {
    case 'texts':
      return of.column.texts!.filled;
    case 'text':
      return undefined;
    case 'join': {
      const filled = of.parts.flatMap((part) => filledOf(part, numRows) ?? []);
      return filled.length === 0
        ? undefined
        : bitsOf(numRows, (row) => filled.every((bits) => hasBit(bits, row)));
    }
    case 'nothing':
    case 'others':
      return new Uint8Array(Math.ceil(numRows / 8));
    default:
      return numbersOf(of, numRows).filled;
  }
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
