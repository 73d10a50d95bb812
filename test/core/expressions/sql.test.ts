import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { likeSql, textWithin } from '#dist/core/expressions/like.js';
import { parseExpression, parsePredicate } from '#dist/core/expressions/parse.js';
import {
  cellTypeOf,
  expressionToSql,
  tooLargeIn,
  predicateToSql,
  quotedName,
  quotedText,
  type CellType,
  type SqlColumn,
} from '#dist/core/expressions/sql.js';
import {
  printExpression,
  printPredicate,
  type Expression,
  type Predicate,
} from '#dist/core/expressions/tree.js';
import { openDuckdb, type DuckdbSession } from '#dist/core/events/duckdb-session.js';
import {
  evaluatePredicate,
  numbersOf,
  textsOf,
  type CellsOfColumn,
} from '#dist/core/query/filters/evaluate-predicate.js';
import { foldName } from '#dist/core/store/casefold.js';
import { hasRow } from '#dist/core/search/row-set.js';
import { cellsOf, checkedOver, type Cell } from '../../helpers/checked-predicates.js';
import { expressions, predicates } from '../../helpers/predicates.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let session: DuckdbSession;
beforeAll(async () => {
  const { signal } = new AbortController();
  session = await openDuckdb({ scratch: makeDirectory(), threads: 1, inputs: [], signal });
});
afterAll(() => session.close());

function words(text: string): string[] {
  return text.split(' ');
}

const select = async (sql: string, from: string): Promise<unknown[]> =>
  (await session.rows(`SELECT ${sql} FROM ${from}`)).map(([value]) => value);

/** Tables, with up to 20 trees each. */
const numTried = 20;
/** Columns whose names look like SQL, the parts of a struct, and cells of every kind of trouble. */
const columns = {
  texts: {
    names: [['a"; drop table t; --'], ['select'], ['st ruct', "te'xt"]],
    cells: words(
      'a A å A\u030a Å ß SS ss ſtraſſe STRASSE Ünï ÜNÏ ǰ 😀J\u030c é E\u0301 ﬃ Σς İi Ⅷ it\'s " % \\ SS%_\\ x\0y',
    ),
  },
  numbers: {
    names: [['n'], ['-0 or 1'], ['st ruct', 'count']],
    cells: [0, 1, -1, 2, 2.5, 0.1, -0.5, 3, 1e308, -1e308, 5e-324, 2 ** 53],
  },
} as const;
const struct: CellType = {
  parts: new Map([
    ["te'xt", 'texts'],
    ['count', 'large integers'],
  ]),
};
const sqlColumns = new Map<string, SqlColumn>([
  ['a"; drop table t; --', { type: 'texts' }],
  ['select', { type: 'texts' }],
  ['n', { type: 'floats' }],
  ['-0 or 1', { type: 'numbers' }],
  ['st ruct', { type: struct }],
]);

const letters = words('a A s ß ẞ É \u0301 ǰ i Σ 😀 % _ \\ \' " \0 Å');
const text = fc.array(fc.constantFrom(...letters), { maxLength: 4 }).map((parts) => parts.join(''));
const whole = fc.integer({ min: -3, max: 3 });
const shape = {
  texts: columns.texts.names,
  numbers: columns.numbers.names,
  text,
  number: fc.oneof(whole, fc.constantFrom(0.1, 2.5, 1e-320, 1e308, 2 ** 53)),
};

const cellOf = <T>(...values: fc.Arbitrary<T>[]): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 5, arbitrary: fc.oneof(...values) });
const textCell = cellOf(text, fc.constantFrom(...columns.texts.cells));
const numberCell = cellOf(fc.constantFrom(...columns.numbers.cells));
const rows = fc.array(
  fc.record({
    a: textCell,
    b: textCell,
    n: numberCell,
    whole: cellOf(whole),
    text: textCell,
    count: cellOf(whole),
  }),
  { minLength: 1, maxLength: 12 },
);
type Row = typeof rows extends fc.Arbitrary<readonly (infer Each)[]> ? Each : never;

/** The rows as a table of DuckDB, in their order. */
function tableOf(of: readonly Row[]): string {
  const sql = (value: Cell, type: string): string =>
    `${value === null ? 'NULL' : quotedText(String(value))}::${type}`;
  const values = of.map((row, at) => {
    const parts = `{'te''xt': ${sql(row.text, 'VARCHAR')}, 'count': ${sql(row.count, 'BIGINT')}}`;
    const cells = [
      sql(row.a, 'VARCHAR'),
      sql(row.b, 'VARCHAR'),
      sql(row.n, 'DOUBLE'),
      sql(row.whole, 'TINYINT'),
    ];
    return `(${[at, ...cells, parts].join(', ')})`;
  });
  const names = ['row', ...sqlColumns.keys()].map(quotedName).join(', ');
  return `(VALUES ${values.join(', ')}) AS t(${names}) ORDER BY row`;
}

