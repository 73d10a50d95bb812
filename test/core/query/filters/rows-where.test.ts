import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rowsWhere } from '#dist/core/query/filters/rows-where.js';
import { rowsOfSet } from '#dist/core/search/row-set.js';
import { itemTableChunks } from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { failureOf } from '../../../helpers/event-oracle.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let table = '';
const numRows = 5;
beforeAll(async () => {
  table = join(makeDirectory(), 'item.arrow');
  const text = (name: string, values: readonly (string | null)[]) =>
    ({ name, type: 'text', values }) as const;
  const chunks = await itemTableChunks({
    ids: packStrings(['10', '20', '30', '40', '50']),
    counts: Uint32Array.of(5, 4, 3, 2, 1),
    columns: [
      text('name', ['1975', '1999', 'Plush', '2001', '2112']),
      text('released', ['1990', '1990-03-14', '1990-12', null, '1991-01-01T00:00:00Z']),
      text('mixed', ['1990', 'unknown', '1992', '1993', null]),
      text('written', ['14-Mar-1997', '1-Jan-1995', null, '26-Dec-1996', '2-Feb-1962']),
      text('tempo', ['120.5', '99', null, '1e2', '-0.25']),
      text('code', ['0042', '0007', '0100', '0099', '1000']),
      text('empty', [null, null, null, null, null]),
      { name: 'year', type: 'int', values: [1990, 1991, 1992, null, 1994] },
    ],
  });
  writeFileSync(table, Buffer.concat(chunks));
});

async function rows(predicate: string): Promise<number[]> {
  return [...rowsOfSet((await rowsWhere(table, predicate, numRows, '`where`')).rows)];
}

describe('a column whose cells are all dates', () => {
  it.each<[string, number[]]>([
    ['released >= 1990', [0, 1, 2, 4]],
    ['released > 1990', [4]],
    ['released < 1990', []],
    ['released <= 1990', [0, 1, 2]],
    ['released = 1990', [0, 1, 2]],
    ['released = "1990"', [0, 1, 2]],
    ['released != 1990', [4]],
    ['not released = 1990', [4]],
    // A cell counts from its first moment: 1990 from January.
    ['released >= "1990-03"', [1, 2, 4]],
    ['released = "1990-01"', [0]],
    ['released between "1990-03-14" and "1990-12-01"', [1, 2]],
    ['released between 1990 and 1990', [0, 1, 2]],
    ['released in (1991, "1990-12")', [2, 4]],
    ['released in (1990, "1990-03-14", "1990-12")', [0, 1, 2]],
    ['released not in ("14-Mar-1990")', [0, 2, 4]],
    ['released >= "14 March 1990" and released < "Dec 2, 1990"', [1, 2]],
    ['released = "1991-01-01 00:00"', [4]],
    ['released is null', [3]],
    ['released like "1990-%"', [1, 2]],
    ['released ~ "T00"', [4]],
  ])('%s', async (predicate, wanted) => expect(await rows(predicate)).toEqual(wanted));

  it.each([
    ['released >= "soon"', 'released holds dates, and this is not a date'],
    ['released = 75', 'released holds dates, and this number is not a year'],
    ['released > "03/04/1990"', 'this is not a date'],
  ])('refuses %s', async (predicate, message) => {
    const error = await failureOf(rows(predicate));
    expect(error).toMatchObject({ code: 'bad-usage' });
    expect(error.message).toContain(message);
    expect(error.suggestions).toEqual([
      'write 1990 for a year, "1990-05" for a month and "1990-05-14" for a day',
    ]);
  });
});

describe('a column whose cells are all numbers', () => {
  it.each<[string, number[]]>([
    ['tempo > 99.5', [0, 3]],
    ['tempo in (100, 120.5)', [0, 3]],
    ['tempo between -1 and 99', [1, 4]],
    // As it is written.
    ['tempo = "1e2"', [3]],
    ['tempo = "100"', []],
  ])('with a fraction: %s', async (predicate, wanted) => expect(await rows(predicate)).toEqual(wanted));

  it('is not compared with texts by their letters', async () => {
    expect(await failureOf(rows('tempo >= "99"'))).toMatchObject({
      message: expect.stringContaining('tempo holds numbers, and this is a text'),
      suggestions: ['write it without quotes: 99'],
    });
  });
});

describe('a column of texts', () => {
  it.each([
    ...['mixed >= 1990', 'mixed >= "1990"', 'mixed < "1990-05-01"', 'mixed between "a" and "1990"'],
    ...['mixed > " 12.5 "', 'mixed <= "14-Mar-1997"', 'mixed > "03/04/1997"'],
  ])('has no order with numbers and dates: %s', async (predicate) => {
    const error = await failureOf(rows(predicate));
    expect(error).toMatchObject({ code: 'bad-usage' });
    expect(error.message).toContain(
      'mixed holds texts, which have no order with a number or a date: 1 of 4 cells are neither, such as "unknown"',
    );
    expect(error.suggestions).toEqual([
      'in the file of `items` write numbers, or dates as 1997-03-14 or 1997, leave unknown values empty, and train again',
    ]);
  });

  it('of dates that were not recognised by the training says that they are now', async () => {
    const error = await failureOf(rows('written >= 1990'));
    expect(error.message).toContain('4 of 4 cells are neither, such as "14-Mar-1997"');
    expect(error.suggestions).toEqual([
      'train again: this version recognises such dates, and keeps them as 1997-03-14',
    ]);
  });

  it.each([
    ['name >= 1990', 'it is what items are called'],
    ['id > "15"', 'it is what items are called'],
    ['id = 10', 'id holds texts, and this is a number'],
    ['mixed = 1990', 'mixed holds texts, and this is a number'],
  ])('refuses %s', async (predicate, message) => {
    expect((await failureOf(rows(predicate))).message).toContain(message);
  });

  it.each<[string, number[]]>([
    ['name = "1975"', [0]],
    ['name > "M"', [2]],
    ['mixed >= "u"', [1]],
    ['mixed in ("1990", "unknown")', [0, 1]],
    ['code = "0042"', [0]],
    ['code in ("0042", "1000")', [0, 4]],
    ['empty >= 1990', []],
    ['empty is null', [0, 1, 2, 3, 4]],
    ['year >= 1991 and count > 1', [1, 2]],
  ])('%s', async (predicate, wanted) => expect(await rows(predicate)).toEqual(wanted));
});

it('many parts and long lists cost what they hold', async () => {
  const parts = Array.from({ length: 6000 }, (_, n) => `year=${n}`).join(' or ');
  expect(await rows(parts)).toEqual([0, 1, 2, 4]);
  const days = Array.from({ length: 8000 }, (_, n) => 1000 + (n % 1500)).join(',');
  expect(await rows(`released in (${days})`)).toEqual([0, 1, 2, 4]);
});

it('an unknown column of many is told some of their names', async () => {
  const wide = join(makeDirectory(), 'wide.arrow');
  const columns = Array.from(
    { length: 3000 },
    (_, n) => ({ name: `c${n}`, type: 'int', values: [n] }) as const,
  );
  const ids = packStrings(['a']);
  writeFileSync(wide, Buffer.concat(await itemTableChunks({ ids, counts: Uint32Array.of(1), columns })));
  const error = await failureOf(rowsWhere(wide, 'released = 1', 1, '`where`'));
  expect(error.message).toMatch(/there are: id, count, name, c0, .*, c16 and 2983 more$/);
});
