/** What expressions and predicates say: the trees that expression.peggy makes of their texts, and the texts that trees have. */

/** A column, or a part of one that is a struct: `track.artist.name`. `at` is where it stands in the text, in UTF-16 units. */
export interface Name {
  readonly op: 'name';
  readonly parts: readonly string[];
  readonly at: number;
}
export interface Literal {
  readonly op: 'value';
  readonly value: string | number;
  readonly at: number;
}
export interface TextLiteral extends Literal {
  readonly value: string;
}

export type Sign = '+' | '-' | '*' | '/';

/** A value of each row: numbers are calculated with, texts are joined by +. `at` of an operation is its sign's. */
export type Expression =
  | Name
  | Literal
  | { readonly op: Sign; readonly left: Expression; readonly right: Expression; readonly at: number }
  /** Never of a number as it is written, which has its own sign. */
  | { readonly op: 'negative'; readonly of: Expression; readonly at: number };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** One test of one value. */
export type Test = { readonly of: Expression } & (
  | { readonly op: 'compare'; readonly by: Comparison; readonly value: Expression }
  | { readonly op: 'in'; readonly values: readonly Expression[] }
  | { readonly op: 'between'; readonly least: Expression; readonly most: Expression }
  /** Holds the text somewhere, in any case. */
  | { readonly op: 'contains'; readonly text: TextLiteral }
  /** As a whole, in any case: % is any text, _ any one character. */
  | { readonly op: 'like'; readonly pattern: TextLiteral }
  | { readonly op: 'missing' }
);

/** No part of `and` is an `and`, none of `or` an `or`, that of `not` no `not`. */
export type Predicate =
  | Test
  | { readonly op: 'and' | 'or'; readonly parts: readonly Predicate[] }
  | { readonly op: 'not'; readonly part: Predicate };

/** What a test compares with; nothing where it looks into texts, or for values that are missing. */
export function comparedWith(test: Test): readonly Expression[] {
  switch (test.op) {
    case 'compare':
      return [test.value];
    case 'in':
      return test.values;
    case 'between':
      return [test.least, test.most];
    default:
      return [];
  }
}

/** The columns that an expression or a predicate reads, each once, as it names them, in the order in which it does. */
export function namesOf(tree: Expression | Predicate): Name[] {
  const found = new Map<string, Name>();
  const visit = (part: Expression | Predicate): void => {
    if (part.op === 'name') found.set(printName(part), found.get(printName(part)) ?? part);
    else if ('parts' in part) part.parts.forEach(visit);
    else if ('part' in part) visit(part.part);
    else if ('left' in part) [part.left, part.right].forEach(visit);
    else if ('of' in part) [part.of, ...(part.op === 'negative' ? [] : comparedWith(part))].forEach(visit);
  };
  visit(tree);
  return [...found.values()];
}

/** Where its text begins, but for parentheses. */
export function startOf(expression: Expression): number {
  return 'left' in expression ? startOf(expression.left) : expression.at;
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
      return printTest(predicate, '');
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
      return printTest(part, 'not ');
    default:
      return `not ${printWithin(part, 'or', 'and')}`;
  }
}

function printTest(test: Test, not: '' | 'not '): string {
  const of = printExpression(test.of);
  switch (test.op) {
    case 'compare':
      return `${of} ${test.by} ${printExpression(test.value)}`;
    case 'in':
      return `${of} ${not}in (${test.values.map(printExpression).join(', ')})`;
    case 'between':
      return `${of} ${not}between ${printExpression(test.least)} and ${printExpression(test.most)}`;
    case 'contains':
      return `${of} ${not === '' ? '' : '!'}~ ${printExpression(test.text)}`;
    case 'like':
      return `${of} ${not}like ${printExpression(test.pattern)}`;
    case 'missing':
      return `${of} is ${not}null`;
  }
}

/** As `printPredicate`. */
export function printExpression(expression: Expression): string {
  switch (expression.op) {
    case 'name':
      return printName(expression);
    case 'value':
      return typeof expression.value === 'number'
        ? printNumber(expression.value)
        : printText(expression.value);
    case 'negative':
      return `-${printOperand(expression.of, 3)}`;
    default: {
      const rank = rankOf(expression);
      const [left, right] = [printOperand(expression.left, rank), printOperand(expression.right, rank + 1)];
      return `${left} ${expression.op} ${right}`;
    }
  }
}

function rankOf({ op }: Expression): number {
  return op === '+' || op === '-' ? 1 : op === '*' || op === '/' ? 2 : 3;
}

function printOperand(operand: Expression, rank: number): string {
  const text = printExpression(operand);
  return rankOf(operand) < rank ? `(${text})` : text;
}

/** With all digits, where there are not too many: one that is rounded would be refused. */
function printNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(BigInt(value)) : String(value);
}

function printText(value: string): string {
  return `"${value.replace(/["\\\n\r\t]/g, (character) => escapes.get(character) ?? character)}"`;
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
function isReserved(word: string): boolean {
  return /^(?:and|or|not|in|between|like|is|null)$/i.test(word);
}

/** A name as an expression writes it: in backticks where a part is no plain word. */
export function printName({ parts }: Pick<Name, 'parts'>): string {
  return parts
    .map((part) => (plainName.test(part) && !isReserved(part) ? part : `\`${part.replaceAll('`', '``')}\``))
    .join('.');
}
