import { refusedOption } from '../errors.js';
import { optionsOfModels } from '../options/catalogue/model-options.js';
import { number } from '../options/kinds.js';
import { runOptions } from '../options/catalogue/run-options.js';
import type { GivenOptions } from './model.js';

/** A given number, or what it is without being given. AppError 'bad-usage' for anything else than a number. */
export function givenNumber<D extends number | undefined>(
  given: Readonly<Record<string, unknown>>,
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

const bounded = { ...optionsOfModels, seed: runOptions.seed };
/** Those that are numbers. */
type BoundedOption = {
  [K in keyof typeof bounded]: (typeof bounded)[K] extends { readonly range: object } ? K : never;
}[keyof typeof bounded];

/** The number, where its option takes it. AppError 'bad-usage'. @param of the model, where that alone is meant; `min` is its own bound */
export function inRange(option: BoundedOption, value: number, of = '', min?: number): number {
  const { accepts, wanted } = min === undefined ? bounded[option] : number({ ...bounded[option].range, min });
  if (accepts(value)) return value;
  throw refusedOption(option, value, `${wanted}${of === '' ? '' : ` for ${of}`}`);
}
