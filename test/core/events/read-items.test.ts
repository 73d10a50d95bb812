import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ItemTable } from '#dist/core/contracts.js';
import { readItemTable } from '#dist/core/events/read-items.js';
import { failureOf } from '../../helpers/event-oracle.js';
import { writeParquet } from '../../helpers/parquet.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

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

  it('takes the usual names, and those that --columns gives', async () => {
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

  it('is the same in every format, packed or piped, in any order of rows', async () => {
    const csv = 'id,name,released\na,Ä,1985\nb,"B ""x""",\n';
    const jsonl = '{"id":"b","name":"B \\"x\\"","released":null}\n{"id":"a","name":"Ä","released":1985}\n';
    const expected = await read(fileOf('i.csv', csv));
    const parquet = await writeParquet(
      join(makeDirectory(), 'i.parquet'),
      `SELECT * FROM (VALUES ('b', 'B "x"', NULL), ('a', 'Ä', 1985)) AS t(id, name, released)`,
    );
    const same = [
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
    ['id,name,name\n1,2,3\n', 'bad-input-file', /two columns are named "name"$/],
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
      {
        selector: ([id]) => id,
        minLength: 1,
        maxLength: 12,
      },
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
