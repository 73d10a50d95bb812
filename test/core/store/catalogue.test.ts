import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foldName } from '#dist/core/store/casefold.js';
import { openCatalogue } from '#dist/core/store/catalogue.js';
import type { Catalogue } from '#dist/core/store/catalogue.js';
import { writeCatalogue } from '#dist/core/store/catalogue-writer.js';
import { writeLmdb } from '#dist/core/store/lmdb-writer.js';
import type { CatalogueItems } from '#dist/core/store/item-record.js';
import { packStrings } from '#dist/core/tables/string-column.js';

let folder: string;
const opened: Catalogue[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-catalogue-'));
});
afterAll(() => {
  for (const catalogue of opened) catalogue.close();
  rmSync(folder, { recursive: true });
});

let numFiles = 0;
async function catalogueOf(items: CatalogueItems): Promise<Catalogue> {
  const path = join(folder, `${numFiles++}.mdb`);
  await writeCatalogue(path, 'item', items);
  const catalogue = openCatalogue(path);
  opened.push(catalogue);
  return catalogue;
}

const songs = [
  ['come-as-you-are', 'Come As You Are', 'Nirvana', 1991],
  ['smells', 'Smells Like Teen Spirit', 'Nirvana', 1991],
  ['plush', 'Plush', 'Stone Temple Pilots', 1992],
  ['intro-1', 'Intro', 'The xx', null],
  ['intro-2', 'intro', 'Alt-J', 2012],
  ['intro-3', 'INTRO', 'M83', 2011],
  ['hotel', 'Hotel California', 'Eagles', 1976],
  ['1999', '1999', 'Prince', 1982],
  ['sz', 'Große Freiheit', 'Unheilig', 2010],
  ['Plush', 'Another Song', 'Nobody', null],
  ['twin-a', 'Twins', 'First', null],
  ['twin-b', 'Twins', 'Second', null],
  ['twin-c', 'TWINS', 'Third', null],
] as const;

const songItems: CatalogueItems = {
  ids: packStrings(songs.map(([id]) => id)),
  columns: [
    { name: 'released', type: 'int', values: songs.map(([, , , released]) => released) },
    { name: 'name', type: 'text', values: songs.map(([, name]) => name) },
    { name: 'artist', type: 'text', values: songs.map(([, , artist]) => artist) },
  ],
};

const failure = (
  work: () => unknown,
): { code: string; message: string; details: Record<string, unknown>; suggestions: string[] } => {
  try {
    work();
  } catch (error) {
    return error as ReturnType<typeof failure>;
  }
  throw new Error('nothing was thrown');
};

