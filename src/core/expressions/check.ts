/**
 * What a predicate or an expression means over columns of known kinds: names are found, numbers and texts kept apart, values among
 * dates replaced by what they stand for, and what has no column is calculated. Whoever evaluates it, here or in SQL, has no rule
 * of its own to add.
 */
import { isoDateOf, parseDate } from '../numeric/dates.js';
import { pathOf, type Columns, type Wrong } from './columns.js';
import { textWithin } from './like.js';
import { expressionError } from './parse.js';
import {
  comparedWith,
  printExpression,
  startOf,
  type Comparison,
  type Expression,
  type Literal,
  type Name,
  type Predicate,
  type Sign,
  type Test,
} from './tree.js';

export interface Column {
  /** Of dates the numbers are first moments, in ms since 1970 UTC. Of `nothing` no cell is filled; `others` are only missing or not. */
  readonly kind: 'numbers' | 'texts' | 'dates' | 'nothing' | 'others';
  /** Of numbers and dates that are kept as texts, and searched as such. */
  readonly isWritten?: boolean;
  /** What it holds, for messages; by default the kind. */
  readonly holds?: string;
  /** Why its texts have no order with a number or a date, and what to do. */
  noOrder?(): { readonly why: string; readonly suggestions?: readonly string[] };
}

/** A number of each row; none where a part is missing or the result is not finite. */
export type Numbers<C> =
  | { readonly op: 'numbers'; readonly column: C }
  | { readonly op: 'number'; readonly value: number }
  | { readonly op: Sign; readonly left: Numbers<C>; readonly right: Numbers<C> }
  | { readonly op: 'negative'; readonly of: Numbers<C> }
  | Nothing;

/** A text of each row; none where a part is missing. */
export type Texts<C> =
  | { readonly op: 'texts'; readonly column: C }
  | { readonly op: 'text'; readonly value: string }
  | { readonly op: 'join'; readonly parts: readonly Texts<C>[] }
  | Nothing;

/** No value in any row. */
export interface Nothing {
  readonly op: 'nothing';
}

export type Value<C> =
  | { readonly kind: 'numbers' | 'dates'; readonly of: Numbers<C> }
  | { readonly kind: 'texts'; readonly of: Texts<C> }
  | { readonly kind: 'nothing'; readonly of: Nothing }
  | { readonly kind: 'others'; readonly of: { readonly op: 'others'; readonly column: C } };

/** The least and the most that a value stands for: a number itself, a year all of its moments. */
export type Range = readonly [least: number, most: number];

export type CheckedTest<C> =
  /** Whether it is in one of these ranges, which ascend and share nothing. */
  | { readonly op: 'within'; readonly of: Numbers<C>; readonly ranges: readonly Range[] }
  | { readonly op: 'order'; readonly of: Numbers<C>; readonly by: Comparison; readonly to: Numbers<C> }
  | { readonly op: 'among'; readonly of: Texts<C>; readonly values: readonly string[] }
  /** By their bytes. */
  | { readonly op: 'text-order'; readonly of: Texts<C>; readonly by: Comparison; readonly to: Texts<C> }
  /** In any case: % is any text, _ any one character, \ takes the next one of \ % _ as it is. */
  | { readonly op: 'like'; readonly of: Texts<C>; readonly pattern: string }
  | { readonly op: 'missing'; readonly of: Value<C>['of'] }
  /** Neither true nor false in any row. */
  | { readonly op: 'unknown' };

export type Checked<C> =
  | CheckedTest<C>
  | { readonly op: 'and' | 'or'; readonly parts: readonly Checked<C>[] }
  | { readonly op: 'not'; readonly part: Checked<C> };

const nothing = { op: 'nothing' } as const;
const unknown = { op: 'unknown' } as const;

/** As a computer writes it: 0042 and +49 are codes. */
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
export const isNumber = (text: string): boolean => number.test(text);

/** Whether a text is a number or a date, which no order of letters suits. */
function isNumberOrDate(text: string): boolean {
  return isNumber(text.trim()) || isoDateOf(text, 'day-first') !== undefined;
}

