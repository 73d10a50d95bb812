import { expect, it } from 'vitest';
import { parseDuration } from '#dist/core/numeric/duration.js';

it.each([
  ['90s', 90_000],
  ['1.5m', 90_000],
  ['12h', 43_200_000],
  ['1d', 86_400_000],
  ['2w', 1_209_600_000],
])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

it.each(['', '5', 'd', '-1d', '1y', '1 d', '1d ', 'NaNd', '1e3s'])('takes %j for no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
  expect(parseDuration(text, true)).toBeUndefined();
});

it('takes 0 only where none is an answer', () => {
  expect(parseDuration('0d')).toBeUndefined();
  expect(parseDuration('0d', true)).toBe(0);
});
