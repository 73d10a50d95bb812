import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it, vi } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { badBytesShown } from '#dist/core/events/files/bad-bytes.js';
import { openInputFiles } from '#dist/core/events/files/input-files.js';
import { readItemTable } from '#dist/core/events/read-items.js';
import { failureOf, plainPairs, readEvents } from '../../../helpers/event-oracle.js';
import { writeParquet } from '../../../helpers/parquet.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
const temporary = makeDirectory();
vi.stubEnv('TMPDIR', temporary);

function fileOf(name: string, content: string | Buffer): string {
  const path = join(makeDirectory(), name);
  writeFileSync(path, content);
  return path;
}

const context = { signal: new AbortController().signal, onProgress: () => {} };

/** The copy in UTF-8 that reading goes on from. */
async function recoded(path: string, encoding: string, stdin?: Readable): Promise<Buffer> {
  const [file] = await openInputFiles([path], makeDirectory(), context, { encoding, stdin });
  return readFileSync(file!.path);
}

const names = ['Beyoncé', 'Café Tacvba', 'Björk'];
const western = `user,item\nann,${names[0]!}\nben,${names[1]!}\nben,${names[2]!}\n`;

describe('events that are not UTF-8', () => {
  it('name the line, the bytes and `encoding`, wherever the column stands', async () => {
    // A used column behind one that is not used breaks DuckDB; before it, it is an error of DuckDB's.
    for (const [text, where] of [
      ['x,user,item,y\na,b,c,d\na,b,Beyonc\xe9,c\n', 'line 3: item is not UTF-8: "Beyonc\\xe9"'],
      ['x,user,item\na,\xff\xfe,c\n', 'line 2: user is not UTF-8: "\\xff\\xfe"'],
      ['user,item,x\na,Caf\xe9 Tacvba,b\n', 'line 2: item is not UTF-8: "Caf\\xe9 Tacvba"'],
    ] as const) {
      const file = fileOf('e.csv', Buffer.from(text, 'latin1'));
      const error = await failureOf(readEvents(file));
      expect(error).toMatchObject({ code: 'bad-row', exitCode: 2, message: `${file} ${where}` });
      expect(error['suggestions']).toEqual([
        'Give its encoding, such as `encoding` windows-1252, macintosh or shift_jis.',
        'Fix the row, or leave out such rows with `skipBadRows`.',
      ]);
    }
  });

  it('can be skipped, in files among good ones, and do not matter in columns that are not used', async () => {
    const good = fileOf('good.csv', 'x,user,item\n1,a,y\n');
    const careful = fileOf('careful.csv', '\nx,user,item\n1,d,y\n');
    const bad = fileOf('bad.csv', Buffer.from('x,user,item\n\xe9,b,\xe9\n\xe9,c,y\n', 'latin1'));
    const { interactions, skippedRows, sources } = await readEvents([good, careful, bad], {
      skipBadRows: true,
    });
    expect(plainPairs(interactions).users).toEqual(['a', 'c', 'd']);
    expect(skippedRows).toBe(1);
    expect(sources.map(({ rows }) => rows)).toEqual([1, 1, 1]);
  });

  it.each([
    ['latin1', western],
    ['windows-1252', western],
    ['macintosh', western],
    ['mac_roman', western],
    ['utf-16le', western],
    ['utf-16be', western],
    ['UTF-16', western],
    ['utf-32', western],
    ['shift_jis', 'user,item\na,椎名林檎\nb,東京事変\n'],
    ['euc-kr', 'user,item\na,방탄소년단\n'],
    ['gb18030', 'user,item\na,王菲\n'],
    ['koi8-r', 'user,item\na,Кино\n'],
  ])('are read by `encoding` %s: plain, packed and piped', async (encoding, text) => {
    const bytes = iconv.encode(text, encoding, { addBOM: /^utf-?(16|32)$/i.test(encoding) });
    for (const path of [fileOf('e.csv', bytes), fileOf('e.csv.gz', gzipSync(bytes))]) {
      expect(await recoded(path, encoding)).toEqual(Buffer.from(text));
    }
    const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
    expect(await recoded('-', encoding, Readable.from(pieces))).toEqual(Buffer.from(text));
    expect(await recoded('-', encoding, Readable.from([gzipSync(bytes)]))).toEqual(Buffer.from(text));
  });

  it('give what the same text gives in UTF-8, items too, and leave nothing behind', async () => {
    const expected = await readEvents(fileOf('e.csv', western));
    const encoded = fileOf('e.csv', iconv.encode(western, 'macintosh'));
    const { interactions } = await readEvents(encoded, { encoding: 'macintosh' });
    expect(interactions.sha256).toBe(expected.interactions.sha256);
    const table = 'id,name\n1,Motörhead\n';
    const items = fileOf('i.csv', iconv.encode(table, 'utf-16be'));
    expect((await readItemTable(items, { ...context, encoding: 'utf-16be' })).sha256).toBe(
      (await readItemTable(fileOf('i.csv', table), context)).sha256,
    );
    const left = readdirSync(temporary).filter((name) => !name.startsWith('segue-test-'));
    expect(left).toEqual([]);
  });

  it('come whole through pieces of any size, pairs of UTF-16 units too', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom('utf-16le', 'utf-16be', 'utf-32le'),
        fc.integer({ min: 1, max: 7 }),
        async (line, encoding, size) => {
          // Less than some of that looks like another kind of file.
          const whole = `user,item\n${line.replaceAll('\ufeff', '')}`;
          const bytes = iconv.encode(whole, encoding);
          const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
            bytes.subarray(size * at, size * (at + 1)),
          );
          expect((await recoded('-', encoding, Readable.from(pieces))).toString()).toBe(whole);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('are bad rows where the encoding has no such character, and end within one', async () => {
    const file = fileOf('e.csv', Buffer.from('x,user,item\n1,a,b\n1,c,\x81\n', 'latin1'));
    const options = { encoding: 'shift_jis' };
    expect((await failureOf(readEvents(file, options))).message).toBe(
      `${file} line 3: item has bytes that are not a character in shift_jis`,
    );
    const { skippedRows, interactions } = await readEvents(file, { ...options, skipBadRows: true });
    expect([skippedRows, interactions.numEvents]).toEqual([1, 1]);
    const lone = Buffer.from('user,item\na,\ud800x\nb,y\n', 'utf16le');
    const half = await recoded(fileOf('e.csv', lone), 'utf-16le');
    expect(half.toString('latin1')).toBe('user,item\na,\xffx\nb,y\n');
    const odd = fileOf('e.csv', Buffer.from('user,item\na,x', 'utf16le').subarray(0, -1));
    expect((await failureOf(readEvents(odd, { encoding: 'utf-16le' }))).message).toBe(
      `${odd} is not utf-16le text: it ends in the middle of a character`,
    );
  });

  it('that are UTF-8 after all are read as `encoding` says, with a warning', async () => {
    const warnings: string[] = [];
    const onProgress = (progress: Progress): void => {
      if (progress.kind === 'warning') warnings.push(progress.message);
    };
    const file = fileOf('e.csv', western);
    const { interactions } = await readEvents(file, { encoding: 'latin1', onProgress });
    expect(plainPairs(interactions).items).toContain('BeyoncÃ©');
    expect(warnings).toEqual([`${file} looks like UTF-8, and is read as latin1, as \`encoding\` says`]);
    const marked = fileOf('e.csv', `\ufeff${western}`);
    expect(plainPairs((await readEvents(marked, { encoding: 'latin1' })).interactions).items).toContain(
      'Beyoncé',
    );
    expect(
      plainPairs((await readEvents(file, { encoding: 'UTF8', onProgress })).interactions).items,
    ).toContain('Beyoncé');
    expect(warnings).toHaveLength(1);
  });

  it('leave Parquet, and what is no text, as they are', async () => {
    const parquet = await writeParquet(join(makeDirectory(), 'e.parquet'), "SELECT 'a' AS user, 'é' AS item");
    const { interactions } = await readEvents(parquet, { encoding: 'latin1' });
    expect(plainPairs(interactions).items).toEqual(['é']);
    const packed = fileOf('e.7z', Buffer.from('7z\xbc\xaf\x27\x1c and more', 'latin1'));
    expect((await failureOf(readEvents(packed, { encoding: 'latin1' }))).message).toBe(
      `${packed} is a 7z archive`,
    );
  });

  it.each([
    ['latin', 'Did you mean latin1?'],
    ['windows12522', 'Did you mean windows-1252, or windows-1250, or windows-1251?'],
    ['shift-jsi', 'Did you mean shift_jis?'],
    ['x'.repeat(1_000_000), undefined],
    ['__proto__', undefined],
    ['hex', undefined],
    ['-', undefined],
  ])('cannot be of the encoding %.20s', async (encoding, suggestion) => {
    const error = await failureOf(readEvents(fileOf('e.csv', western), { encoding }));
    expect(error).toMatchObject({ code: 'bad-usage', exitCode: 2 });
    expect(error.message).toMatch(/^`encoding` ".{1,41}" is not a known encoding$/);
    const suggestions = error['suggestions'] as readonly string[];
    expect(suggestions.slice(0, -1)).toEqual(suggestion === undefined ? [] : [suggestion]);
    expect(suggestions.at(-1)).toContain('Known are latin1');
  });
});

it('bytes that are not UTF-8 are shown with what stands around the first of them', () => {
  expect(badBytesShown(Buffer.from('ab\xe9cd', 'latin1'))).toBe('ab\\xe9cd');
  const long = Buffer.concat([Buffer.from('é'.repeat(1000)), Buffer.of(0xff), Buffer.from('ü'.repeat(1000))]);
  expect(badBytesShown(long)).toBe(`${'é'.repeat(20)}\\xff${'ü'.repeat(10)}`);
});

describe('Parquet', () => {
  it('with text that is not UTF-8 is not called damaged', async () => {
    const name = 'Beyonc\xe9 Knowles';
    const utf8 = await writeParquet(
      join(makeDirectory(), 'e.parquet'),
      "SELECT 'a' AS user, 'Beyonc_ Knowles' AS item",
    );
    const bytes = Buffer.from(
      readFileSync(utf8).toString('latin1').replaceAll('Beyonc_ Knowles', name),
      'latin1',
    );
    const error = await failureOf(readEvents(fileOf('e.parquet', bytes)));
    expect(error).toMatchObject({
      code: 'bad-input-file',
      message: expect.stringMatching(/e\.parquet holds text that is not UTF-8, which Parquet requires/),
    });
  });

  it('with weights that are NaN or infinite says so', async () => {
    const weight = async (text: string) => {
      const select = `SELECT 'a' AS user, 'x' AS item, '${text}'::DOUBLE AS weight`;
      return (await failureOf(readEvents(await writeParquet(join(makeDirectory(), 'e.parquet'), select))))
        .message;
    };
    expect(await weight('nan')).toMatch(/row 1: weight is empty or NaN; a number is wanted$/);
    expect(await weight('inf')).toMatch(/row 1: weight "inf" is not a finite number$/);
  });
});
