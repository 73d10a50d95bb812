import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textLines, type TextLine, type TextLinesOptions } from '#dist/core/files/text-lines.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
const { signal } = new AbortController();

async function read(path: string, options: Partial<TextLinesOptions> = {}): Promise<TextLine[]> {
  const lines: TextLine[] = [];
  for await (const line of textLines(path, { signal, what: 'an item', mostBytes: 100, ...options }))
    lines.push(line);
  return lines;
}

it('gives the lines that hold anything, with their numbers, as they are', async () => {
  const path = join(makeDirectory(), 'lines.txt');
  writeFileSync(path, '\ufeff#41\r\n\n  two words \nNaïve\r\n\r\nlast');
  expect(await read(path)).toEqual([
    { line: 1, text: '#41' },
    { line: 3, text: '  two words ' },
    { line: 4, text: 'Naïve' },
    { line: 6, text: 'last' },
  ]);
  writeFileSync(path, '');
  expect(await read(path)).toEqual([]);
});

it('reads standard input for -, in whatever pieces it comes', async () => {
  const character = fc.constantFrom('a', 'Ä', '😀', '\n', '\r\n', '\n\n', ' ', '\ufeff');
  const text = fc.array(character, { maxLength: 40 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }),
      async (all, sizes) => {
        const bytes = Buffer.from(all);
        let at = 0;
        const pieces = [...sizes.map((size) => bytes.subarray(at, (at += size))), bytes.subarray(at)];
        const lines = await read('-', { stdin: Readable.from(pieces.filter(({ length }) => length > 0)) });
        const wanted = all
          .replace(/^\ufeff/, '')
          .split('\n')
          .map((line, index) => ({ line: index + 1, text: line.replace(/\r$/, '') }));
        expect(lines).toEqual(wanted.filter((line) => line.text !== ''));
      },
    ),
  );
});

it('refuses what is no file of lines, and says which and where', async () => {
  const directory = makeDirectory();
  const path = (name: string): string => join(directory, name);
  mkdirSync(path('folder'));
  writeFileSync(path('latin1'), Buffer.from('one\ntwo\ncaf\xe9\nfour\n', 'latin1'));
  writeFileSync(path('last'), Buffer.from('one\ncaf\xe9', 'latin1'));
  writeFileSync(path('long'), `one\n${'é'.repeat(50)}\n${'é'.repeat(51)}\nfour\n`);
  for (const [name, problem] of [
    ['missing', 'does not exist'],
    ['folder', 'is a directory; a file with an item a line is wanted'],
    ['latin1', 'line 3 is not UTF-8'],
    ['last', 'line 2 is not UTF-8'],
    ['long', 'line 3 is longer than 100 bytes'],
  ] as const) {
    await expect(read(path(name))).rejects.toMatchObject({
      code: 'bad-input-file',
      message: `${path(name)} ${problem}`,
    });
  }
});

it('reads no further than a line may be long', async () => {
  let pieces = 0;
  const endless = new Readable({
    read() {
      pieces++;
      this.push(pieces === 1 ? 'one\n' : 'x'.repeat(1000));
    },
  });
  await expect(read('-', { stdin: endless })).rejects.toMatchObject({
    message: 'standard input line 2 is longer than 100 bytes',
    suggestions: ['a plain file of UTF-8 text is wanted, an item a line'],
  });
  // What a stream reads ahead is bounded too.
  expect(pieces).toBeLessThan(200);
});

it('stops when it is stopped', async () => {
  const stop = new AbortController();
  const stdin = new Readable({ read: () => undefined });
  const reading = read('-', { signal: stop.signal, stdin });
  stop.abort();
  await expect(reading).rejects.toMatchObject({ code: 'interrupted' });
});
