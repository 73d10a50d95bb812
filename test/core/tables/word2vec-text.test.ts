import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeWord, f32Text, unescapeWord } from '#dist/core/tables/word2vec-text.js';
import { anyCharacter } from '../../helpers/any-character.js';

/** Every f32 there is, but NaN and the infinities. */
const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('a number in word2vec text', () => {
  test('gives its f32 back, to the bit, in 22 characters at most', () => {
    fc.assert(
      fc.property(float32, (value) => {
        const text = f32Text(value);
        expect(Object.is(Math.fround(Number(text)), value)).toBe(true);
        expect(text.length).toBeLessThanOrEqual(22);
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [0.1, '0.1'],
    [-12345.678, '-12345.678'],
    [2 ** -149, '1.40129846e-45'],
    [3.4028234663852886e38, '3.40282347e+38'],
    [16777216, '16777216'],
  ])('is written as people would: %d', (value, text) => {
    const f32 = Math.fround(value);
    expect(f32Text(f32)).toBe(text);
  });
});

describe('an id in word2vec text', () => {
  test('has no white space, no control character, and is the same read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, minLength: 1 }), (text) => {
        const id = Buffer.from(text).toString();
        const word = escapeWord(id);
        expect(word).not.toMatch(/[\s\p{Cc}]/u);
        expect(unescapeWord(word)).toBe(id);
      }),
      { numRuns: 200 },
    );
  });

  test('is left as it is wherever that can be', () => {
    for (const id of ['Beyoncé', 'AC/DC', '"quoted"', 'naïve-ünicode_\u{1f3b8}'])
      expect(escapeWord(id)).toBe(id);
    expect(escapeWord('100% of\nit')).toBe('100%25%20of%0Ait');
  });

  test('of another writer may hold a percent sign', () => {
    for (const word of ['100%', '50%off', '%41%zz', '%E4%BD%A0', '%2f'])
      expect(unescapeWord(word)).toBe(word);
  });
});
