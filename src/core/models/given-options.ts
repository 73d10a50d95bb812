import { AppError } from '../errors.js';
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
  throw new AppError('bad-usage', `\`${flag}\` ${JSON.stringify(value)}: wanted a number`);
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
  throw new AppError('bad-usage', `\`${flag}\` ${JSON.stringify(value)}: wanted ${choices.join(' or ')}`);
}
