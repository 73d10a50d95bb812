/** How pairs are weighed, as flags and manifests say it. */
import { AppError, refusedOption } from '../../errors.js';
import { parsePlayFunction, playFunctionText, type Weighting } from '../../numeric/pair-weights.js';
import { givenNumber, inRange } from '../given-options.js';
import { parseAsOf, parseHalfLife } from './decay.js';

export interface WeighingOptions extends Weighting {
  readonly halfLife: string | undefined;
  /** ISO 8601, UTC; undefined: the latest event that is trained on. */
  readonly asOf: string | undefined;
}

/** Flags by name, or a manifest's options. */
type Options = Readonly<Record<string, unknown>>;

export const weighingFlags = ['confidence', 'cap', 'item-discount', 'user-discount', 'half-life', 'as-of'];

/** AppError 'bad-usage' for what cannot be read or is out of its range. */
export function weighingOptions(given: Options, defaultConfidence: string): WeighingOptions {
  const text = given['confidence'] ?? defaultConfidence;
  const f = typeof text === 'string' ? parsePlayFunction(text) : undefined;
  if (f === undefined) {
    const wanted = 'log, binary, tf-idf, bm25, bm25:K1,B with K1 > 0 and B ≤ 1, or linear:α with α > 0';
    throw refusedOption('confidence', text, wanted, {
      suggestions: ['for example `confidence` log, or `confidence` linear:40'],
    });
  }
  const halfLife = textOf(given, 'half-life');
  const asOf = textOf(given, 'as-of');
  if (halfLife !== undefined) parseHalfLife(halfLife);
  else if (asOf !== undefined) {
    throw new AppError('bad-usage', '`asOf` says where a `halfLife` is measured from, but none is given');
  }
  return {
    f,
    cap: given['cap'] === undefined ? Infinity : inRange('cap', givenNumber(given, 'cap', 0)),
    itemDiscount: inRange('itemDiscount', givenNumber(given, 'item-discount', 0)),
    userDiscount: inRange('userDiscount', givenNumber(given, 'user-discount', 0)),
    halfLife,
    asOf: asOf === undefined ? undefined : new Date(parseAsOf(asOf)).toISOString(),
  };
}

/**
 * By flag name, every effective one; the inverse of `weighingOptions`. Beside them, `aging` says that binary weights age:
 * without it, as earlier versions wrote their manifests, they do not.
 */
export function weighingByFlag(options: WeighingOptions): Record<string, string | number> {
  const { f, cap, itemDiscount, userDiscount, halfLife, asOf } = options;
  return {
    confidence: playFunctionText(f),
    'item-discount': itemDiscount,
    'user-discount': userDiscount,
    ...(cap === Infinity ? {} : { cap }),
    ...(halfLife === undefined ? {} : { 'half-life': halfLife }),
    ...(halfLife === undefined || f.kind !== 'binary' ? {} : { aging: 'weight' }),
    ...(asOf === undefined ? {} : { 'as-of': asOf }),
  };
}

function textOf(given: Options, flag: string): string | undefined {
  const value = given[flag];
  if (value === undefined || typeof value === 'string') return value;
  throw refusedOption(flag, value, 'a text');
}
