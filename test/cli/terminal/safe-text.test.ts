import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeJson, safeLines, safeText } from '#dist/cli/terminal/safe-text.js';
import { processorMs } from '../../helpers/processor-time.js';

/** Everything that a terminal may act on, or that hides: by code point, so that no class of the source is repeated. */
function isHarmful(codePoint: number): boolean {
  return (
    codePoint < 0x20 ||
    (codePoint >= 0x7f && codePoint <= 0x9f) ||
    codePoint === 0xad ||
    codePoint === 0x61c ||
    codePoint === 0x180e ||
    codePoint === 0x200b ||
    codePoint === 0x200c ||
    codePoint === 0x200e ||
    codePoint === 0x200f ||
    (codePoint >= 0x2028 && codePoint <= 0x202e) ||
    (codePoint >= 0x2060 && codePoint <= 0x206f) ||
    codePoint === 0xfeff ||
    (codePoint >= 0xd800 && codePoint <= 0xdfff) ||
    (codePoint >= 0xe0000 && codePoint <= 0xe007f)
  );
}

/** Strings of any code units, with what is harmful far more often than chance would have it. */
const hostile = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0x9f }),
      fc.integer({ min: 0x2000, max: 0x20ff }),
      fc.integer({ min: 0xd800, max: 0xdfff }),
      fc.constantFrom(0x61c, 0xad, 0xfeff, 0x200d, 0xfe0f, 0x301, 0x1f468, 0x1f3fd, 0xe0041, 0x10ffff),
      fc.integer({ min: 0, max: 0x10ffff }),
    ),
    { maxLength: 40 },
  )
  .map((codes) => codes.map((code) => String.fromCodePoint(code)).join(''));

const codePointsOf = (text: string): number[] =>
  Array.from(text, (character) => character.codePointAt(0) ?? 0);

describe('safeText', () => {
  it('leaves nothing that a terminal acts on', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(codePointsOf(safeText(text)).filter(isHarmful)).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('changes nothing that is safe already', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(safeText(safeText(text))).toBe(safeText(text));
      }),
    );
  });

  it.each([
    '"Weird Al" Yankovic',
    'Sigur Rós',
    'Björk – Jóga',
    '椎名林檎',
    'Кино',
    'محمد منير',
    'Beyoncé',
    'नुसरत',
    '🎸❤️',
  ])('leaves %s as it is', (name) => expect(safeText(name)).toBe(name));

  it.each([
    ['a\x1b[2Jb', 'a\\x1b[2Jb'],
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['one\r\ntwo\tthree', 'one\\r\\ntwo\\tthree'],
    ['\x9b31m', '\\x9b31m'],
    ['gnp\u202e.exe', 'gnp\\u202e.exe'],
    ['\u2066x\u2069\u200f\u061c', '\\u2066x\\u2069\\u200f\\u061c'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['lone \ud800 and \udc00', 'lone \\ud800 and \\udc00'],
    ['line\u2028paragraph\u2029', 'line\\u2028paragraph\\u2029'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
  ])('shows %j as %s', (text, shown) => expect(safeText(text)).toBe(shown));

  it('keeps the joiners of an emoji, and shows those that hide between letters', () => {
    expect(safeText('👩‍👩‍👧‍👦')).toBe('👩‍👩‍👧‍👦');
    expect(safeText('👩🏽‍🚀')).toBe('👩🏽‍🚀');
    expect(safeText('a\u200db')).toBe('a\\u200db');
  });

  it('does not let marks climb over other lines, or onto what stands before them', () => {
    expect(safeText(`a${'\u0301'.repeat(1000)}b`)).toBe(`a${'\u0301'.repeat(8)}b`);
    expect(safeText('\u0301x')).toBe('\u25cc\u0301x');
  });

  it('is quick on a megabyte', () => {
    const start = processorMs();
    safeText('\u202e\x1b'.repeat(500_000));
    safeText('\u0301'.repeat(1_000_000));
    safeText('👩‍'.repeat(300_000));
    expect(processorMs() - start).toBeLessThan(5_000);
  });
});

it('safeLines keeps line feeds and nothing else', () =>
  expect(safeLines('a\x1b\nb\r\nc')).toBe('a\\x1b\nb\\r\nc'));

it('safeJson is the same document, on one line, with nothing that a terminal acts on', () => {
  fc.assert(
    fc.property(hostile, hostile, (key, value) => {
      const json = safeJson({ [`k${key}`]: [value, 1.5, null] });
      expect(json).not.toContain('\n');
      expect(codePointsOf(json).filter((code) => isHarmful(code) || code === 0x200d)).toEqual([]);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [`k${key}`]: [value, 1.5, null] })));
    }),
    { numRuns: 2_000 },
  );
});
