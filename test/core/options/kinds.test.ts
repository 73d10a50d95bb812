import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import {
  checkOptions,
  choice,
  flag,
  modelValues,
  moment,
  number,
  or,
  required,
  text,
  texts,
  wholeNumber,
} from '#dist/core/options/kinds.js';

const shape = {
  name: required(text),
  k: or(wholeNumber({ min: 1, max: 100 }), 10),
  share: number({ min: 0 }),
  isDry: or(flag, false),
  items: or(texts, []),
  kind: choice('item', 'artist'),
  at: moment,
  options: or(modelValues, {}),
};

const check = (given: unknown): unknown => checkOptions<object>(shape, given, 'play');

function refusal(given: unknown): AppError {
  try {
    check(given);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('options', () => {
  it('that are not given are what they are by default; others are not there', () => {
    const whole = { name: 'x', k: 10, isDry: false, items: [], options: {} };
    expect(check({ name: 'x' })).toEqual(whole);
    expect(check({ name: 'x', k: undefined, share: undefined })).toEqual({ ...whole, share: undefined });
  });

  it('that are given stay what they are', () => {
    const given = {
      name: 'x',
      k: 100,
      share: 0.5,
      isDry: true,
      items: ['a'],
      kind: 'artist',
      at: new Date(0),
    };
    expect(check(given)).toEqual({ ...given, options: {} });
  });

  it.each([
    [{ name: 3 }, '`name` 3: wanted a text'],
    [{ name: '' }, '`name` is empty: wanted a text'],
    [{ name: null }, '`name` null: wanted a text'],
    [{ name: 'x', k: '10' }, '`k` "10": wanted a whole number from 1 to 100'],
    [{ name: 'x', k: 1.5 }, '`k` 1.5: wanted a whole number from 1 to 100'],
    [{ name: 'x', k: 101 }, '`k` 101: wanted a whole number from 1 to 100'],
    [{ name: 'x', k: 10n }, '`k` 10n: wanted a whole number from 1 to 100'],
    [{ name: 'x', share: NaN }, '`share` NaN: wanted a number of at least 0'],
    [{ name: 'x', isDry: 'no' }, '`isDry` "no": wanted true or false'],
    [{ name: 'x', items: 'a' }, '`items` "a": wanted a list of texts'],
    [{ name: 'x', items: ['a', 1] }, "`items` [ 'a', 1 ]: wanted a list of texts"],
    [{ name: 'x', kind: 'song' }, '`kind` "song": wanted item, artist'],
    [{ name: 'x', at: '2014-06-16' }, '`at` "2014-06-16": wanted a Date'],
    [
      { name: 'x', options: { factors: [8] } },
      '`options` { factors: [ 8 ] }: wanted an object of texts and numbers by name, such as { factors: 32 }',
    ],
    [{}, '`name` is missing, which play needs: wanted a text'],
    [undefined, '`name` is missing, which play needs: wanted a text'],
    [null, 'the options of play null: wanted an object'],
    ['x', 'the options of play "x": wanted an object'],
  ])('of %o are refused, with what was got and wanted', (given, message) => {
    const { code, message: said } = refusal(given);
    expect([code, said]).toEqual(['bad-usage', message]);
  });

  it('that there are not are refused, with the one that was meant', () => {
    expect(refusal({ name: 'x', itmes: [] })).toMatchObject({
      message: 'play has no option `itmes`',
      suggestions: ['did you mean `items`?'],
      details: { option: 'itmes' },
    });
    expect(refusal({ name: 'x', constructor: 1 }).suggestions[0]).toMatch(/^its options are `name`, `k`,/);
    expect(refusal(JSON.parse('{ "name": "x", "__proto__": 1 }')).message).toContain('`__proto__`');
  });

  it('of models are read as either way names them', () => {
    expect(check({ name: 'x', options: { cgSteps: 3, 'half-life': '30d' } })).toMatchObject({
      options: { 'cg-steps': 3, 'half-life': '30d' },
    });
  });
});
