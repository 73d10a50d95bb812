import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kindRows, noRow } from '#dist/core/snapshot/kind-rows.js';
import { grownKind } from '#dist/core/snapshot/grown-kinds.js';
import { cellAt } from '#dist/core/tables/grown-column.js';
import { itemTableChunks, readStoredItems } from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const newDirectory = temporaryDirectories('test');

const cells = (...rows: (readonly [string | null, string | null, string | null, number | null])[]) => {
  const column = (at: 0 | 1 | 2) => rows.map((row) => row[at]);
  return {
    ids: packStrings(rows.map((_, row) => `i${row}`)),
    counts: Uint32Array.from(rows, (_, row) => (row < 4 ? 10 - row : 0)),
    columns: [
      { name: 'artist', type: 'text', values: column(0) },
      { name: 'album', type: 'text', values: column(1) },
      { name: 'Album Artist', type: 'text', values: column(2) },
      { name: 'released', type: 'int', values: rows.map((row) => row[3]) },
    ] as const,
  };
};
const known = [
  ['Abba', 'Gold', null, 1992],
  ['Cher', 'Hits', 'Various', 2001],
  ['Abba', 'Hits', null, null],
  [null, 'Alone', null, 1999],
  ['Unplayed', 'Late', null, 2002],
] as const;
const more = [
  ['Abba', 'Gold', null, 1990],
  ['Dio', 'Hits', null, 2020],
  ['Zappa', 'Hits', 'Various', 2000],
  ['Dio', ' ', null, null],
  [null, null, null, null],
] as const;

describe('artists and albums of a catalogue that grows', () => {
  it.each(['artist', 'album'] as const)(
    'are those of the whole catalogue; known %ss keep their rows',
    async (kind) => {
      const before = kindRows(cells(...known), 4).find((rows) => rows.kind === kind)!;
      const whole = kindRows(cells(...known, ...more), 4).find((rows) => rows.kind === kind)!;
      const path = join(newDirectory(), `${kind}.arrow`);
      writeFileSync(path, Buffer.concat(await itemTableChunks(before)));
      const records = more.map(([artist, album, albumArtist, released], at) => {
        const all = Object.entries({ artist, album, 'Album Artist': albumArtist, released });
        return { id: `n${at}`, name: 'x', ...Object.fromEntries(all.filter(([, cell]) => cell !== null)) };
      }) as unknown as Parameters<typeof grownKind>[3];
      const grown = grownKind(kind, await readStoredItems(path), before.ofItem, records);
      const ids = (rows: typeof grown.ids) => Array.from({ length: rows.length }, (_, row) => rows.at(row));
      expect(ids(grown.ids).slice(0, before.ids.length)).toEqual(ids(before.ids));
      // The same entities with the same cells, whatever their rows.
      const entities = (own: typeof grown.ids, cell: (column: number, row: number) => unknown) =>
        ids(own)
          .map((id, row) => [id, ...whole.columns.map(({ name }, column) => [name, cell(column, row)])])
          .sort();
      expect(grown.columns.map(({ name }) => name)).toEqual(whole.columns.map(({ name }) => name));
      expect(entities(grown.ids, (column, row) => cellAt(grown.columns[column]!, row))).toEqual(
        entities(whole.ids, (column, row) => whole.columns[column]!.values[row]),
      );
      const idOf = ({ ids: own, ofItem }: Pick<typeof whole, 'ids' | 'ofItem'>) =>
        Array.from(ofItem, (row) => (row === noRow ? null : own.at(row)));
      expect(idOf(grown)).toEqual(idOf(whole));
      expect(grown.touched.map((row) => grown.ids.at(row)).sort()).toEqual(
        kind === 'artist' ? ['Abba'] : ['Abba / Gold', 'Various / Hits'],
      );
    },
  );
});
