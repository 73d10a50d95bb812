import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldName } from '#dist/core/store/casefold.js';
import { textWithin } from '#dist/core/expressions/like.js';
import { likeMatcher } from '#dist/core/expressions/like-pattern.js';
import { packStrings } from '#dist/core/tables/string-column.js';

const like = (text: string, pattern: string): boolean => likeMatcher(packStrings([text]), pattern)(0);

it.each([
  ['The Who', 'the %', true],
  ['The Who', 'the', false],
  ['The Who', '%who', true],
  ['The Who', '%h%h%', true],
  ['The Who', '%h%h%h%', false],
  ['The Who', '_______', true],
  ['The Who', '______', false],
  ['', '%', true],
  ['', '_', false],
  ['', '', true],
  ['100% Pure', String.raw`100\% %`, true],
  ['1000 Pure', String.raw`100\% %`, false],
  ['a_b', String.raw`a\_b`, true],
  ['a\\b', String.raw`a\\b`, true],
  ['a\\b', String.raw`a\b`, true],
  ['Straße', 'STRASSE', true],
  ['STRASS', 'straß_', false],
  ['Beyoncé', 'BEYONCÉ', true],
  ['Beyonce\u0301', '%é', true],
  ['K', '\u212a', true],
  ['\u212a2', 'k_', true],
  ['😀x', '_x', true],
  ['aaaaaaaab', '%a%b', true],
])('%s like %s: %s', (text, pattern, wanted) => expect(like(text, pattern)).toBe(wanted));

it('finds text within text as it is, wildcards too', () => {
  expect(like('it is 100% \\_pure_', textWithin('100% \\_PURE'))).toBe(true);
  expect(like('it is 1000 pure', textWithin('100%'))).toBe(false);
});

it('goes through hostile patterns in the time of their product at most', () => {
  expect(like('a'.repeat(2000), `${'%a'.repeat(500)}%b`)).toBe(false);
});

it('says what a regular expression over folded characters says, row after row', () => {
  const letters = fc.constantFrom(
    'a',
    'A',
    'b',
    'k',
    '\u212a',
    'ß',
    's',
    'é',
    'e\u0301',
    '\u0390',
    '\u{1f3b8}',
    '\ufb03',
  );
  const texts = fc.array(fc.string({ unit: letters, maxLength: 9 }), { minLength: 1, maxLength: 12 });
  const part = fc.oneof(letters, fc.constantFrom('%', '_', '%%', '_%'));
  const patterns = fc.array(part, { maxLength: 6 });
  fc.assert(
    fc.property(texts, patterns, (rows, parts) => {
      const pattern = parts.join('');
      const source = pattern
        .split(/(?<=[%_])|(?=[%_])/)
        .map((piece) => (piece === '%' ? '.*' : piece === '_' ? '.' : foldName(piece)))
        .join('');
      const wanted = new RegExp(`^${source}$`, 'su');
      const matches = likeMatcher(packStrings(rows), pattern);
      expect(rows.map((_, row) => matches(row))).toEqual(rows.map((text) => wanted.test(foldName(text))));
    }),
    { numRuns: 1000, seed: 5 },
  );
});
