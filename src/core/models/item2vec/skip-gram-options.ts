import { refusedOption } from '../../errors.js';
import { inRange } from '../given-options.js';
import { parseDuration } from '../../numeric/duration.js';

/** Changed whenever the same options and sequences would give other bits than before. */
export const skipGramAlgorithmVersion = 1;

/** What decides an item2vec model's bits, beside its sequences. Names are the field's. */
export interface SkipGramOptions {
  /** dim: 1 … 1,024. */
  readonly factors: number;
  readonly epochs: number;
  /** Neighbours at most so many places away, before and after. */
  readonly window: number;
  /** Noise drawn a pair. */
  readonly negatives: number;
  /** α: noise is drawn in proportion to count^α. */
  readonly negativeExponent: number;
  /** t: an event of an item with a share f of all stays with the chance √(t/f) + t/f; 0: all stay. */
  readonly subsample: number;
  /** Of the first step; falls evenly to a ten-thousandth of it. */
  readonly learningRate: number;
  /** Plays further apart are of two sessions, as --session-gap says it. */
  readonly sessionGap: string;
  /** After so many later items an item of a history counts half; 0: all count the same. */
  readonly recency: number;
  readonly seed: number;
}

const numbers = [
  ...(['factors', 'epochs', 'window', 'negatives', 'negativeExponent', 'subsample'] as const),
  ...(['learningRate', 'recency'] as const),
];

/** Refuses what cannot be trained. AppError 'bad-usage'. */
export function checkSkipGramOptions(options: SkipGramOptions): SkipGramOptions {
  for (const option of numbers) inRange(option, options[option], 'item2vec');
  return options;
}

/** What --session-gap says, in ms. AppError 'bad-usage'. */
export function sessionGapMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw refusedOption('sessionGap', text, 'a time such as 90s, 30m, 12h or 1d');
}
