import { describe, expect, it } from 'vitest';
import * as everywhere from '#dist/core/number-text.js';
import { ago, minute, ordinal, percent, plural, score } from '../../src/web/parts/numbers.js';
import { words as typed } from '../helpers/words.js';

describe('numbers', () => {
  it('have the digits that say something', () => {
    expect([0.85763, 0.01096, 0.00586, 0.000012, 1, 12.345, 1793.6, -0.25, 0].map(score)).toEqual([
      ...['0.858', '0.0110', '0.00586', '1.20e-5', '1.00', '12.3', '1,794', '-0.250', '0.00'],
    ]);
    expect([0, 0.0216, 0.989, 1].map(percent)).toEqual(['0 %', '2.2 %', '98.9 %', '100 %']);
  });

  it('are those of the command line and of reports', () => {
    for (const value of [0, 0.0216, 0.934, 1])
      expect([percent(value), plural(value, 'play')]).toEqual([
        everywhere.percent(value),
        everywhere.counted(value, 'play'),
      ]);
  });

  it('agree with their words', () => {
    expect([plural(1, 'play'), plural(2221, 'play')]).toEqual(['1 play', '2,221 plays']);
    expect([1, 2, 3, 4, 11, 22, 113].map(ordinal)).toEqual(typed`1st 2nd 3rd 4th 11th 22nd 113th`);
  });

  it('say times', () => {
    expect(minute('2014-06-16T23:59:15.000Z')).toBe('2014-06-16 23:59');
    const now = Date.parse('2026-01-02T00:00:00Z');
    expect(
      ['2026-01-01T23:59:30Z', '2026-01-01T23:00:00Z', '2025-12-30T00:00:00Z'].map((at) => ago(at, now)),
    ).toEqual([...['just now', '1 h ago', '3 d ago']]);
  });
});