describe('an item', () => {
  let catalogue: Catalogue;
  beforeAll(async () => {
    catalogue = await catalogueOf(songItems);
  });
  const found = (query: string) => catalogue.record('item', catalogue.find('item', query)).id;

  test('is its id, its name and the metadata that is filled', () => {
    expect(catalogue.numRows('item')).toBe(songs.length);
    expect(catalogue.record('item', 0)).toEqual({
      id: 'come-as-you-are',
      name: 'Come As You Are',
      released: 1991,
      artist: 'Nirvana',
    });
    expect(catalogue.record('item', 3)).toEqual({ id: 'intro-1', name: 'Intro', artist: 'The xx' });
  });

  test('is found by id before name, by exact name before folded name', () => {
    expect(found('smells')).toBe('smells');
    expect(found('Smells Like Teen Spirit')).toBe('smells');
    expect(found('SMELLS LIKE teen spirit')).toBe('smells');
    expect(found('GROSSE FREIHEIT')).toBe('sz');
    expect(found('Plush')).toBe('Plush');
    expect(found('plush')).toBe('plush');
    expect(found('PLUSH')).toBe('plush');
    expect(found('intro')).toBe('intro-2');
    expect(found('TWINS')).toBe('twin-c');
  });

  test('is found by the reading that id: and name: force', () => {
    expect(found('name:Plush')).toBe('plush');
    expect(found('id:Plush')).toBe('Plush');
    expect(found('name:1999')).toBe('1999');
    expect(failure(() => found('id:Hotel California'))).toMatchObject({ code: 'item-not-found' });
    expect(failure(() => found('name:hotel'))).toMatchObject({ code: 'item-not-found' });
  });

  test('whose name several have is refused, with their ids', () => {
    const exact = failure(() => found('Twins'));
    expect(exact).toMatchObject({ code: 'item-ambiguous', details: { ids: ['twin-a', 'twin-b'], count: 2 } });
    expect(exact.message).toBe('"Twins" is the name of 2 items: id:twin-a (First), id:twin-b (Second)');
    const folded = failure(() => found('iNTRO'));
    expect(folded.details['ids']).toEqual(['intro-1', 'intro-2', 'intro-3']);
  });

  test('that nobody has is refused, with the closest', () => {
    const closest = (query: string) => failure(() => found(query)).suggestions;
    const spirit = 'did you mean "Smells Like Teen Spirit" by Nirvana? (id:smells)';
    for (const query of [
      'smels like teen spirit',
      'Teen Spirit',
      'ten spirit',
      'Nirvana - Smells Like Teen Spirit',
      'nirvana-smels-like-teen-spirit',
    ]) {
      expect([query, closest(query)[0]]).toEqual([query, spirit]);
    }
    expect(closest('hotell californa')[0]).toContain('Hotel California');
    expect(closest('plusch')[0]).toContain('"Plush"');
    expect(failure(() => found('Teen Spirit'))).toMatchObject({
      code: 'item-not-found',
      message: 'no item is called "Teen Spirit"',
      details: { query: 'Teen Spirit', closest: [{ id: 'smells', artist: 'Nirvana' }] },
    });
    expect(closest('qqqq zzzz')).toEqual([]);
    expect(closest('')).toEqual([]);
    expect(closest('id:')).toEqual([]);
    expect(closest('x'.repeat(100_000))).toEqual([]);
  });

  test('where items go by their ids alone is refused with where names come from', async () => {
    const bare = await catalogueOf({ ids: packStrings(['track-154', 'track-155']), columns: [] });
    const advice = 'the items of this snapshot go by their ids alone: train with `items` FILE brings names';
    expect(failure(() => bare.find('item', 'Radiohead')).suggestions).toEqual([advice]);
    expect(failure(() => bare.find('item', 'track-156')).suggestions).not.toContain(advice);
    // A table was given, and its names were not found.
    const columns = [{ name: 'label', type: 'text', values: ['Creep', 'Stay'] }] as const;
    const nameless = await catalogueOf({ ids: packStrings(['track-154', 'track-155']), columns });
    expect(failure(() => nameless.find('item', 'Creep')).suggestions).toEqual([
      'the items of this snapshot go by their ids alone: if one of label is their name, train with `itemColumns` name=COLUMN',
    ]);
  });

  test('of a kind that is not there is not found', () => {
    expect(catalogue.numRows('artist')).toBe(0);
    expect(catalogue.rowOfId('artist', 'smells')).toBeUndefined();
    expect(failure(() => catalogue.find('artist', 'smells'))).toMatchObject({
      code: 'item-not-found',
      message: 'no artist is called "smells"',
    });
    expect(failure(() => catalogue.record('item', 99))).toMatchObject({ code: 'damaged-snapshot' });
  });

  test('without names is called by its id', async () => {
    const plain = await catalogueOf({ ids: packStrings(['A', 'b']), columns: [] });
    expect(plain.record('item', 1)).toEqual({ id: 'b', name: 'b' });
    expect(plain.find('item', 'B')).toBe(1);
    expect(plain.find('item', 'name:a')).toBe(0);
    const empty = await catalogueOf({
      ids: packStrings(['A', 'b']),
      columns: [{ name: 'name', type: 'text', values: [null, ''] }],
    });
    expect(empty.record('item', 0).name).toBe('A');
    expect(empty.record('item', 1).name).toBe('b');
  });

  test('of a name that thousands have lists ten, and says how many more', async () => {
    const ids = Array.from({ length: 3000 }, (_, row) => `track-${row}`);
    const many = await catalogueOf({
      ids: packStrings(ids),
      columns: [{ name: 'name', type: 'text', values: ids.map(() => 'Untitled') }],
    });
    const { message, details } = failure(() => many.find('item', 'untitled'));
    expect(message).toMatch(/^"untitled" is the name of 3000 items: id:track-0, .*id:track-9 and 2990 more$/);
    expect(details['ids']).toEqual(ids.slice(0, 1000));
  });
});

