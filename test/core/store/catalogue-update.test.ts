import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { openCatalogue } from '#dist/core/store/catalogue.js';
import { updateCatalogue } from '#dist/core/store/catalogue-update.js';
import { writeCatalogue } from '#dist/core/store/catalogue-writer.js';
import { cellsOfItems } from '#dist/core/store/item-record.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const newDirectory = temporaryDirectories('test');

/** Of 1,500 items the names come back every 200, so that a name has rows in both blocks of texts. */
const itemsOf = (rows: readonly number[], year = 2000) => ({
  ids: packStrings(rows.map((row) => `id ${row}`)),
  columns: [
    { name: 'name', type: 'text', values: rows.map((row) => `Name ${row % 200}`) } as const,
    {
      name: 'year',
      type: 'int',
      values: rows.map((row) => (row % 3 === 0 ? null : year + (row % 20))),
    } as const,
  ],
});
const upTo = (end: number): number[] => Array.from({ length: end }, (_, row) => row);

describe('a catalogue that is changed', () => {
  it.each([
    ['has more rows', upTo(1600), 1500],
    [
      'has more rows, and others in another order',
      [...upTo(1400), 1550, ...upTo(1500).slice(1400), 1551],
      1400,
    ],
    ['has no other row', upTo(1500), 1490],
    ['has no row more', [...upTo(1490), ...upTo(1500).slice(1490).reverse()], 1490],
  ])('answers as one that is written whole: it %s', async (_, rows, from) => {
    const directory = newDirectory();
    const [before, changed, whole] = ['before', 'changed', 'whole'].map((name) =>
      join(directory, `${name}.mdb`),
    ) as [string, string, string];
    await writeCatalogue(before, 'item', itemsOf(upTo(1500)));
    copyFileSync(before, changed);
    // Rows 4 and 7 say another year, as a kind's rows that have more tracks do.
    const items = itemsOf(rows);
    const values = items.columns[1]!.values as (number | null)[];
    [values[4], values[7]] = [1812, 1813];
    await updateCatalogue(
      changed,
      new Map([['item', { items: cellsOfItems(items), before: 1500, from, touched: [4, 7] }]]),
    );
    await writeCatalogue(whole, 'item', items);
    const [a, b] = [openCatalogue(changed), openCatalogue(whole)];
    try {
      expect(a.numRows('item')).toBe(rows.length);
      expect(rows.map((id) => a.rowOfId('item', `id ${id}`))).toEqual(rows.map((_, row) => row));
      const records = (catalogue: typeof a) => rows.map((_, row) => catalogue.record('item', row));
      expect(records(a)).toEqual(records(b));
      for (const name of ['name 3', 'name 95', 'name 199'])
        expect(errorOf(() => a.lookUp('item', name))).toEqual(errorOf(() => b.lookUp('item', name)));
      for (const words of ['1551', 'name 51', 'id 14'])
        expect(a.search('item', words, { from: 0, limit: 50, numPlayed: 1400 })).toEqual(
          b.search('item', words, { from: 0, limit: 50, numPlayed: 1400 }),
        );
    } finally {
      a.close();
      b.close();
    }
  });

  it('has the same bytes from the same bytes', async () => {
    const directory = newDirectory();
    const hashes = [];
    for (const name of ['a.mdb', 'b.mdb']) {
      const path = join(directory, name);
      await writeCatalogue(path, 'item', itemsOf(upTo(1500)));
      await updateCatalogue(
        path,
        new Map([
          ['item', { items: cellsOfItems(itemsOf(upTo(1600))), before: 1500, from: 1500, touched: [] }],
        ]),
      );
      hashes.push(sha256Hex(readFileSync(path)));
    }
    expect(hashes[0]).toBe(hashes[1]);
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as { details: unknown }).details;
  }
}
