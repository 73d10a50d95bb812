import { distance } from 'fastest-levenshtein';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closestTexts } from '#dist/core/store/closest-texts.js';
import { closestTo } from '#dist/cli/terminal/closest.js';
import { editDistance, nearestWord } from '#dist/core/edit-distance.js';

const closest = (query: string, texts: readonly string[]) =>
  closestTexts(query, (visit) => {
    texts.forEach((text, row) => {
      const bytes = Buffer.from(text);
      visit(row, bytes, 0, bytes.length);
    });
  });

test('edit distance is Levenshtein’s', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é'), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(editDistance(a, b)).toBe(distance(a, b));
    }),
  );
});

describe('the closest texts', () => {
  test('begin with the text itself, whatever its case', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', ' ', 'é'),
      minLength: 3,
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 100 }), fc.nat(), (texts, pick) => {
        const wanted = texts[pick % texts.length]!;
        const found = closest(wanted.toUpperCase(), texts);
        expect(found[0]?.likeness).toBeGreaterThanOrEqual(1);
        expect(found.some(({ text, likeness }) => text === wanted && likeness >= 1)).toBe(true);
      }),
    );
  });

  test('survive one typing error anywhere, among thousands', () => {
    const texts = Array.from(
      { length: 5000 },
      (_, row) => `song number ${row * 37} of ${(row * 7919) % 1000}`,
    );
    const wanted = 4321;
    for (let at = 0; at < texts[wanted]!.length; at++) {
      const typed = `${texts[wanted]!.slice(0, at)}x${texts[wanted]!.slice(at + 1)}`;
      expect([
        at,
        closest(typed, texts)
          .map(({ row }) => row)
          .includes(wanted),
      ]).toEqual([at, true]);
    }
  });

  test('of equals are the lower rows, five at most', () => {
    const texts = Array.from({ length: 2000 }, () => 'the same');
    expect(closest('the sane', texts).map(({ row }) => row)).toEqual([0, 1, 2, 3, 4]);
  });

  test('are found for short names', () => {
    expect(closest('u3', ['abba', 'u2', 'rem']).map(({ text }) => text)).toEqual(['u2']);
    expect(closest('aba', ['abba', 'u2', 'rem']).map(({ text }) => text)).toEqual(['abba']);
  });

  test('are none where nothing is alike', () => {
    expect(closest('quartz', ['abba', 'u2', 'rem', ''])).toEqual([]);
    expect(closest('', ['', 'a'])).toEqual([]);
  });

  test('of a number are the same number and what else holds it, not numbers of the same digits', () => {
    const texts = ['199', '299', '999', '99990', '9998', '0009999', 'track 9999', 'song 999', 'x9999'];
    expect(closest('9999', texts).map(({ text }) => text)).toEqual(['0009999', 'x9999', 'track 9999']);
    expect(closest('42', ['43', '142'])).toEqual([]);
    expect(closest('Symphony 9', ['Symphony 8', '9']).map(({ text }) => text)).toContain('Symphony 8');
  });

  test('are found among names of a megabyte, and for one', () => {
    const long = 'another word and '.repeat(60_000);
    const texts = [...Array.from({ length: 8 }, (_, n) => `${n} ${long}`), 'another word'];
    expect(closest('another wort', texts)[0]?.text).toBe('another word');
    expect(closest(long, texts).length).toBeGreaterThan(0);
  });
});

test.each([
  ['trian', 'train'],
  ['artsit', 'artist'],
  ['ab', 'ba'],
  ['niart', undefined],
  ['t', undefined],
  ['', undefined],
])('the nearest word to %j, with a slip of the fingers as one edit, is %s', (word, near) => {
  expect(nearestWord(word, ['train', 'artist', 'ba', 'x'])).toBe(near);
  expect(closestTo(word, ['train', 'artist', 'ba', 'x'])).toEqual(near === undefined ? [] : [near]);
});

test('the nearest word to a text of a megabyte is none', () => {
  const word = 'w'.repeat(1_000_000);
  expect(nearestWord(word, [word])).toBeUndefined();
  expect(nearestWord('epoch', ['epochs', word])).toBe('epochs');
  expect(closestTo(word, [word])).toEqual([]);
});
