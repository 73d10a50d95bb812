import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { DelimitedTokenizer } from '#dist/core/events/files/delimited-records.js';
import { parseDialect, defaultQuote } from '#dist/core/events/files/delimiters.js';
import { readItemTable } from '#dist/core/events/read-items.js';
import { failureOf, plainPairs, readEvents } from '../../../helpers/event-oracle.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');

function fileOf(name: string, content: string | Buffer): string {
  const path = join(makeDirectory(), name);
  writeFileSync(path, content);
  return path;
}

const readItems = (path: string, more: Partial<Parameters<typeof readItemTable>[1]> = {}) =>
  readItemTable(path, { signal: new AbortController().signal, onProgress: () => {}, ...more });

/** Cells of a text that comes in chunks of the given sizes, the last of which repeats. */
function cellsOf(text: string, delimiter: string, quote: string, sizes: readonly number[]): string[][] {
  const data = Buffer.from(text);
  const tokenizer = new DelimitedTokenizer({ delimiter, quote });
  const cells: string[][] = [];
  for (let at = 0, chunk = 0, final = false; !final; chunk++) {
    const end = at + (sizes[Math.min(chunk, sizes.length - 1)] ?? 1);
    final = end >= data.length;
    for (const record of tokenizer.push(data.subarray(at, end), final)) cells.push([...record.cells]);
    at = end;
  }
  return cells;
}

const delimiters = [';', '|', '\t', ' ', '::', '<>', '§', '||', '=====', '\x01'];
const chunkSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });

