import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { parseExpression, parsePredicate } from '#dist/core/expressions/parse.js';
import { namesOf, printExpression, printPredicate } from '#dist/core/expressions/tree.js';
import { anyCharacter } from '../../helpers/any-character.js';
import { expressions, predicates, withoutPlaces } from '../../helpers/predicates.js';
import { words as typed } from '../../helpers/words.js';

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
    ['a-b>-1 and a -1 = 2', 'a - b > -1 and a - 1 = 2'],
    ['a*b/c-d+-e>=- 2*-(f)', 'a * b / c - d + -e >= -2 * -f'],
    [
      'a - (b - c) = (a - b) - c and (a + b) * -(c / (d * e)) > 0',
      'a - (b - c) = a - b - c and (a + b) * -(c / (d * e)) > 0',
    ],
    ['((a + b) > 1 and ((a))*2 < (3))', 'a + b > 1 and a * 2 < 3'],
    ["artist+' '+title = 'x' and 'me' in (user, b)", 'artist + " " + title = "x" and "me" in (user, b)'],
    [
      'track.artist.`full name` = "x" and a.not.`b.c`=1',
      'track.artist.`full name` = "x" and a.`not`.`b.c` = 1',
    ],
    [
      'a + 1 not between b - 1 and b*2 and a+b is not null',
      'a + 1 not between b - 1 and b * 2 and a + b is not null',
    ],
    [
      'a = 9007199254740992 and a < 1e21 and a > 1.5e20',
      'a = 9007199254740992 and a < 1e+21 and a > 150000000000000000000',
    ],
    ['android = 1 and ordinal = 2 and inner = 3', 'android = 1 and ordinal = 2 and inner = 3'],
  ])('%s', (text, wanted) => {
    if (wanted === undefined) expect(failure(text).code).toBe('bad-usage');
    else expect(understood(text)).toBe(wanted);
  });

  it('printed and parsed again is the same', () => {
    const shape = {
      texts: [['artist'], ['release date'], ['`'], ['not'], ['Ünï_1'], ['track', 'artist.name', 'or']],
      numbers: [['count'], ['1st'], ['a"b'], ['a', 'b', 'c']],
      text: fc.string({ unit: anyCharacter, maxLength: 6 }),
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
    const { texts, numbers } = expressions(shape);
    fc.assert(
      fc.property(fc.oneof(texts, numbers), (value) => {
        const again = parseExpression(printExpression(value), 'it');
        expect(withoutPlaces(again)).toEqual(withoutPlaces(value));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a value', () => {
  it.each([
    [' ms_played / 1000 ', 'ms_played / 1000'],
    ['track.artist_name + track.name', 'track.artist_name + track.name'],
    ["'me'", '"me"'],
    ['(((1)))', '1'],
  ])('%s', (text, wanted) => expect(printExpression(parseExpression(text, 'it'))).toBe(wanted));

  it('says which columns it reads, each once', () => {
    const names = (tree: Parameters<typeof namesOf>[0]): string[] =>
      namesOf(tree).map(({ parts }) => parts.join('|'));
    expect(names(parseExpression('-(b + a.`c.d`) * b / 2', 'it'))).toEqual(['b', 'a|c.d']);
    expect(names(parse('not (a = b or 1 < c) and d in (e, f + 1) and g ~ "x" and h is null'))).toEqual([
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    ]);
  });

  it.each([
    ['a >= 1', 3, 'got ">", wanted an operation (+ - * /) or the end'],
    ['', 1, 'got the end, wanted a number, a text in quotes, the name of a column or "("'],
    ['a +', 4, 'got the end, wanted a number, a text in quotes, the name of a column or "("'],
    ['a b', 3, 'got "b", wanted an operation (+ - * /) or the end'],
    ['a. b', 3, 'got " ", wanted the name of a part'],
    [`${'-'.repeat(101)}a`, 101, 'it is nested more than 100 deep'],
    [`a${' + a'.repeat(1001)}`, 1, 'it has more than 1000 operations'],
  ])('%s is none', (text, character, problem) => {
    expect(() => parseExpression(text, 'it')).toThrow(`it, character ${character}: ${problem}`);
  });
});

describe('text that is no predicate', () => {
  it.each([
    ['', 1, 'got the end, wanted a number, a text in quotes, the name of a column, "not" or "("'],
    ['released', 9, 'got the end, wanted =, !=, <, <=, >, >=, ~, !~, "is", "not", "in", "between" or "like"'],
    [
      'released >= and x = 1',
      13,
      'got "and", wanted a number, a text in quotes, the name of a column or "("',
    ],
    ['a = 1 b = 2', 7, 'got "b", wanted the end, "and" or "or"'],
    ['a = 1975s', 5, 'got "1975s", wanted a number, a text in quotes, the name of a column or "("'],
    ['a in ()', 7, 'got ")", wanted a number, a text in quotes, the name of a column or "("'],
    ['(a = 1', 7, 'got the end, wanted "and", "or" or ")"'],
    ['a ~ 5', 5, 'got "5", wanted a text in quotes'],
    ['and = 1', 1, 'got "and", wanted a number, a text in quotes, the name of a column, "not" or "("'],
    ['a = "x', 5, 'a text begins here and has no closing quote'],
    [String.raw`a = "\x"`, 6, String.raw`\x is no escape: \" \' \\ \n \r \t and \u0041 are`],
    ['a + "b', 5, 'a text begins here and has no closing quote'],
    ['b = 1 or "a" = 1', 10, 'this compares no column'],
    [
      'a = 9007199254740993',
      5,
      '9007199254740993 is no number that is kept exactly: beyond 2^53 they are rounded',
    ],
    ['a + b', 6, 'got the end, wanted =, !=, <, <=, >, >=, ~, !~, "is", "not", "in", "between" or "like"'],
    [
      '(a + b',
      7,
      'got the end, wanted =, !=, <, <=, >, >=, ~, !~, "is", "not", "in", "between", "like" or ")"',
    ],
    ['a = 1e999', 5, '1e999 is too large a number'],
    ['😀 = 1', 1, 'got "😀", wanted a number, a text in quotes, the name of a column, "not" or "("'],
    ['a = "😀" x', 9, 'got "x", wanted the end, "and" or "or"'],
    [`${'('.repeat(101)}a = 1`, 101, 'it is nested more than 100 deep'],
  ])('%s: says where, what is there and what was wanted', (text, character, problem) => {
    const error = failure(text);
    expect([error.code, error.message]).toEqual(['bad-usage', `--where, character ${character}: ${problem}`]);
    expect(error.details).toMatchObject({ pointer: { text } });
  });

  it.each([
    ['artist || title = "x"', 'texts are joined by: +'],
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
    const signs = [
      '=',
      '!=',
      '~',
      ',',
      '1',
      '-',
      '+',
      '*',
      '/',
      '.',
      '.5',
      'e9',
      ' ',
      '\n',
      '😀',
      '\ud800',
      '\0',
      'é',
    ];
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
    fc.assert(fc.property(fc.string({ unit: anyCharacter, maxLength: 60 }), check), { numRuns: 1000 });
    for (const text of ['(', '-', 'a-', 'a+(', '(a)*', 'a.', 'not ', 'a = 1 and ', 'a = "', '`a` in (1, '])
      check(text.repeat(8000));
    check('a'.repeat(100_001));
    expect(understood('a = 1 or '.repeat(9000) + 'b = 2')).toHaveLength(9 * 9000 + 5);
  });
});