/** The same rows as columns in memory. */
function inMemory(of: readonly Row[]): Map<string, CellsOfColumn> {
  const column = (key: keyof Row, kind: 'texts' | 'numbers'): CellsOfColumn =>
    cellsOf(
      of.map((row) => row[key]),
      kind,
    );
  return new Map([
    ['a"; drop table t; --', column('a', 'texts')],
    ['select', column('b', 'texts')],
    ['n', column('n', 'numbers')],
    ['-0 or 1', column('whole', 'numbers')],
    ["st ruct.te'xt", column('text', 'texts')],
    ['st ruct.count', column('count', 'numbers')],
  ]);
}

type Checker = ReturnType<typeof checkedOver>;

/** true, false or null by row. */
function evaluatedPredicate(predicate: Predicate, checker: Checker, numRows: number): (boolean | null)[] {
  const isTrue = evaluatePredicate(checker.predicate(predicate), numRows);
  const isFalse = evaluatePredicate(checker.predicate({ op: 'not', part: predicate }), numRows);
  return Array.from({ length: numRows }, (_, row) =>
    hasRow(isTrue, row) ? true : hasRow(isFalse, row) ? false : null,
  );
}

function evaluatedValue(tree: Expression, checker: Checker, numRows: number): Cell[] {
  const { kind, of } = checker.value(tree);
  let found: { readonly filled?: Uint8Array | undefined; at(row: number): string | number };
  if (kind === 'numbers') found = numbersOf(of, numRows);
  else if (kind === 'texts') {
    const { values, filled } = textsOf(of, numRows);
    found = { filled, at: (row) => values.at(row) };
  } else throw new Error(kind);
  const { filled } = found;
  return Array.from({ length: numRows }, (_, row) =>
    filled === undefined || ((filled[row >>> 3]! >> (row & 7)) & 1) !== 0 ? found.at(row) : null,
  );
}

/** Each of them over random rows, in memory, and by DuckDB from its text. */
async function compare<T extends Predicate | Expression>(
  trees: fc.Arbitrary<T>,
  print: (tree: T) => string,
  toSql: (text: string) => string,
  evaluate: (tree: T, checker: Checker, numRows: number) => Cell[] | (boolean | null)[],
): Promise<void> {
  const check = async (of: readonly Row[], each: readonly T[]): Promise<void> => {
    const texts = each.map(print);
    const found = await session.rows(`SELECT ${texts.map(toSql).join(', ')} FROM ${tableOf(of)}`);
    const cells = inMemory(of);
    const wanted = each.map((tree, at) => evaluate(tree, checkedOver(cells, texts[at]), of.length));
    each.forEach((_, at) => {
      // −0 is 0.
      const plain = (value: unknown): unknown => (value === 0 ? 0 : value);
      expect(
        found.map((row) => plain(row[at])),
        texts[at],
      ).toEqual(wanted[at]!.map(plain));
    });
  };
  const together = fc.array(trees, { minLength: 1, maxLength: 20 });
  await fc.assert(fc.asyncProperty(rows, together, check), { numRuns: numTried });
}

describe('SQL gives what the evaluator gives', () => {
  it('for conditions', async () => {
    const toSql = (text: string): string =>
      predicateToSql(parsePredicate(text, 'it'), sqlColumns, text, 'it');
    await compare(predicates(shape), printPredicate, toSql, evaluatedPredicate);
  });

  it('for values', async () => {
    const toSql = (text: string): string =>
      expressionToSql(parseExpression(text, 'it'), sqlColumns, text, 'it').sql;
    const { texts, numbers } = expressions(shape);
    await compare(fc.oneof(texts, numbers), printExpression, toSql, evaluatedValue);
  });
});

const whereOf = (text: string, of: ReadonlyMap<string, SqlColumn>): string =>
  predicateToSql(parsePredicate(text, '--filter'), of, text, '--filter');

/** What DuckDB itself says of the columns of a table. */
async function describedBy(table: string): Promise<Map<string, SqlColumn>> {
  const result = await session.connection.run(`SELECT * FROM ${table} LIMIT 0`);
  const types = result.columnTypes();
  return new Map(result.columnNames().map((name, at) => [name, { type: cellTypeOf(types[at]!) }]));
}

