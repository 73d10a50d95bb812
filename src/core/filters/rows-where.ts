/** From a predicate's text and a table of items to the rows it holds for. */
import { AppError } from '../errors.js';
import type { RowSet } from '../index/row-set.js';
import { foldName } from '../store/casefold.js';
import { nearestWord } from '../store/edit-distance.js';
import { openTable, type OpenTable } from '../tables/snapshot-tables.js';
import type { ColumnValues } from '../tables/column-values.js';
import { evaluatePredicate } from './evaluate-predicate.js';
import { parsePredicate, predicateError } from './parse-predicate.js';
import { printName, printPredicate, type ColumnName, type Literal, type Predicate } from './predicate.js';

export interface FilteredRows {
  readonly rows: RowSet;
  /** The predicate as it was understood. */
  readonly predicate: string;
}

/**
 * The rows 0 … numRows − 1 of a table of items (model/<kind>.arrow) that a predicate holds for. AppErrors 'bad-usage' for a
 * predicate that does not parse, names a column that is not there, or compares text with numbers; as readArrowFile.
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
  const columns = new Map<string, ColumnValues>();
  const wrong = (at: number, problem: string, suggestions: readonly string[] = []): AppError =>
    predicateError(what, text, at, problem, suggestions);
  visitTests(predicate, (column, values, isTextTest) => {
    const cells = columns.get(column.name) ?? table.columnValues(nameOf(table, column, wrong));
    columns.set(column.name, cells);
    checkTypes(column, cells, values, isTextTest, wrong);
  });
  return {
    rows: evaluatePredicate(predicate, columns, numRows),
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
  const listed = columnNames.map(printName).join(', ');
  const nearest = alike[0] ?? nearestWord(name, columnNames);
  throw wrong(at, `there is no column ${printName(name)}; there are: ${listed}`, [
    ...(nearest === undefined ? [] : [`did you mean ${printName(nearest)}?`]),
    ...(columnNames.length > 3
      ? []
      : ['artists, years and whatever else are known after: train --items FILE']),
  ]);
}

function visitTests(
  predicate: Predicate,
  visit: (column: ColumnName, values: readonly Literal[], isTextTest: boolean) => void,
): void {
  switch (predicate.op) {
    case 'and':
    case 'or':
      for (const part of predicate.parts) visitTests(part, visit);
      return;
    case 'not':
      visitTests(predicate.part, visit);
      return;
    case 'compare':
      visit(predicate.column, [predicate.value], false);
      return;
    case 'in':
      visit(predicate.column, predicate.values, false);
      return;
    case 'between':
      visit(predicate.column, [predicate.least, predicate.most], false);
      return;
    case 'contains':
      visit(predicate.column, [predicate.text], true);
      return;
    case 'like':
      visit(predicate.column, [predicate.pattern], true);
      return;
    case 'missing':
      visit(predicate.column, [], false);
  }
}

function checkTypes(
  { name, at }: ColumnName,
  cells: ColumnValues,
  values: readonly Literal[],
  isTextTest: boolean,
  wrong: Wrong,
): void {
  const column = printName(name);
  if (cells.type === 'number' && isTextTest) {
    throw wrong(at, `${column} holds numbers; ~ and like look into texts`, [
      `compare it: ${column} >= 1975, ${column} between 1970 and 1979`,
    ]);
  }
  for (const { value, at: place } of values) {
    if (cells.type === 'number' && typeof value === 'string') {
      const isNumber = value.trim() !== '' && Number.isFinite(Number(value));
      throw wrong(place, `${column} holds numbers, and this is a text`, [
        isNumber ? `write it without quotes: ${value.trim()}` : `compare it with a number: ${column} >= 1975`,
      ]);
    }
    if (cells.type === 'text' && typeof value === 'number') {
      throw wrong(place, `${column} holds texts, and this is a number`, [`write it in quotes: "${value}"`]);
    }
  }
}
