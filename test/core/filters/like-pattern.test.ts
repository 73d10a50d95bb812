import { expect, it } from 'vitest';
import { likeMatcher, textWithin } from '#dist/core/filters/like-pattern.js';
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
])('%s like %s: %s', (text, pattern, wanted) => {
  expect(like(text, pattern)).toBe(wanted);
});

it('finds text within text as it is, wildcards too', () => {
  expect(like('it is 100% \\_pure_', textWithin('100% \\_PURE'))).toBe(true);
  expect(like('it is 1000 pure', textWithin('100%'))).toBe(false);
});

it('goes through hostile patterns in the time of their product at most', () => {
  expect(like('a'.repeat(2000), `${'%a'.repeat(500)}%b`)).toBe(false);
});
