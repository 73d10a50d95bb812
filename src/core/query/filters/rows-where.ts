/** From a predicate's text and a table of items to the rows it holds for. */
import { AppError } from '../../errors.js';
import { checkerOf } from '../../expressions/check.js';
import { parsePredicate } from '../../expressions/parse.js';
import { printPredicate } from '../../expressions/tree.js';
import type { RowSet } from '../../search/row-set.js';
import { openTable, type OpenTable } from '../../tables/snapshot-tables.js';
import { isNameColumn } from '../../tables/name-columns.js';
import { misfitsOf, readingOf, type Reading, type TextValues } from './column-readings.js';
import { evaluatePredicate, type CellsOfColumn } from './evaluate-predicate.js';

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
  const columns = new Map<string, CellsOfColumn>();
  const checker = checkerOf<CellsOfColumn>(text, what, {
    names: table.columnNames,
    open([name]) {
      const column = columns.get(name!) ?? openColumn(table, name!, numRows);
      columns.set(name!, column);
      return column;
    },
    remedies:
      table.columnNames.length > 3 ? [] : ['for artists, years and other columns: train with `items` FILE'],
  });
  return {
    rows: evaluatePredicate(checker.predicate(predicate), numRows),
    predicate: printPredicate(predicate),
  };
}

/** What a column of texts holds as a whole is read when it is asked for. */
function openColumn(table: OpenTable, name: string, numRows: number): CellsOfColumn {
  const cells = table.columnValues(name);
  if (cells.type === 'number') return { kind: 'numbers', numbers: cells };
  let known: Reading | undefined;
  const reading = (): Reading => (known ??= readingOf(name, cells, numRows));
  return {
    get kind() {
      return reading().kind;
    },
    get numbers() {
      const read = reading();
      if (!('values' in read)) throw new RangeError(`column ${name} holds no numbers`);
      return { type: 'number', values: read.values, filled: cells.filled } as const;
    },
    isWritten: true,
    texts: cells,
    noOrder: () => noOrderOf(name, cells, numRows),
  };
}

function noOrderOf(
  name: string,
  cells: TextValues,
  numRows: number,
): ReturnType<NonNullable<CellsOfColumn['noOrder']>> {
  if (isNameColumn(name)) return { why: 'it is what items are called' };
  const { cells: numCells, of, example, areDates } = misfitsOf(cells, numRows);
  return {
    why: `${numCells} of ${of} cells are neither, such as ${JSON.stringify(example)}`,
    suggestions: [
      areDates
        ? 'train again: this version recognises such dates, and keeps them as 1997-03-14'
        : 'in the file of `items` write numbers, or dates as 1997-03-14 or 1997, leave unknown values empty, and ' +
          'train again',
    ],
  };
}
