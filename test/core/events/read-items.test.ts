import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { tableFromJSON, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ItemTable } from '#dist/core/contracts.js';
import { readItemTable } from '#dist/core/events/read-items.js';
import { failureOf } from '../../helpers/event-oracle.js';
import { duckdbFile } from '../../helpers/forms.js';
import { writeParquet } from '../../helpers/parquet.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { zipOf } from '../../helpers/zip.js';

const makeDirectory = temporaryDirectories('file');

function fileOf(name: string, content: string | Buffer): string {
  const path = join(makeDirectory(), name);
  writeFileSync(path, content);
  return path;
}

const read = (path: string, more: Partial<Parameters<typeof readItemTable>[1]> = {}): Promise<ItemTable> =>
  readItemTable(path, { signal: new AbortController().signal, onProgress: () => {}, ...more });

function plain({ ids, columns }: ItemTable) {
  return {
    ids: Array.from({ length: ids.length }, (_, row) => ids.at(row)),
    columns: Object.fromEntries(columns.map(({ name, values }) => [name, values])),
    types: columns.map(({ name, type }) => `${name}:${type}`),
  };
}

describe('a table of items', () => {
  it('has its rows by the bytes of their ids and its columns in the file’s order', async () => {
    const file = fileOf(
      'i.csv',
      'released,id,name,kind\r\n1991,b,"Smells, ""Like""",song\r\n,\uffff,,\r\n-5,\u{1f600},x,song\r\n',
    );
    expect(plain(await read(file))).toEqual({
      ids: ['b', '\uffff', '\u{1f600}'],
      columns: {
        released: [1991, null, -5],
        name: ['Smells, "Like"', null, 'x'],
        kind: ['song', null, 'song'],
      },
      types: ['released:int', 'name:text', 'kind:text'],
    });
  });

  it('takes the usual names, and those that `columns` gives', async () => {
    const hetrec = fileOf('artists.dat', 'id\tname\turl\tpictureURL\n1\tMALICE MIZER\thttp://x\t\n');
    expect(plain(await read(hetrec)).types).toEqual(['name:text', 'url:text', 'pictureURL:text']);
    const tracks = fileOf('t.csv', 'artist_id,track_id,title\n7,1,One\n');
    expect(plain(await read(tracks))).toMatchObject({ ids: ['1'], types: ['artist_id:int', 'name:text'] });
    const own = fileOf('o.csv', 'key,label\n1,One\n');
    expect(plain(await read(own, { columns: 'id=key,name=label' }))).toMatchObject({
      ids: ['1'],
      types: ['name:text'],
    });
    expect(plain(await read(own, { columns: 'id=key,name=' }))).toMatchObject({ types: ['label:text'] });
    expect((await failureOf(read(own))).message).toMatch(
      /o\.csv has no id column: its columns are "key", "label"$/,
    );
  });

  it('without a header has its id first and its name second', async () => {
    const file = fileOf('movies.csv', '1,Toy Story (1995),comedy,7\n2,GoldenEye (1995),action,8\n');
    expect(plain(await read(file, { noHeader: true }))).toEqual({
      ids: ['1', '2'],
      columns: {
        name: ['Toy Story (1995)', 'GoldenEye (1995)'],
        column3: ['comedy', 'action'],
        column4: [7, 8],
      },
      types: ['name:text', 'column3:text', 'column4:int'],
    });
    const error = await failureOf(read(file));
    expect(error.message).toMatch(/movies\.csv has no id column: its columns are "1", "Toy Story/);
    expect(error['suggestions']).toEqual([
      'If line 1 is an item, say that there is no header: `itemHeader` no',
      expect.stringMatching(
        /^Say which column has the ids: `itemColumns` id=NAME\. .* without it: id, item, /,
      ),
    ]);
    const named = await failureOf(read(fileOf('o.csv', 'key,label\na,A\n')));
    expect(named['suggestions']).toEqual([
      expect.stringMatching(/^Say which column has the ids/),
      expect.stringMatching(/^If line 1 is an item/),
    ]);
  });

  it('that is not UTF-8 says so, in its header and below', async () => {
    const header = fileOf('i.csv', Buffer.from('id,K\xfcnstler\n1,x\n', 'latin1'));
    const row = fileOf('i.csv', Buffer.from('id,name\n1,K\xfcnstler\n', 'latin1'));
    expect((await failureOf(read(header))).message).toBe(`${header} line 1, its header, is not UTF-8`);
    const error = await failureOf(read(row));
    expect(error.message).toBe(`${row} line 2: name is not UTF-8: "K\\xfcnstler"`);
    expect(error['suggestions']).toEqual([expect.stringContaining('`encoding` windows-1252')]);
    expect(plain(await read(header, { encoding: 'latin1' })).types).toEqual(['Künstler:text']);
  });

  it('is the same in every format, packed or piped, in any order of rows', async () => {
    const csv = 'id,name,released\na,Ä,1985\nb,"B ""x""",\n';
    const jsonl = '{"id":"b","name":"B \\"x\\"","released":null}\n{"id":"a","name":"Ä","released":1985}\n';
    const expected = await read(fileOf('i.csv', csv));
    const parquet = await writeParquet(
      join(makeDirectory(), 'i.parquet'),
      `SELECT * FROM (VALUES ('b', 'B "x"', NULL), ('a', 'Ä', 1985)) AS t(id, name, released)`,
    );
    const rows = [
      { id: 'b', name: 'B "x"', released: null },
      { id: 'a', name: 'Ä', released: 1985 },
    ];
    const database = join(makeDirectory(), 'i.duckdb');
    await duckdbFile(database, [
      "CREATE TABLE t AS FROM (VALUES ('b', 'B \"x\"', NULL), ('a', 'Ä', 1985)) AS t(id, name, released)",
    ]);
    const same = [
      await read(fileOf('i.json', JSON.stringify(rows, null, 1))),
      await read(fileOf('i.feather', Buffer.from(tableToIPC(tableFromJSON(rows), 'file')))),
      await read(fileOf('i.zip', zipOf({ name: 'inner/i.csv', data: csv }))),
      await read(database),
      await read(fileOf('i.jsonl', jsonl)),
      await read(fileOf('i.csv.gz', gzipSync(csv))),
      await read(parquet),
      await read('-', { stdin: Readable.from([Buffer.from(csv)]) }),
      await read(fileOf('i.csv', 'id,name,released\nb,"B ""x""",\na,Ä,1985\nb,"B ""x""",\n')),
    ];
    for (const table of same)
      expect({ ...plain(table), sha256: table.sha256 }).toEqual({
        ...plain(expected),
        sha256: expected.sha256,
      });
    const other = await read(fileOf('i.csv', csv.replace('1985', '1986')));
    expect(other.sha256).not.toBe(expected.sha256);
  });

  it('has the fields of structures by dotted names, and what is calculated of them', async () => {
    const rows = [
      { meta: { id: 1, title: 'One' }, artist: { name: 'A' }, year: 1990 },
      { meta: { id: 2, title: 'Two' }, artist: null, year: 1991 },
    ];
    const columns = "id=meta.id,name=artist.name + ': ' + meta.title,decade=year / 10";
    const wanted = {
      ids: ['1', '2'],
      columns: {
        'meta.id': [1, 2],
        'meta.title': ['One', 'Two'],
        'artist.name': ['A', null],
        year: [1990, 1991],
        name: ['A: One', null],
        decade: ['199', '199.1'],
      },
    };
    const { 'meta.id': _, ...rest } = wanted.columns;
    const parquet = await writeParquet(
      join(makeDirectory(), 'i.parquet'),
      `SELECT {'id': 1, 'title': 'One'} AS meta, {'name': 'A'} AS artist, 1990 AS year UNION ALL ` +
        `SELECT {'id': 2, 'title': 'Two'}, NULL, 1991`,
    );
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    for (const path of [fileOf('i.json', JSON.stringify(rows)), fileOf('i.jsonl', lines), parquet])
      expect(plain(await read(path, { columns }))).toMatchObject({ ids: wanted.ids, columns: rest });
    const path = fileOf('i.jsonl', lines);
    const { nameColumn } = await read(path, { columns });
    expect(nameColumn).toBe("artist.name + ': ' + meta.title");
    expect(await failureOf(read(path, { columns: 'id=meta.idd' }))).toMatchObject({
      message: expect.stringContaining('has no column "meta.idd", which `itemColumns` names for the id'),
    });
    expect((await failureOf(read(path, { columns: 'id=meta.id,name=meta.title + 1' }))).message).toMatch(
      /^`itemColumns`, character 12: \+ joins two texts or adds two numbers/,
    );
    const bad = fileOf('bad.jsonl', `${lines}{"meta":{"title":"no id"}}\n`);
    expect((await failureOf(read(bad, { columns }))).message).toMatch(/bad\.jsonl row 3: id is empty/);
  });

  it('holds whole numbers only where all of a column are', async () => {
    const file = fileOf('i.csv', 'id,a,b,c,d,e\n1,1,01,1.0,9007199254740993,\n2,-7,2,2,1,\n3,0,3,3,1,\n');
    expect(plain(await read(file)).types).toEqual(['a:int', 'b:text', 'c:text', 'd:text', 'e:text']);
  });

  it('merges rows that are the same and names both lines of those that are not', async () => {
    const text = 'id,name,year\n1,One,1999\n2,Two,2000\n1,One,1999\n';
    expect(plain(await read(fileOf('i.csv', text))).ids).toEqual(['1', '2']);
    const file = fileOf('i.csv', `${text}2,Two,2001\n`);
    const error = await failureOf(read(file));
    expect(error).toMatchObject({
      code: 'bad-row',
      message: `${file} lines 3 and 5 both have the id "2", with year "2000" and "2001"`,
      details: { file, lines: [3, 5], column: 'year', value: '2' },
    });
  });

  it.each([
    ['id,name\n,x\n', 'bad-row', /line 2: id is empty; an id of 1 to 1,024 bytes is wanted$/],
    ['id,name\n1\n', 'bad-row', /line 2 has 1 column; 2 are wanted$/],
    ['id,name\n"1,x\n', 'bad-row', /line 2 has a quote that is never closed$/],
    ['id,name\n', 'empty-input', /^there are no items in /],
    ['', 'empty-input', /^there are no items in /],
    ['id,name,name\n1,2,3\n', 'bad-input-file', /two columns that may be the name: "name" and "name"$/],
    ['id,,x\n1,2,3\n', 'bad-input-file', /column 2 has no name$/],
  ])('%j is refused', async (text, code, message) => {
    expect(await failureOf(read(fileOf('i.csv', text)))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('hashes to what its layout says', async () => {
    const { sha256 } = await read(fileOf('i.csv', 'year,id,näme\n-5,b,é\n,a,x\n'));
    const offsets = (...numbers: number[]) => Buffer.from(Uint32Array.from(numbers).buffer);
    const bytes = Buffer.concat([
      Buffer.from('segue-items-1\0\0\0'),
      Buffer.from(BigUint64Array.of(2n, 2n).buffer),
      ...[offsets(0, 1, 2), Buffer.from('ab')],
      ...[offsets(4), Buffer.from('year\u0001\u0001\u0000'), offsets(0, 0, 2), Buffer.from('-5')],
      ...[offsets(5), Buffer.from('näme\u0000\u0000\u0000'), offsets(0, 1, 3), Buffer.from('xé')],
    ]);
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('does not depend on the order of its rows', async () => {
    const rows = fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-zé日]{1,4}$/u), fc.stringMatching(/^[0-9a]{0,3}$/)),
      { selector: ([id]) => id, minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(rows, async (items) => {
        const text = (list: readonly (readonly [string, string])[]): string =>
          ['id,note', ...list.map(([id, note]) => `${id},${note}`), ''].join('\n');
        const one = await read(fileOf('i.csv', text(items)));
        const other = await read(fileOf('i.csv', text([...items].reverse())));
        expect(other).toEqual({ ...one, ids: expect.anything() });
        expect(plain(other)).toEqual(plain(one));
      }),
      { numRuns: 50 },
    );
  });
});

it('a table with too many columns is refused before its rows are read', async () => {
  const wide = (numColumns: number): string =>
    `id,${Array.from({ length: numColumns - 1 }, (_, n) => `c${n}`).join(',')}\na${','.repeat(numColumns - 1)}\n`;
  expect((await read(fileOf('i.csv', wide(4096)))).columns).toHaveLength(4095);
  const error = await failureOf(read(fileOf('i.csv', wide(4097))));
  expect(error).toMatchObject({ code: 'too-large', details: { columns: 4097 } });
  expect(error.message).toContain('i.csv has 4097 columns; a table of items may have 4096');
});

describe('dates of a table of items', () => {
  async function column(
    header: string,
    cells: readonly string[],
  ): Promise<{ values: readonly (string | number | null)[]; notes: string[]; type: string }> {
    const notes: string[] = [];
    const rows = cells.map((cell, at) => `i${String(at).padStart(3, '0')},${JSON.stringify(cell)}\n`);
    const table = await read(fileOf('i.csv', `id,${header}\n${rows.join('')}`), {
      onProgress: (progress) => {
        if (progress.kind === 'note') notes.push(progress.message.replace(/^.*?i\.csv: /, ''));
      },
    });
    const { values, type } = table.columns[0]!;
    return { values, notes, type };
  }

  it.each<[string, string[], (string | null)[], string]>([
    [
      'released',
      ['14-Mar-1997', '', '1-Jan-1995'],
      ['1997-03-14', null, '1995-01-01'],
      '"14-Mar-1997": they are kept as 1997-03-14',
    ],
    [
      'released',
      ['03/04/1997', '28/02/1997'],
      ['1997-04-03', '1997-02-28'],
      '"03/04/1997": they are kept as 1997-04-03',
    ],
    ['released', ['03/04/1997', '02/28/1997 17:30'], ['1997-03-04', '1997-02-28T17:30'], '1997-03-04'],
    ['premiered', ['Mar 14, 1997', 'April 1998', '1999'], ['1997-03-14', '1998-04', '1999'], '1997-03-14'],
    ['added', ['1.2.2003', '2004-05-06'], ['2003-02-01', '2004-05-06'], '2003-02-01'],
    [
      'release_date',
      ['19970314', '19981231'],
      ['1997-03-14', '1998-12-31'],
      'such as 19970314: they are kept as 1997-03-14',
    ],
  ])('in %s are kept as ISO 8601: %j', async (name, cells, wanted, note) => {
    const found = await column(name, cells);
    expect(found).toMatchObject({ values: wanted, type: 'text' });
    expect(found.notes).toHaveLength(1);
    expect(found.notes[0]).toContain(`"${name}" holds dates such as `);
    expect(found.notes[0]).toContain(note);
  });

  it.each<[string, string[], (string | number | null)[]]>([
    [
      'released',
      ['1997-03-14', '1998', '1999-05', '2000-01-01T10:00:00+02:00'],
      ['1997-03-14', '1998', '1999-05', '2000-01-01T10:00:00+02:00'],
    ],
    ['released', ['1997', '', '1066'], [1997, null, 1066]],
    ['year', ['1997.0', '', '1066.0'], [1997, null, 1066]],
    ['artist', ['14-Mar-1997', '1-Jan-1995'], ['14-Mar-1997', '1-Jan-1995']],
    ['plays', ['19970314', '19981231'], [19970314, 19981231]],
    ['score', ['1997.0', '1066.0'], ['1997.0', '1066.0']],
    ['genre', ['rock', 'pop'], ['rock', 'pop']],
  ])('and nothing is said of %s: %j', async (name, cells, wanted) => {
    expect(await column(name, cells)).toMatchObject({ values: wanted, notes: [] });
  });

  it.each<[string, string[], string]>([
    [
      'released',
      ['14-Mar-1997', 'unknown', '1998'],
      '"released" is kept as text, without an order by date: 1 of 3 filled cells are not dates, such as "unknown"',
    ],
    ['Release Year', ['c. 1990', '1990?'], '2 of 2 filled cells are not dates, such as "c. 1990"'],
    ['premiered', ['1997-03-14', '1998-03-14', '?'], '1 of 3 filled cells are not dates, such as "?"'],
    [
      'released',
      ['03/04/1997', '05/06/1998'],
      'in "03/04/1997" and all its other cells the day may be the first or the second number',
    ],
    [
      'released',
      ['13/04/1997', '05/16/1998'],
      'the day is the first number in some cells, and the second in others',
    ],
    ['year', ['1997', '0'], '"year" is kept as numbers: 1 of its cells are not years, such as 0'],
    [
      'date',
      ['858297600', '858297601'],
      '"date" is kept as numbers: 2 of its cells are not years, such as 858297600',
    ],
  ])('that are not understood are said to be: %s, %j', async (name, cells, note) => {
    const found = await column(name, cells);
    expect(found.values.map(String)).toEqual(cells);
    expect(found.notes).toHaveLength(1);
    expect(found.notes[0]).toContain(note);
  });

  it('change a table’s hash only where there are some to be recognised', async () => {
    const hashOf = async (cell: string): Promise<string> =>
      (await read(fileOf('i.csv', `id,name,released\na,b,${cell}\n`))).sha256;
    expect(await hashOf('14-Mar-1997')).toBe(await hashOf('1997-03-14'));
    expect(await hashOf('c. 1997')).not.toBe(await hashOf('1997'));
  });
});
