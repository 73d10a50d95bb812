import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfLines, linesBefore } from '#dist/core/files/lines-from-end.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories('file');

function read(text: string, maxLineBytes?: number): { lines: (string | undefined)[]; end: number } {
  const path = join(temporaryDirectory(), 'lines');
  writeFileSync(path, text);
  const fd = openSync(path, 'r');
  try {
    const end = endOfLines(fd);
    return { end, lines: [...linesBefore(fd, end, maxLineBytes)] };
  } finally {
    closeSync(fd);
  }
}

describe('the lines of a file from its end', () => {
  it('are those that splitting the whole text gives', () => {
    // Lengths around the 64 KiB that are read at once.
    const line = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll('\n', ' ')),
      fc.integer({ min: 65_533, max: 65_538 }).map((length) => 'é'.repeat(length >> 1)),
      fc.integer({ min: 131_070, max: 131_074 }).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), line, (lines, rest) => {
        const whole = lines.map((text) => `${text}\n`).join('');
        const found = read(whole + rest);
        expect(found.end).toBe(Buffer.byteLength(whole));
        expect(found.lines).toEqual(lines.toReversed());
      }),
      { numRuns: 60 },
    );
  });

  it('are none in an empty file, and in one without a line feed', () => {
    expect(read('')).toEqual({ end: 0, lines: [] });
    expect(read('x'.repeat(200_000))).toEqual({ end: 0, lines: [] });
    expect(read('\n')).toEqual({ end: 1, lines: [''] });
  });

  it('stand as undefined where they are longer than any of ours', () => {
    const long = 'x'.repeat(300_000);
    expect(read(`a\n${long}\nb\n`, 1000).lines).toEqual(['b', undefined, 'a']);
    expect(read(`${long}\nb\n`, 1000).lines).toEqual(['b', undefined]);
    expect(read(`${'x'.repeat(1000)}\n`, 1000).lines).toEqual(['x'.repeat(1000)]);
  });
});