describe('columns of a table', () => {
  beforeAll(async () => {
    await session.rows(`CREATE TABLE events AS SELECT * FROM (VALUES
      (1::TINYINT, 9007199254740992::BIGINT, 1.5::DECIMAL(9, 2), 'NaN'::FLOAT, true, TIMESTAMP '2024-03-01 12:00:00',
        {'name': 'x', 'artist': {'name': 'y', 'Tags': ['a']}}, TIMESTAMPTZ '2024-02-29 23:30:00-01', 'a'::ENUM ('a', 'b')),
      (2, -9007199254740992, NULL, '-Infinity', false, 'infinity', {'name': NULL, 'artist': NULL}, NULL, 'b'))
      AS v(tiny, big, price, ratio, skipped, ts, track, tz, kind)`);
  });

  it.each<[string, (boolean | null)[]]>([
    ['tiny / 2 = 0.5', [true, false]],
    ['big + 0 < 0', [false, true]],
    ['price * 2 = 3', [true, null]],
    ['ratio > 0 or ratio is null', [true, true]],
    ["skipped = 'true'", [true, false]],
    ['ts >= "2024-03" and ts < 2025', [true, null]],
    ['ts = "2024-03-01 12:00"', [true, null]],
    ['ts in (2023, "2024-03-01")', [true, null]],
    ['2023 < tz', [true, null]],
    ['tz = "2024-03-01"', [true, null]],
    ['ts > tz', [true, null]],
    ["track.artist.name + track.name = 'yx'", [true, null]],
    ['TRACK.Name is null', [false, true]],
    ['track.artist is null', [false, true]],
    ['track.artist.tags is not null', [true, false]],
    ["kind > 'a'", [false, true]],
  ])('%s', async (text, wanted) => {
    expect(await select(whereOf(text, await describedBy('events')), 'events')).toEqual(wanted);
  });

  it.each([
    ['track.artst.name = "x"', 1, 'track has no part artst; there are: name, artist'],
    [
      'kind.x = "x"',
      1,
      'there is no column kind.x; there are: tiny, big, price, ratio, skipped, ts, track, tz, kind',
    ],
    ['track = "x"', 1, 'track holds parts: name, artist, which are not compared'],
    ['tiny + track > 1', 8, 'track holds parts: name, artist, which are not calculated with'],
    ['track.artist.tags ~ "x"', 1, 'track.artist.tags holds VARCHAR[]; ~ and like search texts'],
    ['ts + 1 > 2', 1, 'ts holds dates, which are not calculated with'],
    [
      'kind + tiny = "a1"',
      6,
      '+ joins two texts or adds two numbers: kind holds texts, and tiny holds numbers',
    ],
    ['ts = tiny', 6, 'ts holds dates, and tiny holds numbers'],
    ['kind > "2024"', 8, 'kind holds texts, which have no order with a number or a date'],
  ])('%s is refused', async (text, character, problem) => {
    const known = await describedBy('events');
    expect(() => whereOf(text, known)).toThrow(
      expect.objectContaining({ code: 'bad-usage', message: `--filter, character ${character}: ${problem}` }),
    );
  });

  it('a whole number that is not kept exactly ends the statement', async () => {
    const sql = whereOf(
      'big > 1',
      new Map([['big', { type: 'large integers', sql: '(i * 9007199254740993)' }]]),
    );
    expect(await select(sql, 'range(1) t(i)')).toEqual([false]);
    const error = await select(sql, 'range(2) t(i)').catch((thrown: unknown) => thrown);
    expect(tooLargeIn(error)).toBe('big holds a whole number beyond 2^53: 9007199254740993');
    expect(tooLargeIn(new Error('Parser Error'))).toBeUndefined();
  });

  it('a zero byte ends no text', async () => {
    const of = new Map<string, SqlColumn>([['f', { type: 'texts', sql: "('A' || chr(0) || 'ǰ')" }]]);
    for (const [pattern, wanted] of [
      ['a', false],
      [String.raw`a\u0000_`, true],
      [String.raw`%\u0000J\u030c`, true],
    ])
      expect(await select(whereOf(`f like "${pattern}"`, of), 'range(1)')).toEqual([wanted]);
  });

  it('a column may be SQL of its own, and a value is a DOUBLE or a VARCHAR', async () => {
    const of = new Map<string, SqlColumn>([['filename', { type: 'texts', sql: "('f' || i)" }]]);
    const sqlOf = (text: string): string => expressionToSql(parseExpression(text, 'it'), of, text, 'it').sql;
    expect(await select(sqlOf("filename + '/' + 'x'"), 'range(2) t(i)')).toEqual(['f0/x', 'f1/x']);
    for (const [text, type] of [
      ["'me'", 'VARCHAR'],
      ['1 / 3', 'DOUBLE'],
      ['1 / 0', 'DOUBLE'],
      ['-0.1', 'DOUBLE'],
    ])
      expect(await select(`typeof(${sqlOf(text!)})`, 'range(1)')).toEqual([type]);
    expect(await select(sqlOf('1 / 3'), 'range(1)')).toEqual([1 / 3]);
  });

  it('texts are folded as by look-ups, whatever letter a pattern has', async () => {
    const folded = new Map<string, string[]>();
    for (let point = 0x80; point < 0x1f000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue;
      const character = String.fromCodePoint(point);
      const to = foldName(character);
      if (to !== character) folded.set(to, [...(folded.get(to) ?? []), character]);
    }
    const pairs = [...folded].flatMap(([to, from]) => from.map((each) => ({ to, from: each })));
    const values = pairs.map(({ to, from }) => `(${quotedText(from)}, ${quotedText(to)})`).join(', ');
    await session.rows(`CREATE TABLE letters AS SELECT * FROM (VALUES ${values}) AS v(letter, folded)`);
    expect(pairs.length).toBeGreaterThan(1500);
    // A pattern of all of them has all of them folded; each is looked for on its own.
    const every = likeSql('letter', textWithin([...folded.keys()].join('')), quotedText);
    const sql = every.slice(0, every.lastIndexOf(' LIKE ')).slice(1);
    expect(await select('letter', `letters WHERE (${sql}) <> folded`)).toEqual([]);
  });
});
