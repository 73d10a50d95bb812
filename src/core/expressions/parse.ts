import { AppError } from '../errors.js';
import { parse, SyntaxError } from './expression-grammar.js';
import { namesOf, startOf, type Expression, type Predicate } from './tree.js';

/** Nobody writes more; what a machine writes is a list (--only). */
const mostCharacters = 100_000;

/** Where in a text something is wrong, for whoever draws it: `details.pointer` of an error. */
export interface Pointer {
  readonly text: string;
  /** In UTF-16 units, 0 … text.length. */
  readonly at: number;
}

/**
 * The tree of a predicate. AppError 'bad-usage' for text that is none, with the character at fault, what stands there and
 * what was wanted. Peggy's parsers look back only over single words and parentheses, so the cost is O(text × depth).
 * @param what names the text in errors, such as '--where'
 */
export function parsePredicate(text: string, what: string): Predicate {
  const predicate = parsed(text, what, () => parse(text, { startRule: 'Predicate' }));
  requireColumns(predicate, text, what);
  return predicate;
}

/** What compares nothing but texts and numbers was meant otherwise. */
function requireColumns(predicate: Predicate, text: string, what: string): void {
  if ('parts' in predicate) for (const part of predicate.parts) requireColumns(part, text, what);
  else if ('part' in predicate) requireColumns(predicate.part, text, what);
  else if (namesOf(predicate).length === 0)
    throw expressionError(what, text, startOf(predicate.of), 'this compares no column', [
      'write the name of a column without quotes, or in backticks: `release year`',
    ]);
}

/** The tree of a value, such as `ms_played / 1000`. As `parsePredicate`. */
export function parseExpression(text: string, what: string): Expression {
  return parsed(text, what, () => parse(text, { startRule: 'Value' }));
}

function parsed<T>(text: string, what: string, parseText: () => T): T {
  if (text.length > mostCharacters) {
    throw new AppError(
      'bad-usage',
      `${what} has ${text.length} characters, ${mostCharacters} at most are read`,
      {
        suggestions: ['put a long list of items into a file: `only` FILE'],
      },
    );
  }
  try {
    return parseText();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { offset } = error.location.start;
    if (error.expected === null) throw expressionError(what, text, offset, error.message);
    const wanted = wantedOf(error.expected);
    throw expressionError(
      what,
      text,
      offset,
      `got ${foundAt(text, offset)}, wanted ${inWords(wanted)}`,
      hintsFor(text, offset, wanted),
    );
  }
}

/** 'bad-usage' about a character of a predicate or an expression. */
export function expressionError(
  what: string,
  text: string,
  at: number,
  problem: string,
  suggestions: readonly string[] = [],
): AppError {
  const pointer: Pointer = { text, at };
  const character = Array.from(text.slice(0, at)).length + 1;
  return new AppError('bad-usage', `${what}, character ${character}: ${problem}`, {
    suggestions,
    details: { pointer },
  });
}

const comparisons = ['=', '!=', '<', '<=', '>', '>='];
/** What the grammar takes without anybody having to know it. */
const unsaid = ['==', '<>'];
/** May follow wherever a value ends, or begin one. */
const ending = ['an operation (+ - * /)', '-', '.'];

/** What would have been right, each once: what has a name of its own first, then signs and words. */
function wantedOf(expected: NonNullable<SyntaxError['expected']>): string[] {
  const words = expected.map(({ type, text, description }) =>
    type === 'end' ? 'the end' : signInWords((type === 'literal' ? text : description) ?? ''),
  );
  const others = words.filter((word) => word !== '' && !comparisons.includes(word) && !unsaid.includes(word));
  const [phrases, single] = [
    others.filter((word) => word.includes(' ')),
    others.filter((word) => !word.includes(' ')),
  ];
  const wanted = [...new Set([...phrases, ...(words.includes('=') ? comparisons : []), ...single])];
  const rest = wanted.filter((word) => !ending.includes(word));
  return rest.length === 1 && rest[0] === 'the end' ? wanted.slice(0, 2) : rest;
}

/** Signs and words of the grammar in quotes, where they would read as words or marks of the message. */
function signInWords(sign: string): string {
  return /^(?:[a-z]+|[(),])$/.test(sign) ? `"${sign}"` : sign;
}

function inWords(wanted: readonly string[]): string {
  return wanted.length < 2
    ? (wanted[0] ?? 'nothing')
    : `${wanted.slice(0, -1).join(', ')} or ${wanted.at(-1)}`;
}

/** The word or the character there. */
function foundAt(text: string, at: number): string {
  const rest = text.slice(at, at + 40);
  const found = /^(?:[\p{L}\p{M}\p{N}_]+|[^]?)/u.exec(rest)?.[0] ?? '';
  return found === '' ? 'the end' : JSON.stringify(found);
}

function hintsFor(text: string, at: number, wanted: readonly string[]): string[] {
  const rest = text.slice(at);
  if (wanted.includes('a number')) {
    if (/^null\b/i.test(rest)) return ['to test for a missing value: is null, is not null'];
  }
  if (wanted.includes('~') && /^(?:contains|includes|has|matches|regexp)\b/i.test(rest)) {
    return ['a part of a text is found by ~, in any case: genre ~ "rock"'];
  }
  if (rest.startsWith('/') && wanted.includes('a text in quotes')) {
    return ['a text stands in quotes; patterns are those of: like "%rock%"'];
  }
  if (rest.startsWith('&&')) return ['conditions are joined by: and'];
  if (rest.startsWith('||') && wanted.includes('~')) return ['texts are joined by: +'];
  if (rest.startsWith('||')) return ['conditions are joined by: or'];
  if (rest.startsWith('!')) return ['a condition is negated by: not'];
  return [];
}