describe('any catalogue', () => {
  const hostile = [
    '__proto__',
    'constructor',
    'toString',
    '"',
    "'",
    '\\',
    '\n',
    '\u001b[31m',
    '\u202eevil',
    '😀',
    'é',
    'e\u0301',
    '\u001f',
    'id:x',
    'name:x',
    'ß',
    'SS',
    'x'.repeat(1024),
  ];
  const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme', maxLength: 12 }));
  const id = text.filter((id) => id !== '' && Buffer.byteLength(id) <= 1024);

  test('answers as maps do, whatever the ids and names', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(id, fc.option(text), fc.option(text)), {
          selector: ([id]) => id,
          maxLength: 40,
        }),
        fc.array(text, { maxLength: 10 }),
        async (rows, queries) => {
          const catalogue = await catalogueOf({
            ids: packStrings(rows.map(([id]) => id)),
            columns: [
              { name: 'name', type: 'text', values: rows.map(([, name]) => name) },
              { name: '__proto__', type: 'text', values: rows.map(([, , other]) => other) },
            ],
          });
          const rowOf = new Map(rows.map(([id], row) => [id, row]));
          const names = rows.map(([id, name]) => (name === null || name === '' ? id : name));
          rows.forEach(([id, , other], row) => {
            expect(catalogue.rowOfId('item', id)).toBe(row);
            const record = catalogue.record('item', row);
            expect([record.id, record.name]).toEqual([id, names[row]]);
            expect(Object.getOwnPropertyDescriptor(record, '__proto__')?.value).toBe(other ?? undefined);
            expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
          });
          for (const query of [...queries, ...names, ...names.map((name) => name.toUpperCase())]) {
            const exact = names.flatMap((name, row) => (name === query ? [row] : []));
            const folded = names.flatMap((name, row) => (foldName(name) === foldName(query) ? [row] : []));
            const wanted = exact.length > 0 ? exact : folded;
            expect(catalogue.rowOfId('item', query)).toBe(rowOf.get(query));
            const forced = () => catalogue.find('item', `name:${query}`);
            if (wanted.length === 1) expect(forced()).toBe(wanted[0]);
            else if (wanted.length === 0) expect(failure(forced).code).toBe('item-not-found');
            else expect(failure(forced).details['ids']).toEqual(wanted.map((row) => rows[row]![0]));
            if (!query.startsWith('id:') && !query.startsWith('name:') && rowOf.has(query)) {
              expect(catalogue.find('item', query)).toBe(rowOf.get(query));
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('refuses ids that are empty or longer than 1,024 bytes', async () => {
    for (const id of ['', 'x'.repeat(1025), 'é'.repeat(513)]) {
      await expect(catalogueOf({ ids: packStrings(['a', id]), columns: [] })).rejects.toMatchObject({
        code: 'bad-row',
      });
    }
  });

  test('refuses a column of another length', async () => {
    await expect(
      catalogueOf({ ids: packStrings(['a']), columns: [{ name: 'x', type: 'int', values: [1, 2] }] }),
    ).rejects.toThrow('column x has 2 values for 1 items');
  });

  test('has the same bytes in every process', () => {
    const script = fileURLToPath(new URL('./write-seeded-catalogue.mjs', import.meta.url));
    const path = join(folder, 'process.mdb');
    execFileSync(process.execPath, [script, path, '5000']);
    // Golden: another value here is another file format, and so another algorithmVersion.
    const golden = '4655ee025dc2637de5f5a0ac1395e704effc39345e8e5eb9bc268c6181174302';
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(golden);
  });

  test('that does not hold what its keys promise is damaged, not a crash', async () => {
    const bytes = (...values: number[]) => Buffer.from(values);
    const key = (letter: string, rest: Buffer) => Buffer.concat([Buffer.from(`${letter}item\0`), rest]);
    const hash = createHash('sha256').update('a').digest().subarray(0, 16);
    const sound: [Buffer, Buffer][] = [
      [key('c', bytes()), bytes(1, 0, 0, 0)],
      [key('i', Buffer.from('a')), bytes(0, 0, 0, 0)],
      [key('n', hash), bytes(0, 0, 0, 0)],
      [key('r', bytes(0, 0, 0, 0)), Buffer.from('{"id":"a","name":"a"}')],
      [key('s', bytes(0, 0, 0, 0)), Buffer.concat([bytes(0, 0, 0, 0, 1, 0, 0, 0), Buffer.from('a')])],
    ];
    const attempt = async (at: number, value: Buffer) => {
      const path = join(folder, `${numFiles++}.mdb`);
      await writeLmdb(
        path,
        sound.map((entry, index) => (index === at ? [entry[0], value] : entry)),
        2 ** 20,
      );
      const catalogue = openCatalogue(path);
      opened.push(catalogue);
      expect(catalogue.rowOfId('item', 'a')).toBe(0);
      expect(catalogue.find('item', 'name:a')).toBe(0);
      const missed = failure(() => catalogue.find('item', 'none'));
      if (missed.code !== 'item-not-found') throw missed as unknown as Error;
      expect(catalogue.search('item', 'a', { limit: 1 })).toEqual([0]);
    };
    await attempt(-1, bytes());
    const hostile: [number, Buffer][] = [
      [0, bytes(1)],
      [0, bytes(255, 255, 255, 255)],
      [1, bytes()],
      [1, bytes(1, 2, 3, 4, 5)],
      [2, bytes(7, 0, 0, 0)],
      [3, bytes()],
      [3, Buffer.from('{"id":"a"')],
      [3, Buffer.from('[1]')],
      [3, Buffer.from('null')],
      [3, Buffer.from('{"id":1,"name":"a"}')],
      [4, bytes()],
      [4, bytes(0, 0, 0, 0, 9, 0, 0, 0, 97)],
    ];
    for (const [at, value] of hostile) {
      await expect(attempt(at, value), value.toString('latin1')).rejects.toMatchObject({
        code: 'damaged-snapshot',
      });
    }
  });
});

describe('searching as someone types', () => {
  let catalogue: Catalogue;
  beforeAll(async () => {
    catalogue = await catalogueOf(songItems);
  });
  const ids = (text: string, limit = 10) =>
    catalogue.search('item', text, { limit }).map((row) => catalogue.record('item', row).id);

  test('gives the first rows for nothing, with their rows and records', () => {
    expect(catalogue.search('item', '', { limit: 2 })).toEqual([0, 1]);
    expect(ids('  ', 100)).toHaveLength(songs.length);
  });

  test('puts whole names first, then beginnings, words, parts, artists, ids', () => {
    expect(ids('plush')).toEqual(['plush', 'Plush']);
    expect(ids('in')).toEqual(['intro-1', 'intro-2', 'intro-3', 'twin-a', 'twin-b', 'twin-c', '1999']);
    expect(ids('teen')).toEqual(['smells']);
    expect(ids('nirv')).toEqual(['come-as-you-are', 'smells']);
    expect(ids('TWINS')).toEqual(['twin-a', 'twin-b', 'twin-c']);
    expect(ids('grosse')).toEqual(['sz']);
    expect(ids('intro', 2)).toEqual(['intro-1', 'intro-2']);
  });

  test('finds words in any order across name and artist', () => {
    expect(ids('nirvana spirit')).toEqual(['smells']);
    expect(ids('pilots plush')).toEqual(['plush']);
    expect(ids('nirvana plush')).toEqual([]);
  });

  test('does not match over the border of two items or of name and artist', () => {
    expect(ids('nirvanasmells')).toEqual([]);
    expect(ids('spiritnirvana')).toEqual([]);
    expect(ids('\u001f')).toEqual(ids(''));
  });

  test('finds exactly the items whose texts contain the query', async () => {
    const word = fc.constantFrom('ab', 'abc', 'b', 'c a', 'é', 'ABC', '-');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { maxLength: 30 }),
        word,
        async (rows, query) => {
          const names = rows.map((words) => words.join(''));
          const items = await catalogueOf({
            ids: packStrings(names.map((_, row) => String(row))),
            columns: [{ name: 'name', type: 'text', values: names }],
          });
          const contains = names.flatMap((name, row) =>
            foldName(name).includes(foldName(query)) ? [row] : [],
          );
          const hits = items.search('item', query, { limit: 100 });
          if (query.includes(' ')) expect(hits).toEqual(expect.arrayContaining(contains));
          else expect([...hits].sort((a, b) => a - b)).toEqual(contains);
          expect(items.search('item', query, { limit: 3 })).toEqual(hits.slice(0, 3));
          const begins = hits.map((row) => foldName(names[row]!).startsWith(foldName(query)));
          expect(begins.lastIndexOf(true)).toBe(begins.filter(Boolean).length - 1);
        },
      ),
      { numRuns: 60 },
    );
  });
});
