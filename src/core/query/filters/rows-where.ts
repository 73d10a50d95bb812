/** From a predicate's text and a table of items to the rows it holds for. */
import { AppError } from '../../errors.js';
import type { RowSet } from '../../search/row-set.js';
import { foldName } from '../../store/casefold.js';
import { nearestWord } from '../../edit-distance.js';
import { openTable, type OpenTable } from '../../tables/snapshot-tables.js';
import type { ColumnValues } from '../../tables/column-values.js';
import { isNameColumn } from '../../tables/name-columns.js';
import {
  isNumberOrDate,
  misfitsOf,
  rangeOfDate,
  readingOf,
  type Reading,
  type TextValues,
} from './column-readings.js';
import { evaluatePredicate, type TestedColumn } from './evaluate-predicate.js';
import { parsePredicate, predicateError } from './parse-predicate.js';
import {
  printName,
  printPredicate,
  visitTests,
  type ColumnName,
  type Literal,
  type Test,
} from './predicate.js';

export interface FilteredRows {
  readonly rows: RowSet;
  /** The predicate as it was understood. */
  readonly predicate: string;
}

/**
 * The rows 0 … numRows − 1 of a table of items (model/<kind>.arrow) that a predicate holds for. AppErrors 'bad-usage' for a
 * predicate that does not parse, names a column that is not there, or compares what has no order; as readArrowFile.
 * Cost: the table is read whole, what the predicate does not name is not looked at.
 * @param what names the predicate in errors, such as '--where'
 */
export async function rowsWhere(
  path: string,
  text: string,
  numRows: number,
  what: string,
): Promise<FilteredRows> {
  const predicate = parsePredicate(text, what);
  const table = await openTable(path);
  if (table.numRows < numRows) {
    throw new AppError('damaged-snapshot', `${path} has ${table.numRows} rows, wanted ${numRows}`, {
      details: { file: path },
    });
  }
  const columns = new Map<string, OpenColumn>();
  const tested = new Map<Test, TestedColumn>();
  const wrong = (at: number, problem: string, suggestions: readonly string[] = []): AppError =>
    predicateError(what, text, at, problem, suggestions);
  visitTests(predicate, (test) => {
    const { column } = test;
    const known = columns.get(column.name) ?? openColumn(table, nameOf(table, column, wrong), numRows);
    columns.set(column.name, known);
    tested.set(test, columnFor(test, known, wrong));
  });
  return {
    rows: evaluatePredicate(predicate, (test) => tested.get(test)!, numRows),
    predicate: printPredicate(predicate),
  };
}

type Wrong = (at: number, problem: string, suggestions?: readonly string[]) => AppError;

/** The table's column of that name, else the only one of that name in another case. */
function nameOf({ columnNames }: OpenTable, { name, at }: ColumnName, wrong: Wrong): string {
  if (columnNames.includes(name)) return name;
  const folded = foldName(name);
  const alike = columnNames.filter((other) => foldName(other) === folded);
  if (alike.length === 1) return alike[0]!;
  const more = columnNames.length > mostListed ? ` and ${columnNames.length - mostListed} more` : '';
  const listed = `${columnNames.slice(0, mostListed).map(printName).join(', ')}${more}`;
  const nearest = alike[0] ?? nearestWord(name, columnNames);
  throw wrong(at, `there is no column ${printName(name)}; there are: ${listed}`, [
    ...(nearest === undefined ? [] : [`did you mean ${printName(nearest)}?`]),
    ...(columnNames.length > 3 ? [] : ['for artists, years and other columns: train with `items` FILE']),
  ]);
}

/** Columns that an error names. */
const mostListed = 20;

/** The values that a test compares with; undefined where it looks into texts, or for cells that are missing. */
function comparedWith(test: Test): readonly Literal[] | undefined {
  switch (test.op) {
    case 'compare':
      return [test.value];
    case 'in':
      return test.values;
    case 'between':
      return [test.least, test.most];
    default:
      return undefined;
  }
}

