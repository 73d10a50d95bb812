import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ItemColumn } from '#dist/core/contracts.js';
import { cellAt, codeCells, withCells, type Cell } from '#dist/core/tables/grown-column.js';
import { itemTableChunks, readStoredItems, type StoredItems } from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const newDirectory = temporaryDirectories('test');
const rows = Array.from({ length: 21 }, (_, row) => row);
const columns: ItemColumn[] = [
  { name: 'name', type: 'text', values: rows.map((row) => `n${row}`) },
  { name: 'artist', type: 'text', values: rows.map((row) => [null, 'Björk', '日本', ' '][row % 4] ?? null) },
  { name: 'full', type: 'text', values: rows.map((row) => `a${row % 3}`) },
  { name: 'year', type: 'int', values: rows.map((row) => (row % 5 === 2 ? null : 1990 + (row % 3))) },
];
const items = { ids: packStrings(rows.map((row) => `i${row}`)), counts: new Uint32Array(21), columns };

async function stored(table: Parameters<typeof itemTableChunks>[0]): Promise<StoredItems> {
  const path = join(newDirectory(), 'item.arrow');
  writeFileSync(path, Buffer.concat(await itemTableChunks(table)));
  return readStoredItems(path);
}

describe('columns as they lie in their file', () => {
  it.each([
    [24, { 21: 'x', 23: null }],
    [24, { 3: 'Björk', 16: null, 22: 'y' }],
    [21, { 20: null }],
    [30, {}],
  ])('of %i rows with the cells %j are written and read again as arrays are', async (length, changes) => {
    const own = await stored(items);
    for (const [at, column] of columns.entries()) {
      const cells = new Map<number, Cell>(
        Object.entries(changes).map(([row, cell]) => [
          Number(row),
          cell === null || column.type === 'text' ? cell : 2000,
        ]),
      );
      const values = Array.from({ length }, (_, row) =>
        cells.has(row) ? cells.get(row)! : (column.values[row] ?? null),
      );
      const grown = withCells(own.columns[at]!, length, cells);
      expect(values.map((_, row) => cellAt(grown, row))).toEqual(values);
      const table = {
        ids: packStrings(values.map((_, row) => `i${row}`)),
        counts: new Uint32Array(length),
      };
      const other = { ...column, name: 'other', values } as ItemColumn;
      const bytes = async (one: typeof other | typeof grown) =>
        Buffer.concat(
          await itemTableChunks({ ...table, columns: [{ ...one, name: 'other' }] as StoredItems['columns'] }),
        );
      expect((await bytes(grown)).equals(await bytes(other))).toBe(true);
    }
  });

  it('have the same codes as arrays: a number for each different cell, none for a blank one', async () => {
    const own = await stored(items);
    for (const [at, column] of columns.entries())
      expect(codeCells(own.columns[at]!)).toEqual(codeCells(column));
    expect(codeCells(columns[1]!)).toMatchObject({ cells: ['Björk', '日本'] });
    expect([...codeCells(columns[1]!).codes.subarray(0, 6)]).toEqual([-1, 0, 1, -1, -1, 0]);
  });
});
