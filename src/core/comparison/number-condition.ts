/** Comparisons of a named number with a bound, as --require and --fail-on take them: `recall@10>=0.95`. */
import { AppError } from '../errors.js';

const operators = {
  '>=': (value: number, bound: number): boolean => value >= bound,
  '<=': (value: number, bound: number): boolean => value <= bound,
  '>': (value: number, bound: number): boolean => value > bound,
  '<': (value: number, bound: number): boolean => value < bound,
} as const;

export interface Comparison {
  readonly name: string;
  /** Operator and bound, such as '>=0.95'. */
  readonly condition: string;
  holds(value: number): boolean;
}

/** What such a text looks like. */
export const comparisonForm =
  /^\s*([A-Za-z][A-Za-z0-9@._-]*)\s*(>=|<=|>|<)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*$/;

/** Parses `NAME>=NUMBER` (or <=, >, <). `flag` is for the message. Throws bad-usage. */
export function parseComparison(text: string, flag: string): Comparison {
  const [, name, sign, number] = comparisonForm.exec(text) ?? [];
  if (name === undefined || sign === undefined || number === undefined) {
    const got = JSON.stringify(text.slice(0, 80));
    throw new AppError(
      'bad-usage',
      `${flag} ${got} is not a comparison: wanted NAME>=NUMBER, or <=, > or <`,
      {
        suggestions: [`${flag} 'recall@10>=0.95'`],
        details: { flag, value: text },
      },
    );
  }
  const bound = Number(number);
  const compare = operators[sign as keyof typeof operators];
  return { name, condition: sign + number, holds: (value) => compare(value, bound) };
}
