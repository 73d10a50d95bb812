import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { parsePredicate } from '#dist/core/query/filters/parse-predicate.js';
import { printPredicate } from '#dist/core/query/filters/predicate.js';
import { predicates, withoutPlaces } from '../../../helpers/predicates.js';
import { words as typed } from '../../../helpers/words.js';

const parse = (text: string) => parsePredicate(text, '--where');
/** As it was understood: printing shows what belongs together. */
const understood = (text: string): string => printPredicate(parse(text));

function failure(text: string): AppError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`${text} parses`);
}

describe('a predicate', () => {
  it.each([
    ['released >= 1975 and artist != "Eagles"', 'released >= 1975 and artist != "Eagles"'],
    ['a=1 or b=2 and c=3', 'a = 1 or b = 2 and c = 3'],
    ['(a=1 or b=2) and c=3', '(a = 1 or b = 2) and c = 3'],
    ['((a=1)) and (b=2 and (c=3))', 'a = 1 and b = 2 and c = 3'],
    ['not a=1 and b=2', 'not a = 1 and b = 2'],
    ['not (a=1 and b=2)', 'not (a = 1 and b = 2)'],
    ['NOT NOT a IN (1,-2, .5)', 'a in (1, -2, 0.5)'],
    ['not a not in (1)', 'a in (1)'],
    ['not a in (1)', 'a not in (1)'],
    ['a not between 1e3 and +2.5E-1', 'a not between 1000 and 0.25'],
    ["a ~ 'it''s'", undefined],
    [String.raw`a ~ 'it\'s' and b !~ "\"\\\n\u00e9"`, String.raw`a ~ "it's" and b !~ "\"\\\né"`],
    ['a like "The %" or a not like "_b%"', 'a like "The %" or a not like "_b%"'],
    ['a is null or not a is not null', 'a is null or a is null'],
    ['`release year` <> 1 and `a``b` == 2 and `and` = 3', '`release year` != 1 and `a``b` = 2 and `and` = 3'],
    ['\n Année\t>\r\n1\u00a0', 'Année > 1'],
    ['android = 1 and ordinal = 2 and inner = 3', 'android = 1 and ordinal = 2 and inner = 3'],
  ])('%s', (text, wanted) => {
    if (wanted === undefined) expect(failure(text).code).toBe('bad-usage');
    else expect(understood(text)).toBe(wanted);
  });

  it('printed and parsed again is the same', () => {
    const shape = {
      texts: ['artist', 'release date', '`', 'not', 'Ünï_1'],
      numbers: ['count', '1st', 'a"b'],
      text: fc.string({ unit: 'binary', maxLength: 6 }),
      number: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    };
    fc.assert(
      fc.property(predicates(shape), (predicate) => {
        const text = printPredicate(predicate);
        expect(withoutPlaces(parse(text))).toEqual(withoutPlaces(predicate));
        expect(understood(text)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });
});

describe('text that is no predicate', () => {
  it.each([
    ['', 1, 'got the end, wanted the name of a column, "not" or "("'],
    ['released', 9, 'got the end, wanted =, !=, <, <=, >, >=, ~, !~, "is", "not", "in", "between" or "like"'],
    ['released >= and x = 1', 13, 'got "and", wanted a text in quotes or a number'],
    ['a = 1 b = 2', 7, 'got "b", wanted the end, "and" or "or"'],
    ['a = 1975s', 5, 'got "1975s", wanted a text in quotes or a number'],
    ['a in ()', 7, 'got ")", wanted a text in quotes or a number'],
    ['(a = 1', 7, 'got the end, wanted "and", "or" or ")"'],
    ['a ~ 5', 5, 'got "5", wanted a text in quotes'],
    ['and = 1', 1, 'got "and", wanted the name of a column, "not" or "("'],
    ['a = "x', 5, 'a text begins here and has no closing quote'],
    [String.raw`a = "\x"`, 6, String.raw`\x is no escape: \" \' \\ \n \r \t and \u0041 are`],
    ['a = 1e999', 5, '1e999 is too large a number'],
    ['😀 = 1', 1, 'got "😀", wanted the name of a column, "not" or "("'],
    ['a = "😀" x', 9, 'got "x", wanted the end, "and" or "or"'],
    [`${'('.repeat(101)}a = 1`, 101, 'it is nested more than 100 deep'],
  ])('%s: says where, what is there and what was wanted', (text, character, problem) => {
    const error = failure(text);
    expect([error.code, error.message]).toEqual(['bad-usage', `--where, character ${character}: ${problem}`]);
    expect(error.details).toMatchObject({ pointer: { text } });
  });

  it.each([
    ['artist = Eagles', 'a text stands in quotes: "Eagles"'],
    ['genre contains "rock"', 'a part of a text is found by ~, in any case: genre ~ "rock"'],
    ['genre ~ /rock/', 'a text stands in quotes; patterns are those of: like "%rock%"'],
    ['artist = null', 'to test for a missing value: is null, is not null'],
    ['a = 1 && b = 2', 'conditions are joined by: and'],
    ['a = 1 || b = 2', 'conditions are joined by: or'],
    ['!(a = 1)', 'a condition is negated by: not'],
    ['"a" = 1', 'write the name of a column without quotes, or in backticks: `release year`'],
  ])('%s: knows what was meant', (text, hint) => expect(failure(text).suggestions).toEqual([hint]));

  it('is never more than bad usage, whatever it is', () => {
    const words = typed`and or not in between is null like a ${'`'} " ' ${'\\'} ( )`;
    const signs = ['=', '!=', '~', ',', '1', '-', '.5', 'e9', ' ', '\n', '😀', '\ud800', '\0', 'é'];
    const scraps = fc
      .array(fc.constantFrom(...words, ...signs), { maxLength: 40 })
      .map((parts) => parts.join(''));
    const check = (text: string): void => {
      try {
        printPredicate(parse(text));
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-usage', exitCode: 2 });
      }
    };
    fc.assert(fc.property(scraps, check), { numRuns: 1500 });
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), check), { numRuns: 1000 });
    for (const text of ['(', 'not ', 'a = 1 and ', 'a = "', '`a` in (1, ']) check(text.repeat(8000));
    check('a'.repeat(100_001));
    expect(understood('a = 1 or '.repeat(9000) + 'b = 2')).toHaveLength(9 * 9000 + 5);
  });
});
