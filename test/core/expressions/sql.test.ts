import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseExpression, parsePredicate } from '#dist/core/expressions/parse.js';
import {
  cellTypeOf,
  expressionToSql,
  isTooLarge,
  predicateToSql,
  quotedName,
  quotedText,
  type CellType,
  type SqlColumn,
} from '#dist/core/expressions/sql.js';
import { printExpression, printPredicate, type Predicate } from '#dist/core/expressions/tree.js';
import { openDuckdb, type DuckdbSession } from '#dist/core/events/duckdb-session.js';
import { evaluatePredicate, numbersOf, textsOf } from '#dist/core/query/filters/evaluate-predicate.js';
import { hasRow } from '#dist/core/search/row-set.js';
import { cellsOf, checkedOver, type Cell } from '../../helpers/checked-predicates.js';
import { expressions, predicates } from '../../helpers/predicates.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let session: DuckdbSession;
beforeAll(async () => {
  const { signal } = new AbortController();
  session = await openDuckdb({ scratch: makeDirectory(), threads: 1, inputBytes: 0, signal });
});
afterAll(() => session.close());

const select = async (sql: string, from: string): Promise<unknown[]> =>
  (await session.rows(`SELECT ${sql} FROM ${from}`)).map(([value]) => value);

/** Columns whose names look like SQL, a struct, cells of every kind of trouble. */
const columns: Readonly<
  Record<string, { readonly kind: 'texts' | 'numbers'; readonly cells: readonly Cell[] }>
> = {
  'a"; drop table t; --': {
    kind: 'texts',
    cells: ['a', 'ß', 'A\u030a', "it's", 'SS%_\\', '😀J\u030c', null, '', 'Ünï', 'x\0y', 'ſtraſſe', 'İi'],
  },
  select: { kind: 'texts', cells: ['b', null, 'å', '"', 'ss', 'ǰ', 'x', '%', 'ÜNÏ', '\\', 'STRASSE', 'Ⅷ'] },
  n: { kind: 'numbers', cells: [0, 1, -1, 2.5, 1e308, -1e308, 5e-324, null, 3, 2 ** 53, 0.1, -0.5] },
  'st ruct|count': { kind: 'numbers', cells: [2, null, 0, 4, -3, 1, 0, 7, null, 2, 10, 1] },
  "st ruct|te'xt": {
    kind: 'texts',
    cells: ['b', 'A', null, 'SS', 'é', 'E\u0301', 'z', '', 'ﬃ', 'x', 'Σς', 'ö'],
  },
};
const numRows = 12;
const structs = new Map<string, CellType>([
  ['count', 'large integers'],
  ["te'xt", 'texts'],
]);
const sqlColumns = new Map<string, SqlColumn>([
  ['a"; drop table t; --', { type: 'texts' }],
  ['select', { type: 'texts' }],
  ['n', { type: 'floats' }],
  ['st ruct', { type: { parts: structs } }],
]);

const inMemory = new Map(
  Object.entries(columns).map(([name, { kind, cells }]) => [name.replace('|', '.'), cellsOf(cells, kind)]),
);
const namesOfKind = (kind: string): string[][] =>
  Object.entries(columns).flatMap(([name, column]) => (column.kind === kind ? [name.split('|')] : []));
const letters = [
  'a',
  'A',
  's',
  'ß',
  'ẞ',
  'É',
  '\u0301',
  'ǰ',
  'i',
  'Σ',
  '😀',
  '%',
  '_',
  '\\',
  "'",
  '"',
  '\0',
  'Å',
];
const shape = {
  texts: namesOfKind('texts'),
  numbers: namesOfKind('numbers'),
  text: fc.array(fc.constantFrom(...letters), { maxLength: 4 }).map((parts) => parts.join('')),
  number: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.1, 2.5, 1e-320, 1e308, 2 ** 53)),
};

beforeAll(async () => {
  const cell = (name: string, row: number): string => {
    const value = columns[name]!.cells[row]!;
    return typeof value === 'number' ? `'${value}'` : value === null ? 'NULL' : quotedText(value);
  };
  const rows = Array.from({ length: numRows }, (_, row) => {
    const struct = `{'count': ${cell('st ruct|count', row)}::BIGINT, 'te''xt': ${cell("st ruct|te'xt", row)}::VARCHAR}`;
    return `(${row}, ${cell('a"; drop table t; --', row)}, ${cell('select', row)}, ${cell('n', row)}::DOUBLE, ${struct})`;
  });
  const names = ['row', ...sqlColumns.keys()].map(quotedName).join(', ');
  await session.rows(`CREATE TABLE t AS SELECT * FROM (VALUES ${rows.join(', ')}) AS v(${names})`);
});

/** true, false or null by row. */
function evaluated(predicate: Predicate): (boolean | null)[] {
  const checker = checkedOver(inMemory, printPredicate(predicate));
  const isTrue = evaluatePredicate(checker.predicate(predicate), numRows);
  const isFalse = evaluatePredicate(checker.predicate({ op: 'not', part: predicate }), numRows);
  return Array.from({ length: numRows }, (_, row) =>
    hasRow(isTrue, row) ? true : hasRow(isFalse, row) ? false : null,
  );
}

describe('SQL gives what the evaluator gives', () => {
  it('for conditions', async () => {
    const tried = fc.sample(predicates(shape), { numRuns: 400, seed: 5 });
    const sql = tried.map((each) => predicateToSql(each, sqlColumns, printPredicate(each), 'it'));
    const found = await Promise.all(sql.map((each) => select(each, 't ORDER BY row')));
    tried.forEach((each, at) => {
      expect({ it: printPredicate(each), rows: found[at] }).toEqual({
        it: printPredicate(each),
        rows: evaluated(each),
      });
    });
  });

  it('for values', async () => {
    const { texts, numbers } = expressions(shape);
    const tried = fc.sample(fc.oneof(texts, numbers), { numRuns: 200, seed: 6 });
    for (const each of tried) {
      const text = printExpression(each);
      const { sql } = expressionToSql(each, sqlColumns, text, 'it');
      const { kind, of } = checkedOver(inMemory, text).value(each);
      const bits =
        kind === 'texts' ? textsOf(of, numRows) : kind === 'numbers' ? numbersOf(of, numRows) : undefined;
      const wanted = Array.from({ length: numRows }, (_, row) => {
        if (bits?.filled !== undefined && ((bits.filled[row >>> 3]! >> (row & 7)) & 1) === 0) return null;
        return 'values' in bits! ? bits.values.at(row) : bits!.at(row) + 0;
      });
      const found = (await select(sql, 't ORDER BY row')).map((value) => (value === 0 ? 0 : value));
      expect({ text, found }).toEqual({ text, found: wanted.map((value) => (value === 0 ? 0 : value)) });
    }
  });
});
