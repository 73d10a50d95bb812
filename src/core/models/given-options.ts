import { refusedOption } from '../errors.js';
import type { GivenOptions } from './model.js';

/** A given number, or what it is without being given. AppError 'bad-usage' for anything else than a number. */
export function givenNumber<D extends number | undefined>(
  given: GivenOptions,
  flag: string,
  fallback: D,
): number | D {
  const value = given[flag];
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw refusedOption(flag, value, 'a number');
}

/** One of a few words. */
export function givenChoice<const T extends string>(
  given: GivenOptions,
  flag: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = given[flag] ?? fallback;
  const choice = choices.find((word) => word === value);
  if (choice !== undefined) return choice;
  throw refusedOption(flag, value, choices.join(' or '));
}

/** The number, where it is within its range. AppError 'bad-usage'. @param rule.of the model that has the range */
export function inRange(
  option: string,
  value: number,
  low: number,
  high: number,
  { whole = false, of = '' } = {},
): number {
  if (value >= low && value <= high && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw refusedOption(option, value, `${kind} from ${low} to ${high}${of === '' ? '' : ` for ${of}`}`);
}
