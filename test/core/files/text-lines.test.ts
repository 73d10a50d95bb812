import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readTextLines } from '#dist/core/files/text-lines.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
const { signal } = new AbortController();

it('gives the lines that hold anything, with their numbers, as they are', async () => {
  const path = join(makeDirectory(), 'lines.txt');
  writeFileSync(path, '\ufeff#41\r\n\n  two words \nNaïve\r\n\r\nlast');
  expect(await readTextLines(path, { signal })).toEqual([
    { line: 1, text: '#41' },
    { line: 3, text: '  two words ' },
    { line: 4, text: 'Naïve' },
    { line: 6, text: 'last' },
  ]);
  writeFileSync(path, '');
  expect(await readTextLines(path, { signal })).toEqual([]);
});

it('reads standard input for -, in whatever pieces it comes', async () => {
  const bytes = Buffer.from('ÄÖ\nÜ\n');
  const stdin = Readable.from([bytes.subarray(0, 1), bytes.subarray(1, 6), bytes.subarray(6)]);
  const lines = await readTextLines('-', { signal, stdin });
  expect(lines.map(({ text }) => text)).toEqual(['ÄÖ', 'Ü']);
});

it('refuses what is no file of text, and says which', async () => {
  const directory = makeDirectory();
  const path = (name: string): string => join(directory, name);
  mkdirSync(path('folder'));
  writeFileSync(path('latin1'), Buffer.from('caf\xe9', 'latin1'));
  writeFileSync(path('zeros'), 'ARROW1\0\0');
  for (const [name, problem] of [
    ['missing', 'does not exist'],
    ['folder', 'is a directory; a file of lines is wanted'],
    ['latin1', 'is no text: it is not UTF-8'],
    ['zeros', 'is no text: it holds zero bytes'],
  ] as const) {
    await expect(readTextLines(path(name), { signal })).rejects.toMatchObject({
      code: 'bad-input-file',
      message: `${path(name)} ${problem}`,
    });
  }
});

it('stops when it is stopped', async () => {
  const stop = new AbortController();
  const stdin = new Readable({ read: () => undefined });
  const reading = readTextLines('-', { signal: stop.signal, stdin });
  stop.abort();
  await expect(reading).rejects.toMatchObject({ code: 'interrupted' });
});