describe('text with any delimiter', () => {
  it('is cut as String.split cuts it where nothing is quoted, in chunks of any size', () => {
    const line = fc.constantFrom(...delimiters).chain((delimiter) =>
      fc.tuple(
        fc.constant(delimiter),
        // Parts of the delimiter, which are not it, and the delimiter itself.
        fc.array(
          fc.array(fc.constantFrom('a', '"', 'é', '日', ...Array.from(delimiter), delimiter), {
            maxLength: 9,
          }),
          { maxLength: 5 },
        ),
      ),
    );
    fc.assert(
      fc.property(line, chunkSizes, ([delimiter, lines], sizes) => {
        const texts = lines.map((parts) => parts.join(''));
        const expected = texts.filter((text) => text !== '').map((text) => text.split(delimiter));
        const text = texts.map((each) => `${each}\n`).join('');
        expect(cellsOf(text, delimiter, '', sizes)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it('comes back from what was written with quotes, in chunks of any size', () => {
    const table = fc.constantFrom(...delimiters).chain((delimiter) => {
      const cell = fc.array(
        fc.constantFrom('a', '"', '\n', '\r\n', 'é', ...Array.from(delimiter), delimiter),
        { maxLength: 5 },
      );
      const row = fc.array(
        cell.map((parts) => parts.join('')),
        { minLength: 2, maxLength: 4 },
      );
      return fc.tuple(fc.constant(delimiter), fc.array(row, { maxLength: 5 }));
    });
    fc.assert(
      fc.property(table, chunkSizes, ([delimiter, rows], sizes) => {
        const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
        const text = rows.map((row) => `${row.map(quoted).join(delimiter)}\n`).join('');
        expect(cellsOf(text, delimiter, '"', sizes)).toEqual(rows);
      }),
      { numRuns: 400 },
    );
  });

  it('is the same to the fast reading and to the careful one', async () => {
    const file = fc.constantFrom(...delimiters).chain((delimiter) => {
      const id = fc
        .array(fc.constantFrom('a', 'b', '"', 'é', ' ', ...Array.from(delimiter)), {
          minLength: 1,
          maxLength: 5,
        })
        .map((parts) => parts.join(''))
        .filter(
          (text) => text.trim() !== '' && !/^ *"/.test(text) && !`${text}${delimiter}`.startsWith(delimiter),
        );
      const rows = fc.array(fc.tuple(id, id, fc.integer({ min: 1, max: 9 }).map(String)), {
        minLength: 1,
        maxLength: 8,
      });
      return fc.tuple(fc.constant(delimiter), rows);
    });
    await fc.assert(
      fc.asyncProperty(file, async ([delimiter, rows]) => {
        const text = rows.map((row) => `${row.join(delimiter)}\n`).join('');
        const widths = new Set(
          text
            .trimEnd()
            .split('\n')
            .map((line) => line.split(delimiter).length),
        );
        fc.pre(widths.size === 1);
        const options = { delimiter, noHeader: true };
        const fast = await readEvents(fileOf('e.txt', text), options).catch((error: unknown) => error);
        // An empty line in front is what DuckDB is not trusted with.
        const careful = await readEvents(fileOf('e.txt', `\n${text}`), options).catch(
          (error: unknown) => error,
        );
        const told = (read: unknown): unknown =>
          read instanceof Error
            ? read.message.replace(/.* line \d+/, '')
            : (read as Awaited<ReturnType<typeof readEvents>>).interactions.sha256;
        expect(told(fast)).toEqual(told(careful));
      }),
      { numRuns: 6 },
    );
  });
});

describe('what `delimiter` says', () => {
  it.each([
    ['tab', '\t'],
    ['TAB', '\t'],
    ['\\t', '\t'],
    ['comma', ','],
    ['semicolon', ';'],
    ['pipe', '|'],
    ['space', ' '],
    ['::', '::'],
    ['\\x01', '\x01'],
  ])('%j is %j', (text, delimiter) => {
    expect(parseDialect(text, undefined, 'delimiter')).toEqual({ delimiter });
  });

  it.each([
    ['', undefined, /^`delimiter` "" cannot separate columns/],
    ['\n', undefined, /cannot separate columns/],
    ['"', undefined, /cannot separate columns/],
    [';', ';', /^`delimiter` and `quote` are both ";"$/],
    [';', 'ab', /^`quote` "ab" is not one printable ASCII character, or none$/],
  ])('%j with the quote %j is refused', (delimiter, quote, message) => {
    expect(() => parseDialect(delimiter, quote, 'delimiter')).toThrow(message);
  });

  it('decides whether `"` quotes, unless `quote` does', () => {
    expect([';', '|', '§', '\t', '\x01', '::'].map(defaultQuote)).toEqual(['"', '"', '"', '', '', '']);
    expect(parseDialect(';', 'none', 'delimiter')).toEqual({ delimiter: ';', quote: '' });
  });

  it('reaches events, whatever the file is called', async () => {
    const expected = [
      { user: 'a', item: 'x, y', weight: 2_000_000_000n },
      { user: 'b', item: 'z', weight: 1_000_000_000n },
    ];
    for (const name of ['e.tsv', 'e.csv.gz']) {
      const text = 'user;item;plays\na;"x, y";2\nb;z;1\n';
      const file = fileOf(name, name.endsWith('.gz') ? gzipSync(text) : text);
      const { interactions, sources } = await readEvents(file, { delimiter: ';' });
      expect(plainPairs(interactions).pairs).toMatchObject(expected);
      expect(sources[0]).toMatchObject({ format: 'csv', header: true, columns: { weight: 'plays' } });
    }
    const spaces = fileOf('u.txt', '1 2\n3 4\n');
    const { sources } = await readEvents(spaces, { delimiter: 'space' });
    expect(sources[0]).toMatchObject({ format: 'csv', columns: { user: 1, item: 2 } });
  });
});

describe('a file that is separated otherwise', () => {
  it.each([
    ['e.csv', 'user\titem\na\tx\n', '\\t', 'tab'],
    ['e.tsv', 'user,item\na,x\n', ',', ','],
    ['e.txt', 'user item\na x\n', ' ', "' '"],
  ])('(%s: %j) is refused with what to type, and that reads it', async (name, text, shown, word) => {
    const file = fileOf(name, text);
    const error = await failureOf(readEvents(file));
    expect(error.message).toContain(`its first line looks separated by "${shown}"`);
    expect(error['suggestions']).toContain(`Give its column separator: \`delimiter\` ${word}`);
    await readEvents(file, { delimiter: word.replaceAll("'", '') });
  });

  it.each([
    ['e.csv', 'user;item;plays\na;x;1\n'],
    ['ratings.dat', 'a::x::1::978300760\n'],
    ['e.dat', 'user|item\na|x\n'],
  ])('and has no comma and no tab in its first line is read by that: %s %j', async (name, text) => {
    const { interactions } = await readEvents(fileOf(name, text));
    expect(plainPairs(interactions).pairs).toMatchObject([{ user: 'a', item: 'x', weight: 1_000_000_000n }]);
  });

  it('is refused where its commas are those of numbers', async () => {
    const file = fileOf('e.csv', 'a;x;0,5\nb;x;1,5\n');
    const error = await failureOf(readEvents(file));
    expect(error.message).toMatch(
      /e\.csv may be separated by ";", with commas in its numbers, or by commas$/,
    );
    expect(error['suggestions']).toEqual(["Say which: `delimiter` ';' `decimalComma`, or `delimiter` ,"]);
    expect((await readEvents(file, { delimiter: ',' })).interactions.users.at(0)).toBe('a;x;0');
    // Marks that do not stand in every line, and commas that are not those of numbers, say nothing.
    await readEvents(fileOf('e.csv', 'u1,1\nu;2,2\n'));
    await readEvents(fileOf('e.csv', 'u;1,a 1\nu;2,a 2\n'), { noHeader: true });
  });

  it('names the delimiter where a header has no column that is known', async () => {
    const error = await failureOf(readEvents(fileOf('e.csv', 'user;item;plays, all\na;x;1, 2\n')));
    expect(error['suggestions']).toContain('If ";" separates its columns, say so: `delimiter` \';\'');
    const quoted = await failureOf(readEvents(fileOf('e.csv', '"User";"Item, all"\n"a";"x"\n')));
    expect(quoted['suggestions']).toEqual(["Say so: `delimiter` ';'"]);
  });

  it('says how quotes are no quotes', async () => {
    const file = fileOf('e.csv', 'user,item\na,x\n"b,y\n');
    const error = await failureOf(readEvents(file));
    expect(error.message).toMatch(/line 3 has a quote that is never closed$/);
    expect(error['suggestions']).toContain('If quotes are ordinary characters, say so: `quote` none');
    expect((await readEvents(file, { quote: 'none' })).interactions.users.length).toBe(2);
  });
});

describe('a table of items with any delimiter', () => {
  const text = '1|Toy Story (1995)|01-Jan-1995||http://x/a,b\n2|GoldenEye (1995)|02-Jan-1995||http://x/c\n';

  it('has the names that `columns` gives its columns', async () => {
    const notes: Progress[] = [];
    const table = await readItems(fileOf('u.item', text), {
      ...{ delimiter: '|', noHeader: true, columns: 'id=1,name=2,released=3' },
      onProgress: (progress) => notes.push(progress),
    });
    expect(table.columns.map(({ name, values }) => [name, values[0]])).toEqual([
      ['name', 'Toy Story (1995)'],
      ['released', '1995-01-01'],
      ['column4', null],
      ['column5', 'http://x/a,b'],
    ]);
    const header = fileOf('i.csv', 'key,label,who\n1,One,U2\n');
    const named = await readItems(header, { columns: 'ID=key,name=label,artist=who' });
    expect(named.columns.map(({ name }) => name)).toEqual(['name', 'artist']);
  });

  it('is refused with what to type', async () => {
    const narrow = await failureOf(readItems(fileOf('u.csv', 'id\tname\n1\tOne\n')));
    expect(narrow.message).toContain(
      'has one column when split at commas, and its first line looks separated by "\\t"',
    );
    expect(narrow['suggestions']).toEqual(['Give its column separator: `itemDelimiter` tab']);
    const cut = await failureOf(readItems(fileOf('u.item', text)));
    expect(cut['suggestions']).toContain('If "|" separates its columns, say so: `itemDelimiter` \'|\'');
    const other = fileOf('i.csv', 'id,name,artist,who\n1,One,U2,x\n');
    const twice = await failureOf(readItems(other, { columns: 'artist=who' }));
    expect(twice.message).toMatch(/two columns are named "artist"$/);
    const unknown = await failureOf(readItems(other, { columns: 'artist=band' }));
    expect(unknown.message).toContain('has no column "band", which `itemColumns` names for the artist');
    await expect(readItems(other, { columns: 'artist=' })).rejects.toThrow('leaves no column for the artist');
  });
});

describe('weights with a decimal comma', () => {
  const options = { delimiter: ';', decimalComma: true };

  it('are those with a point, to the fast reading and the careful one', async () => {
    const points = fileOf('e.csv', 'user,item,weight\na,x,0.5\nb,x,1234.25\na,y,3\nb,y,1e-3\n');
    const text = 'user;item;weight\na;x;0,5\nb;x;1234,25\na;y;3\nb;y;1e-3\n';
    const expected = (await readEvents(points)).interactions.sha256;
    for (const file of [fileOf('e.csv', text), fileOf('e.csv', `\n${text}`)])
      expect((await readEvents(file, options)).interactions.sha256).toBe(expected);
    const quoted = fileOf('e.csv', text.replaceAll(/(\d+,\d+)/g, '"$1"').replaceAll(';', ','));
    expect((await readEvents(quoted, { decimalComma: true })).interactions.sha256).toBe(expected);
  });

  it('have no points, and none without being said', async () => {
    const thousands = fileOf('e.csv', 'user;item;weight\na;x;0,5\nb;x;1.234\n');
    const error = await failureOf(readEvents(thousands, options));
    expect(error.message).toMatch(/line 3: weight "1.234" is not a number$/);
    expect(error['suggestions']).toContain(
      'With `decimalComma` a weight is written 1234,5, without any point.',
    );
    const unsaid = await failureOf(
      readEvents(fileOf('e.csv', 'user;item;weight\na;x;0,5\n'), { delimiter: ';' }),
    );
    expect(unsaid['suggestions']).toContain(
      'If weights are written with a decimal comma, say so: `decimalComma`',
    );
  });
});