interface OpenColumn {
  /** As the table has it. */
  readonly name: string;
  readonly cells: ColumnValues;
  readonly numRows: number;
  /** Of a column of texts, what they are as a whole; read when it is asked for. */
  reading(): Reading;
}

function openColumn(table: OpenTable, name: string, numRows: number): OpenColumn {
  const cells = table.columnValues(name);
  let reading: Reading | undefined;
  return {
    ...{ name, cells, numRows },
    reading: () =>
      (reading ??= cells.type === 'text' ? readingOf(name, cells, numRows) : { kind: 'nothing' }),
  };
}

/** What a test compares. AppError 'bad-usage' for values that its column cannot be compared with. */
function columnFor(test: Test, column: OpenColumn, wrong: Wrong): TestedColumn {
  const { cells } = column;
  const shown = printName(test.column.name);
  const values = comparedWith(test);
  if (cells.type === 'number') {
    if (values === undefined && test.op !== 'missing') {
      throw wrong(test.column.at, `${shown} holds numbers; ~ and like search texts`, [
        `compare it: ${shown} >= 1975, ${shown} between 1970 and 1979`,
      ]);
    }
    for (const value of values ?? []) requireNumber(shown, value, wrong);
    return { cells };
  }
  if (values === undefined) return { cells };
  const reading = column.reading();
  switch (reading.kind) {
    case 'dates':
      for (const value of values) requireDate(shown, value, wrong);
      return {
        cells: { type: 'number', values: reading.values, filled: cells.filled },
        rangeOf: (value) => rangeOfDate(value)!,
      };
    case 'numbers':
      // What is the same text is looked for as it is written.
      if (!isOrdered(test) && values.every(({ value }) => typeof value === 'string')) return { cells };
      for (const value of values) requireNumber(shown, value, wrong);
      return { cells: { type: 'number', values: reading.values, filled: cells.filled } };
    case 'texts':
      for (const value of values) requireText(test, value, { ...column, cells }, wrong);
      return { cells };
    case 'nothing':
      return { cells };
  }
}

function isOrdered(test: Test): boolean {
  return test.op === 'between' || (test.op === 'compare' && test.by !== '=' && test.by !== '!=');
}

function requireNumber(column: string, { value, at }: Literal, wrong: Wrong): void {
  if (typeof value === 'number') return;
  const isNumber = value.trim() !== '' && Number.isFinite(Number(value));
  throw wrong(at, `${column} holds numbers, and this is a text`, [
    isNumber ? `write it without quotes: ${value.trim()}` : `compare it with a number: ${column} >= 1975`,
  ]);
}

function requireDate(column: string, { value, at }: Literal, wrong: Wrong): void {
  if (rangeOfDate(value) !== undefined) return;
  const what = typeof value === 'number' ? 'this number is not a year' : 'this is not a date';
  throw wrong(at, `${column} holds dates, and ${what}`, [
    `write 1990 for a year, "1990-05" for a month and "1990-05-14" for a day`,
  ]);
}

/** Texts have an order of their own, by their letters: with numbers and dates it is another one than is meant. */
function requireText(
  test: Test,
  { value, at }: Literal,
  { name, cells, numRows }: OpenColumn & { readonly cells: TextValues },
  wrong: Wrong,
): void {
  const column = printName(test.column.name);
  const isNumber = typeof value === 'number';
  if (!isOrdered(test)) {
    if (!isNumber) return;
    throw wrong(at, `${column} holds texts, and this is a number`, [`write it in quotes: "${value}"`]);
  }
  if (!isNumber && !isNumberOrDate(value)) return;
  const problem = `${column} holds texts, which have no order with a number or a date`;
  if (isNameColumn(name)) throw wrong(at, `${problem}: it is what items are called`);
  const { cells: numCells, of, example, areDates } = misfitsOf(cells, numRows);
  throw wrong(at, `${problem}: ${numCells} of ${of} cells are neither, such as ${JSON.stringify(example)}`, [
    areDates
      ? 'train again: this version recognises such dates, and keeps them as 1997-03-14'
      : 'in the file of `items` write numbers, or dates as 1997-03-14 or 1997, leave unknown values empty, and ' +
        'train again',
  ]);
}
