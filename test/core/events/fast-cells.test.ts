import * as duckdb from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noTimeNumber, parseTime, parseWeight } from '#dist/core/events/event-rules.js';
import { timeSql, weightSql } from '#dist/core/events/cell-sql.js';

let instance: duckdb.DuckDBInstance;
let connection: duckdb.DuckDBConnection;

beforeAll(async () => {
  instance = await duckdb.DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** What an expression over `cell` (and `number`, its TRY_CAST) makes of each cell; null where it gives up. */
async function evaluate(expression: string, type: string, cells: readonly string[]): Promise<unknown[]> {
  const result = await connection.run(
    `SELECT ${expression} FROM (SELECT cell, n, TRY_CAST(cell AS ${type}) AS number FROM ` +
      '(SELECT unnest($1) AS cell, generate_subscripts($1, 1) AS n)) ORDER BY n',
    [duckdb.listValue([...cells])],
    [duckdb.LIST(duckdb.VARCHAR)],
  );
  return (await result.getRows()).map(([value]) => value);
}

/** Cells that look like numbers and times, and some that only nearly do. */
const numberLike = fc.oneof(
  fc.stringMatching(/^\d{1,14}$/),
  fc.stringMatching(/^\d{1,10}\.\d{1,25}$/),
  fc.stringMatching(/^\d{1,3}\.\d{9}5?0{0,4}\d?$/),
  fc.stringMatching(/^\d(\.\d{1,17})?[eE][+-]?\d{1,2}$/),
  fc.stringMatching(/^[-+ ]?[0-9_xXe.,]{1,12}[ \t]?$/),
  fc.constantFrom(
    '0',
    '00',
    '0.0',
    '-0',
    '4294967295',
    '4294967296',
    '1_000',
    '0x1F',
    'nan',
    'inf',
    '٣',
    'true',
  ),
);

const timeLike = fc.oneof(
  numberLike,
  fc.stringMatching(
    /^\d{4}-[01]\d-[0-3]\d([T ][0-2]\d:[0-6]\d(:[0-6]\d([.,]\d{1,9})?)?( ?(Z|[+-][01]\d(:?[0-6]\d)?))?)?$/,
  ),
  fc.stringMatching(
    /^(19|20)\d\d-(0[1-9]|1[0-2])-([0-2]\d|3[01])T[01]\d:[0-5]\d:[0-5]\d(\.\d{1,7})?(Z|[+-](0\d|1[0-5]):[0-5]\d)?$/,
  ),
  fc.constantFrom(
    'infinity',
    'epoch',
    '2024-02-30',
    '1970-01-01',
    '9999-12-31',
    '2024-05-31T24:00:00',
    '99999999999',
    '100000000000',
  ),
);

describe('the fast reading of a cell', () => {
  it.each([
    ['with a number', 'number'],
    ['without', undefined],
  ])('gives a weight as the rules do, or gives up: %s', async (_, number) => {
    const sql = weightSql({ text: 'cell', number, giveUp: 'NULL' }, undefined);
    await fc.assert(
      fc.asyncProperty(fc.array(numberLike, { minLength: 200, maxLength: 400 }), async (cells) => {
        const weights = await evaluate(sql, 'UINTEGER', cells);
        for (const [at, weight] of weights.entries()) {
          if (weight !== null) expect([cells[at], parseWeight(cells[at]!)]).toEqual([cells[at], weight]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['a number first', 'number', false],
    ['ISO 8601 first', undefined, true],
  ])('gives a time as the rules do, or gives up: %s', async (_, number, isoFirst) => {
    const sql = timeSql({ text: 'cell', number, giveUp: 'NULL' }, isoFirst);
    await fc.assert(
      fc.asyncProperty(fc.array(timeLike, { minLength: 200, maxLength: 400 }), async (cells) => {
        const times = await evaluate(sql, 'BIGINT', cells);
        for (const [at, time] of times.entries()) {
          if (time !== null) expect([cells[at], parseTime(cells[at]!)]).toEqual([cells[at], time]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('does not give up what most files hold', async () => {
    const weights = ['0', '1', '250', '0.5', '3.25', '0.3333333333333333', '1e-05', '6.7e-7', '999999999'];
    expect(
      await evaluate(
        weightSql({ text: 'cell', number: 'number', giveUp: 'NULL' }, undefined),
        'UINTEGER',
        weights,
      ),
    ).toEqual(weights.map((cell) => parseWeight(cell)));
    const times = [
      ...['1402943314', '1402943314123', '1402943314.25', '0', '2014-06-16', '2014-06-16T18:28:34Z'],
      ...['2014-06-16 18:28:34.123', '2014-06-16T18:28', '2014-06-16T18:28:34+02:00'],
    ];
    expect(
      await evaluate(timeSql({ text: 'cell', number: 'number', giveUp: 'NULL' }, false), 'BIGINT', times),
    ).toEqual(times.map((cell) => parseTime(cell)));
    expect(
      await evaluate(timeSql({ text: 'NULL::VARCHAR', number: undefined, giveUp: 'NULL' }, true), 'BIGINT', [
        '',
      ]),
    ).toEqual([noTimeNumber]);
  });
});