/** What a value is among dates: 1990 is a year, and a text what it is in any common way of writing dates. */
function rangeOfDate(value: string | number): Range | undefined {
  const span = parseDate(typeof value === 'number' ? value : isoDateOf(value));
  return span === undefined ? undefined : [span.firstMs, span.lastMs];
}

/** The same values by ranges that ascend and share nothing. */
function disjoint(ranges: readonly Range[]): readonly Range[] {
  const found: [number, number][] = [];
  for (const [least, most] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = found.at(-1);
    if (last === undefined || least > last[1]) found.push([least, most]);
    else last[1] = Math.max(last[1], most);
  }
  return found;
}

/** In f64. NaN, which is no value, where the result is not finite; it stays so whatever follows. */
export function calculate(op: Sign, left: number, right: number): number {
  const result =
    op === '+' ? left + right : op === '-' ? left - right : op === '*' ? left * right : left / right;
  return Number.isFinite(result) ? result : NaN;
}

/** The same comparison from its other side. */
const mirrored = { '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** A value of the text, where it begins, and what it is over the columns. */
interface Placed<C> {
  readonly expression: Expression;
  readonly at: number;
  readonly value: Value<C>;
  /** Set where no column is read: the same in every row. */
  readonly constant: string | number | undefined;
}

/**
 * AppErrors 'bad-usage' for names that mean no column, and values that cannot be calculated with or compared.
 * @param text what the trees were parsed from; `what` names it in errors
 */
export function checkerOf<C extends Column>(
  text: string,
  what: string,
  columns: Columns<C>,
): { predicate(tree: Predicate): Checked<C>; value(tree: Expression): Value<C> } {
  const wrong: Wrong = (at, problem, suggestions) => expressionError(what, text, at, problem, suggestions);
  const columnOf = (name: Name, remedies = columns.remedies ?? []): C =>
    columns.open(pathOf(name, { ...columns, remedies }, text, wrong));
  const value = (tree: Expression): Value<C> => valueOf(tree, columnOf, wrong);
  const compared = (tree: Expression): Value<C> => {
    if (tree.op !== 'name' || tree.parts.length > 1) return value(tree);
    const hint = `a text stands in quotes: ${JSON.stringify(tree.parts[0])}`;
    return valueOf(tree, (name) => columnOf(name, [hint, ...(columns.remedies ?? [])]), wrong);
  };
  /** A column of texts that is searched, or only missing or not, is not looked at for what they are as a whole. */
  const searched = (tree: Expression): Value<C> => {
    if (tree.op !== 'name') return value(tree);
    const column = columnOf(tree);
    return column.isWritten === true
      ? { kind: 'texts', of: { op: 'texts', column } }
      : valueOf(tree, () => column, wrong);
  };
  const predicate = (tree: Predicate): Checked<C> => {
    switch (tree.op) {
      case 'and':
      case 'or':
        return { op: tree.op, parts: tree.parts.map(predicate) };
      case 'not':
        return { op: 'not', part: predicate(tree.part) };
      default: {
        const values = comparedWith(tree);
        const of = placed(tree.of, values.length === 0 ? searched(tree.of) : value(tree.of));
        return checkTest(
          tree,
          of,
          values.map((each) => placed(each, compared(each))),
          { wrong, datesOf: columns.datesOf },
        );
      }
    }
  };
  return { predicate, value };
}

function placed<C>(expression: Expression, value: Value<C>): Placed<C> {
  const constant = value.of.op === 'number' || value.of.op === 'text' ? value.of.value : undefined;
  return { expression, at: startOf(expression), value, constant };
}

/** A value in a message, and what it is. */
function described<C extends Column>({ expression, value }: Placed<C>): string {
  const said = printExpression(expression);
  if (expression.op === 'value') return `${said} is a ${value.kind === 'texts' ? 'text' : 'number'}`;
  const holds = 'column' in value.of ? value.of.column.holds : undefined;
  return `${said} holds ${holds ?? value.kind}`;
}

function valueOf<C extends Column>(tree: Expression, columnOf: (name: Name) => C, wrong: Wrong): Value<C> {
  switch (tree.op) {
    case 'name': {
      const column = columnOf(tree);
      switch (column.kind) {
        case 'texts':
          return { kind: 'texts', of: { op: 'texts', column } };
        case 'nothing':
          return { kind: 'nothing', of: nothing };
        case 'others':
          return { kind: 'others', of: { op: 'others', column } };
        default:
          return { kind: column.kind, of: { op: 'numbers', column } };
      }
    }
    case 'value':
      return typeof tree.value === 'number'
        ? { kind: 'numbers', of: { op: 'number', value: tree.value } }
        : { kind: 'texts', of: { op: 'text', value: tree.value } };
    default: {
      const trees = tree.op === 'negative' ? [tree.of] : [tree.left, tree.right];
      const operands = trees.map((each) => placed(each, valueOf(each, columnOf, wrong)));
      return operands.some(({ value }) => value.kind === 'texts')
        ? joined(tree, operands, wrong)
        : calculated(tree, operands, wrong);
    }
  }
}

type Operation = Exclude<Expression, Name | Literal>;

function calculated<C extends Column>(
  { op }: Operation,
  operands: readonly Placed<C>[],
  wrong: Wrong,
): Value<C> {
  const numbers = operands.map((operand): Numbers<C> => {
    const { value, at, expression } = operand;
    if (value.kind === 'numbers' || value.kind === 'nothing') return value.of;
    throw wrong(at, `${described(operand)}, which are not calculated with`, [
      value.kind === 'dates' ? `compare them: ${printExpression(expression)} >= "1990-05-14"` : partHint,
    ]);
  });
  if (operands.every(({ value }) => value.kind === 'nothing')) return { kind: 'nothing', of: nothing };
  const [left, right] = numbers;
  if (numbers.some((each) => each.op === 'nothing')) return { kind: 'numbers', of: nothing };
  if (op === 'negative') return { kind: 'numbers', of: { op, of: left! } };
  if (left!.op !== 'number' || right!.op !== 'number')
    return { kind: 'numbers', of: { op, left: left!, right: right! } };
  const result = calculate(op, left!.value, right!.value);
  return { kind: 'numbers', of: Number.isNaN(result) ? nothing : { op: 'number', value: result } };
}

const partHint = 'name a part of it that is a number or a text';

/** Texts, of which one at least is among the operands. */
function joined<C extends Column>(
  { op, at }: Operation,
  operands: readonly Placed<C>[],
  wrong: Wrong,
): Value<C> {
  const text = operands.find(({ value }) => value.kind === 'texts')!;
  const meantNumber = typeof text.constant === 'string' && isNumber(text.constant.trim());
  const unquoted = `write it without quotes: ${String(text.constant).trim()}`;
  if (op !== '+') {
    const sign = op === 'negative' ? '-' : op;
    throw wrong(text.at, `${described(text)}, and texts have no ${sign}`, [
      meantNumber ? unquoted : 'texts are joined by +, numbers are calculated with by + - * /',
    ]);
  }
  const parts = operands.flatMap((operand): readonly Texts<C>[] => {
    const { value, constant } = operand;
    if (value.kind === 'texts') return value.of.op === 'join' ? value.of.parts : [value.of];
    if (value.kind === 'nothing') return [nothing];
    throw wrong(at, `+ joins two texts or adds two numbers: ${operands.map(described).join(', and ')}`, [
      meantNumber && value.kind === 'numbers'
        ? unquoted
        : constant !== undefined
          ? `write it in quotes: "${printExpression(operand.expression)}"`
          : value.kind === 'others'
            ? partHint
            : `nothing here makes a text of a number: leave out ${printExpression(operand.expression)}, or name a column of texts`,
    ]);
  });
  if (parts.some((part) => part.op === 'nothing')) return { kind: 'texts', of: nothing };
  const known = parts.flatMap((part) => (part.op === 'text' ? [part.value] : []));
  const isKnown = known.length === parts.length;
  return { kind: 'texts', of: isKnown ? { op: 'text', value: known.join('') } : { op: 'join', parts } };
}

/** What a test is checked by. */
interface By<C> {
  readonly wrong: Wrong;
  readonly datesOf: Columns<C>['datesOf'] | undefined;
}

function checkTest<C extends Column>(
  test: Test,
  of: Placed<C>,
  values: readonly Placed<C>[],
  by: By<C>,
): Checked<C> {
  const { wrong } = by;
  if (test.op === 'missing') return { op: 'missing', of: of.value.of };
  if (test.op === 'contains' || test.op === 'like') {
    const pattern = test.op === 'like' ? test.pattern.value : textWithin(test.text.value);
    return { op: 'like', of: searchedIn(of, wrong), pattern };
  }
  const isFixed = of.constant === undefined && values.every(({ constant }) => constant !== undefined);
  if (isFixed) return compareWithConstants(test, of, values, by);
  const compare = (comparison: Comparison, value: Placed<C>): Checked<C> => {
    const [a, b] = of.constant === undefined ? [of, value] : [value, of];
    const turned = a === of ? comparison : mirrored[comparison];
    return b.constant !== undefined && a.constant === undefined
      ? compareWithConstants({ op: 'compare', by: turned }, a, [b], by)
      : compareEach(of, comparison, value, wrong);
  };
  switch (test.op) {
    case 'compare':
      return compare(test.by, values[0]!);
    case 'in':
      return { op: 'or', parts: values.map((value) => compare('=', value)) };
    case 'between':
      return { op: 'and', parts: [compare('>=', values[0]!), compare('<=', values[1]!)] };
  }
}

function searchedIn<C extends Column>(
  { expression, at, value: { kind, of } }: Placed<C>,
  wrong: Wrong,
): Texts<C> {
  if (kind === 'texts' || kind === 'nothing') return of;
  const shown = printExpression(expression);
  const holds = 'column' in of ? of.column.holds : undefined;
  throw wrong(at, `${shown} holds ${holds ?? kind}; ~ and like search texts`, [
    kind === 'others' ? partHint : `compare it: ${shown} >= 1975, ${shown} between 1970 and 1979`,
  ]);
}

/** Two values that each row has its own of. */
function compareEach<C extends Column>(a: Placed<C>, by: Comparison, b: Placed<C>, wrong: Wrong): Checked<C> {
  const [of, to] = [a.value, b.value];
  if (of.kind === 'nothing' || to.kind === 'nothing') return unknown;
  if (of.kind === 'texts' && to.kind === 'texts') return { op: 'text-order', of: of.of, by, to: to.of };
  const areNumbers = of.kind === 'numbers' || of.kind === 'dates';
  if (areNumbers && of.kind === to.kind) return { op: 'order', of: of.of, by, to: to.of };
  throw wrong(b.at, `${described(a)}, and ${described(b)}`, [
    'numbers are compared with numbers, texts with texts, dates with dates',
  ]);
}

type Compared =
  { readonly op: 'compare'; readonly by: Comparison } | { readonly op: 'in' } | { readonly op: 'between' };

/** A value of each row with what is the same in all of them. */
function compareWithConstants<C extends Column>(
  test: Compared,
  of: Placed<C>,
  values: readonly Placed<C>[],
  { wrong, datesOf }: By<C>,
): Checked<C> {
  const { value } = of;
  const shown = printExpression(of.expression);
  const isOrdered = test.op === 'between' || (test.op === 'compare' && test.by !== '=' && test.by !== '!=');
  switch (value.kind) {
    case 'numbers': {
      // What is the same text is looked for as it is written.
      const column =
        value.of.op === 'numbers' && value.of.column.isWritten === true ? value.of.column : undefined;
      if (column !== undefined && !isOrdered && values.every(({ constant }) => typeof constant === 'string'))
        return compareTexts(test, { op: 'texts', column }, values);
      return compareNumbers(
        test,
        value.of,
        values.map((each) => numberFor(shown, each, wrong)),
      );
    }
    case 'dates':
      return compareNumbers(
        test,
        value.of,
        values.map((each) => dateFor(shown, each, wrong)),
      );
    case 'texts': {
      const column = value.of.op === 'texts' ? value.of.column : undefined;
      const dates = isOrdered && column !== undefined && values.every(isDate) ? datesOf?.(column) : undefined;
      if (dates !== undefined)
        return compareNumbers(
          test,
          { op: 'numbers', column: dates },
          values.map((each) => dateFor(shown, each, wrong)),
        );
      for (const each of values) requireText(of, isOrdered, each, wrong);
      return compareTexts(test, value.of, values);
    }
    case 'nothing':
      return unknown;
    case 'others':
      throw wrong(of.at, `${described(of)}, which are not compared`, [partHint]);
  }
}

/** A number alone may be any. */
function isDate<C>({ constant }: Placed<C>): boolean {
  return typeof constant === 'string' && rangeOfDate(constant) !== undefined;
}

function compareNumbers<C>(test: Compared, of: Numbers<C>, ranges: readonly Range[]): Checked<C> {
  const [first, last] = [ranges[0]!, ranges.at(-1)!];
  if (test.op === 'in') return { op: 'within', of, ranges: disjoint(ranges) };
  if (test.op === 'between') return { op: 'within', of, ranges: [[first[0], last[1]]] };
  const { by } = test;
  if (by === '=') return { op: 'within', of, ranges };
  if (by === '!=') return { op: 'not', part: { op: 'within', of, ranges } };
  return {
    op: 'order',
    of,
    by,
    to: { op: 'number', value: by === '<' || by === '>=' ? first[0] : first[1] },
  };
}

function compareTexts<C>(test: Compared, of: Texts<C>, values: readonly Placed<C>[]): Checked<C> {
  const texts = values.map(({ constant }) => String(constant));
  const ordered = (by: Comparison, text: string): Checked<C> => ({
    op: 'text-order',
    of,
    by,
    to: { op: 'text', value: text },
  });
  if (test.op === 'in') return { op: 'among', of, values: texts };
  if (test.op === 'between')
    return { op: 'and', parts: [ordered('>=', texts[0]!), ordered('<=', texts[1]!)] };
  if (test.by === '=') return { op: 'among', of, values: texts };
  if (test.by === '!=') return { op: 'not', part: { op: 'among', of, values: texts } };
  return ordered(test.by, texts[0]!);
}

function numberFor<C>(column: string, { constant, at }: Placed<C>, wrong: Wrong): Range {
  if (typeof constant === 'number') return [constant, constant];
  const text = String(constant).trim();
  throw wrong(at, `${column} holds numbers, and this is a text`, [
    text !== '' && Number.isFinite(Number(text))
      ? `write it without quotes: ${text}`
      : `compare it with a number: ${column} >= 1975`,
  ]);
}

function dateFor<C>(column: string, { constant, at }: Placed<C>, wrong: Wrong): Range {
  const range = rangeOfDate(constant!);
  if (range !== undefined) return range;
  const what = typeof constant === 'number' ? 'this number is not a year' : 'this is not a date';
  throw wrong(at, `${column} holds dates, and ${what}`, [
    'write 1990 for a year, "1990-05" for a month and "1990-05-14" for a day',
  ]);
}

/** Texts have an order of their own, by their letters: with numbers and dates it is another one than is meant. */
function requireText<C extends Column>(
  { expression, value: { of } }: Placed<C>,
  isOrdered: boolean,
  { constant, at }: Placed<C>,
  wrong: Wrong,
): void {
  const column = printExpression(expression);
  if (!isOrdered) {
    if (typeof constant === 'string') return;
    throw wrong(at, `${column} holds texts, and this is a number`, [`write it in quotes: "${constant}"`]);
  }
  if (typeof constant === 'string' && !isNumberOrDate(constant)) return;
  const { why = '', suggestions } = (of.op === 'texts' ? of.column.noOrder?.() : undefined) ?? {};
  const problem = `${column} holds texts, which have no order with a number or a date`;
  throw wrong(at, why === '' ? problem : `${problem}: ${why}`, suggestions);
}
