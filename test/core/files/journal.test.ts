import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendToJournal,
  cutJournal,
  parseJournalLine,
  readJournal,
  readJournalFromEnd,
} from '#dist/core/files/journal.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories('file');
const maxBytes = 1 << 20;

function journalPath(text?: string): string {
  const path = join(temporaryDirectory(), 'journal.jsonl');
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

function fromEnd(text: string): { lines: (string | undefined)[]; isCutShort: boolean } {
  return readJournalFromEnd(journalPath(text), (texts, isCutShort) => ({ lines: [...texts], isCutShort }));
}

describe('a line of a journal', () => {
  it('ends with the start of the sha256 of the object without it', () => {
    const path = journalPath();
    const object = { user: 'é\u2028', at: 1 };
    appendToJournal(path, [object]);
    const sum = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16);
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify({ ...object, sum })}\n`);
    const [line = ''] = readJournal(path, 0, maxBytes).lines;
    expect(parseJournalLine(line)).toEqual({ fields: object, hasSum: true });
  });

  it('is none with any character changed, but for those that make its checksum another key', () => {
    const path = journalPath();
    appendToJournal(path, [{ user: 'a\u2028b', count: 10 }]);
    const line = readFileSync(path, 'utf8').slice(0, -1);
    for (let at = 0; at < line.length; at++) {
      const changed = `${line.slice(0, at)}${line[at] === '1' ? '2' : '1'}${line.slice(at + 1)}`;
      expect(parseJournalLine(changed)?.hasSum ?? false).toBe(false);
    }
  });

  it('says whether it has a checksum, and is none where it is no JSON object', () => {
    expect(parseJournalLine('{"a":1}')).toEqual({ fields: { a: 1 }, hasSum: false });
    for (const text of ['', 'null', '1', 'text', '{"a":1', '{"a":1,"sum":"0123456789abcdef"}'])
      expect(parseJournalLine(text)).toBeUndefined();
  });
});

describe('a journal', () => {
  it('takes many lines at once, and is read on from where an earlier reading ended', () => {
    const path = journalPath();
    expect(readJournal(path, 0, maxBytes)).toEqual({ lines: [], end: 0, rest: '' });
    appendToJournal(path, [{ name: 'é' }, { name: 'b' }]);
    const first = readJournal(path, 0, maxBytes);
    expect(first.lines.map((line) => parseJournalLine(line)?.fields['name'])).toEqual(['é', 'b']);
    expect(first.end).toBe(readFileSync(path).length);
    expect(readJournal(path, first.end, maxBytes)).toEqual({ lines: [], end: first.end, rest: '' });
    appendFileSync(path, '{"name":"c","su');
    expect(readJournal(path, first.end, maxBytes)).toEqual({
      lines: [],
      end: first.end,
      rest: '{"name":"c","su',
    });
    cutJournal(path);
    appendToJournal(path, [{ name: 'c' }]);
    const next = readJournal(path, first.end, maxBytes);
    expect(next.lines.map((line) => parseJournalLine(line)?.fields)).toEqual([{ name: 'c' }]);
    expect(next.end).toBe(readFileSync(path).length);
  });

  it('loses what was cut short, and nothing else', () => {
    for (const whole of ['', '{"a":1}\n', `{"a":"${'x'.repeat(100_000)}"}\n{}\n`]) {
      for (const rest of ['', '{', '\u{1f600}', 'y'.repeat(200_000)]) {
        const path = journalPath(whole + rest);
        cutJournal(path);
        expect(readFileSync(path, 'utf8')).toBe(whole);
      }
    }
    const missing = journalPath();
    cutJournal(missing);
    expect(existsSync(missing)).toBe(false);
  });

  it('is refused where it is longer than it may be, or no regular file', () => {
    expect(() => readJournal(journalPath('{}\n'), 0, 2)).toThrow('3 bytes, 2 at most');
    const folder = journalPath();
    mkdirSync(folder);
    const refused = expect.objectContaining({ code: 'io-error' }) as Error;
    expect(() => readJournal(folder, 0, maxBytes)).toThrow(refused);
    expect(() => readJournalFromEnd(folder, () => 0)).toThrow(refused);
    expect(() => cutJournal(folder)).toThrow(refused);
  });
});

describe('the lines of a journal from its end', () => {
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
        expect(fromEnd(whole + rest)).toEqual({ lines: lines.toReversed(), isCutShort: rest !== '' });
        const forward = readJournal(journalPath(whole + rest), 0, maxBytes);
        expect(forward).toEqual({ lines, end: Buffer.byteLength(whole), rest });
      }),
      { numRuns: 60 },
    );
  });

  it('are none where there is no file, in an empty one, and in one without a line feed', () => {
    expect(readJournalFromEnd(journalPath(), (texts, isCutShort) => [[...texts], isCutShort])).toEqual([
      [],
      false,
    ]);
    expect(fromEnd('')).toEqual({ lines: [], isCutShort: false });
    expect(fromEnd('x'.repeat(200_000))).toEqual({ lines: [], isCutShort: true });
    expect(fromEnd('\n')).toEqual({ lines: [''], isCutShort: false });
  });

  it('stand as undefined where they are longer than any of ours', () => {
    const most = 'x'.repeat(1 << 20);
    expect(fromEnd(`a\n${most}x\nb\n`).lines).toEqual(['b', undefined, 'a']);
    expect(fromEnd(`${most}x\nb\n`).lines).toEqual(['b', undefined]);
    expect(fromEnd(`${most}\n`).lines).toEqual([most]);
  });
});
