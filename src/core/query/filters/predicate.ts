/** What a predicate says: the tree that predicate.peggy makes of its text, and the text that a tree has. */

/** A column, or a value to compare with; `at` is where it stands in the text, in UTF-16 units. */
export interface ColumnName {
  readonly name: string;
  readonly at: number;
}
export interface Literal {
  readonly value: string | number;
  readonly at: number;
}
export interface TextLiteral extends Literal {
  readonly value: string;
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** One test of one column. */
export type Test =
  | { readonly op: 'compare'; readonly column: ColumnName; readonly by: Comparison; readonly value: Literal }
  | { readonly op: 'in'; readonly column: ColumnName; readonly values: readonly Literal[] }
  | { readonly op: 'between'; readonly column: ColumnName; readonly least: Literal; readonly most: Literal }
  /** Holds the text somewhere, in any case. */
  | { readonly op: 'contains'; readonly column: ColumnName; readonly text: TextLiteral }
  /** As a whole, in any case: % is any text, _ any one character. */
  | { readonly op: 'like'; readonly column: ColumnName; readonly pattern: TextLiteral }
  | { readonly op: 'missing'; readonly column: ColumnName };

/** No part of `and` is an `and`, none of `or` an `or`, that of `not` no `not`. */
export type Predicate =
  | Test
  | { readonly op: 'and' | 'or'; readonly parts: readonly Predicate[] }
  | { readonly op: 'not'; readonly part: Predicate };

export function visitTests(predicate: Predicate, visit: (test: Test) => void): void {
  switch (predicate.op) {
    case 'and':
    case 'or':
      for (const part of predicate.parts) visitTests(part, visit);
      return;
    case 'not':
      visitTests(predicate.part, visit);
      return;
    default:
      visit(predicate);
  }
}

/** The text of a predicate, with no more parentheses than it needs; parsed, it gives the same tree but for places. */
export function printPredicate(predicate: Predicate): string {
  switch (predicate.op) {
    case 'or':
      return predicate.parts.map(printPredicate).join(' or ');
    case 'and':
      return predicate.parts.map((part) => printWithin(part, 'or')).join(' and ');
    case 'not':
      return printNegation(predicate.part);
    default:
      return `${printName(predicate.column.name)} ${printTest(predicate, '')}`;
  }
}

function printWithin(part: Predicate, ...looser: readonly string[]): string {
  return looser.includes(part.op) ? `(${printPredicate(part)})` : printPredicate(part);
}

function printNegation(part: Predicate): string {
  switch (part.op) {
    case 'in':
    case 'between':
    case 'like':
    case 'missing':
    case 'contains':
      return `${printName(part.column.name)} ${printTest(part, 'not ')}`;
    default:
      return `not ${printWithin(part, 'or', 'and')}`;
  }
}

function printTest(test: Test, not: '' | 'not '): string {
  switch (test.op) {
    case 'compare':
      return `${test.by} ${printValue(test.value)}`;
    case 'in':
      return `${not}in (${test.values.map(printValue).join(', ')})`;
    case 'between':
      return `${not}between ${printValue(test.least)} and ${printValue(test.most)}`;
    case 'contains':
      return `${not === '' ? '' : '!'}~ ${printValue(test.text)}`;
    case 'like':
      return `${not}like ${printValue(test.pattern)}`;
    case 'missing':
      return `is ${not}null`;
  }
}

function printValue({ value }: Literal): string {
  if (typeof value === 'number') return String(value);
  const escaped = value.replace(/["\\\n\r\t]/g, (character) => escapes.get(character) ?? character);
  return `"${escaped}"`;
}

const escapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

const plainName = /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u;

/** Whether a word of the grammar, in any case: a column of that name stands in backticks. */
export function isReserved(word: string): boolean {
  return /^(?:and|or|not|in|between|like|is|null)$/i.test(word);
}

/** A column's name as a predicate writes it: in backticks where it is no plain word. */
export function printName(name: string): string {
  return plainName.test(name) && !isReserved(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}
