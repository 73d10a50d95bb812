import { describe, expect, it } from 'vitest';
import { parseComparison } from '#dist/core/comparison/number-condition.js';
import { words } from '../../helpers/words.js';

describe('parseComparison', () => {
  it.each([
    ['recall@10>=0.95', 'recall@10', '>=0.95', 0.95, true],
    ['recall@10>=0.95', 'recall@10', '>=0.95', 0.949, false],
    ['loss<=1e-3', 'loss', '<=1e-3', 0.001, true],
    ['loss<.5', 'loss', '<.5', 0.5, false],
    ['items > 2.', 'items', '>2.', 3, true],
    [' change>=-0.5 ', 'change', '>=-0.5', -0.6, false],
    ['x<+1', 'x', '<+1', 0, true],
  ])('reads %j', (text, name, condition, value, holds) => {
    const comparison = parseComparison(text, '--require');
    expect(comparison).toMatchObject({ name, condition });
    expect(comparison.holds(value)).toBe(holds);
  });

  it('never holds for NaN', () => {
    for (const sign of ['>=', '<=', '>', '<']) {
      expect(parseComparison(`x${sign}0`, '--require').holds(NaN)).toBe(false);
    }
  });

  it.each(words`${''} loss loss=1 loss==1 >=1 loss>= loss>=x loss>=1x loss>=NaN loss>=0x10 1>=loss
    a>=1>=2 ${'a\n>=1;b'}`)('refuses %j and shows what is wanted', (text) => {
    expect(() => parseComparison(text, '--fail-on')).toThrow(
      expect.objectContaining({
        code: 'bad-usage',
        message: expect.stringContaining(
          `--fail-on ${JSON.stringify(text)} is not a comparison: wanted NAME>=NUMBER`,
        ),
      }) as Error,
    );
  });
});
