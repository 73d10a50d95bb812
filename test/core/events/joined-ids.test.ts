import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinedId, textsOfId } from '#dist/core/events/joined-ids.js';
import { itemTableOfEvents, readItemTable } from '#dist/core/events/read-items.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { failureOf, plainPairs, readEvents } from '../../helpers/event-oracle.js';
import { writeParquet } from '../../helpers/parquet.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');

function fileOf(name: string, content: string): string {
  const path = join(makeDirectory(), name);
  writeFileSync(path, content);
  return path;
}

const readItems = (path: string, columns: string) =>
  readItemTable(path, { signal: new AbortController().signal, onProgress: () => {}, columns });

/** Texts that hold what the separator and its escapes are made of. */
const text = fc
  .array(fc.constantFrom('a', ' ', '-', '\\', 'é'), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''));

describe('an id of several columns', () => {
  it('reads as one would write it, and is taken apart again', () => {
    expect(joinedId(['Pink Floyd', 'Time'])).toBe('Pink Floyd - Time');
    expect(joinedId(['AC/DC', 'T.N.T. - Live'])).toBe('AC/DC - T.N.T. - Live');
    expect(joinedId(['A - B', 'C'])).toBe('A \\- B - C');
    expect(joinedId(['A', 'B - C'])).toBe('A - B - C');
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (texts) => {
        expect(textsOfId(joinedId(texts), texts.length)).toEqual(texts);
      }),
      { numRuns: 300 },
    );
    expect(textsOfId('A', 2)).toBeUndefined();
  });

  it('is the same to the fast reading, the careful one and JavaScript', async () => {
    const row = fc.tuple(text, text, text);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60, size: 'max' }), async (rows) => {
        const tsv = rows.map((texts) => `u\t${texts.join('\t')}\n`).join('');
        const options = { columns: 'user=1,item=2+3+4', noHeader: true };
        const fast = await readEvents(fileOf('e.tsv', tsv), options);
        const careful = await readEvents(fileOf('e.tsv', `\n${tsv}`), options);
        expect(careful.interactions.sha256).toBe(fast.interactions.sha256);
        const ids = new Set(rows.map((texts) => joinedId(texts)));
        expect(new Set(plainPairs(fast.interactions).items)).toEqual(ids);
      }),
      { numRuns: 3 },
    );
  });

  it('is found in every format, and in user and item alike', async () => {
    const expected = [{ user: 'anna - 7', item: 'U2 - One' }];
    const columns = 'user=who+day,item=artist+track';
    const parquet = await writeParquet(
      join(makeDirectory(), 'e.parquet'),
      "SELECT 'anna' AS who, 7 AS day, 'U2' AS artist, 'One' AS track",
    );
    const files = [
      fileOf('e.csv', 'who,day,artist,track\nanna,7,U2,One\n'),
      fileOf('e.jsonl', '{"track":"One","artist":"U2","day":7,"who":"anna"}\n'),
      parquet,
    ];
    for (const file of files) {
      const { interactions, sources, itemParts } = await readEvents(file, { columns });
      expect(plainPairs(interactions).pairs).toMatchObject(expected);
      expect(sources[0]?.columns).toMatchObject({ user: 'who+day', item: 'artist+track' });
      expect(itemParts).toEqual(['artist', 'track']);
    }
    const { sources } = await readEvents(fileOf('e.csv', '1,anna,U2,One\n'), {
      columns: 'user=2,item=artist:3+track:4',
      noHeader: true,
    });
    expect(sources[0]?.columns).toEqual({ user: 2, item: '3+4' });
    // A column of that very name, and quotes around names.
    const plus = fileOf('e.csv', 'user,R+B,"a, b"\nx,y,z\n');
    expect((await readEvents(plus, { columns: 'item=R+B' })).interactions.items.at(0)).toBe('y');
    const quoted = await readEvents(plus, { columns: 'item="R+B"+x:"a, b"' });
    expect(quoted.interactions.items.at(0)).toBe('y - z');
    expect(quoted.itemParts).toEqual(['R+B', 'x']);
  });

  it('has no empty parts', async () => {
    const file = fileOf('e.csv', 'user,artist,track\na,U2,One\na,,Two\n');
    const error = await failureOf(readEvents(file, { columns: 'item=artist+track' }));
    expect(error.message).toBe(`${file} line 3: item is empty; each part of an id is wanted (in "artist")`);
    const skipped = await readEvents(file, { columns: 'item=artist+track', skipBadRows: true });
    expect(skipped.skippedRows).toBe(1);
    const object = fileOf('e.jsonl', '{"user":"a","artist":{"x":1},"track":"One"}\n');
    expect((await failureOf(readEvents(object, { columns: 'item=artist+track' }))).message).toMatch(
      /is an object; text or a number is wanted \(in "artist"\)$/,
    );
  });

  it.each([
    ['item=artist+nothing', 'has no column "nothing", which `columns` names for the item'],
    ['item=artist+artist', '`columns` uses column "artist" twice for the item'],
    ['weight=artist+track', 'row 1: weight "U2One" (column "artist+track") is not a number'],
    ['item=artist+', 'has no column "artist+"'],
    ['item=artist+"track', 'cannot be read at'],
  ])('%s is refused', async (columns, message) => {
    const file = fileOf('e.csv', 'user,artist,track\na,U2,One\n');
    expect((await failureOf(readEvents(file, { columns }))).message).toContain(message);
  });

  it('is a table of items by itself, and one in a table', async () => {
    const ids = packStrings(['U2 - One', 'A \\- B - C - D'], 'ids');
    const { columns } = itemTableOfEvents(ids, ['artist', 'track'])!;
    expect(columns.map(({ name, values }) => [name, values])).toEqual([
      ['artist', ['A - B', 'U2']],
      ['name', ['C - D', 'One']],
    ]);
    expect(itemTableOfEvents(ids, ['title', 'artist'])!.columns.map(({ name }) => name)).toEqual([
      'name',
      'artist',
    ]);
    const file = fileOf('i.csv', 'artist,track,released\nU2,One,1992\n');
    const table = await readItems(file, 'id=artist+track,name=track');
    expect(table.ids.at(0)).toBe('U2 - One');
    expect(table.columns.map(({ name, values }) => [name, values[0]])).toEqual([
      ['artist', 'U2'],
      ['name', 'One'],
      ['released', 1992],
    ]);
  });
});
