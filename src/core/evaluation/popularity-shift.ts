/** Whether what is tuned by is as popular as what is reported on: where it is not, one misleads about the other. */
import { groupedRows, groupMeans, interval95 } from '../numeric/bootstrap.js';
import { rowFinder } from '../tables/row-finder.js';
import { decimals, percent } from '../number-text.js';
import type { Targets } from './evaluate-ranker.js';
import { rowsOf, usersOfItems, type MeasuredSplit } from './measured-split.js';

export interface PopularityShift {
  /** Training users of the item of a pair to be found, in the mean over validation's pairs, and over the test part's. */
  readonly valid: number;
  readonly test: number;
  /** valid / test − 1. */
  readonly difference: number;
  /** Of it: 95 %, over users. */
  readonly interval: readonly [low: number, high: number];
  /** Whether that is worth a warning: more than 15 %, and not by chance. */
  readonly isShifted: boolean;
}

const mostDifference = 0.15;
const resamples = 1000;

/** Null where a part has hardly an item that training has. Users of items are those of `valid`'s training, for both parts. */
export function popularityShift(
  valid: MeasuredSplit,
  test: MeasuredSplit,
  seed: number,
): PopularityShift | null {
  const users = usersOfItems(valid.train.pairs);
  const rowNow = rowsOf(test.train.items, rowFinder(valid.train.items));
  const ofValid = usersAndPairs(valid.targets, (item) => users[item] ?? 0, seed);
  const ofTest = usersAndPairs(test.targets, (item) => users[rowNow[item] ?? -1] ?? 0, seed + 1);
  const drawn = ofValid.drawn.map((mean, at) => mean / (ofTest.drawn[at] ?? 0) - 1);
  if (!(ofValid.mean > 0 && ofTest.mean > 0 && drawn.every(Number.isFinite))) return null;
  const { low, high } = interval95(drawn, 1, 0);
  const difference = ofValid.mean / ofTest.mean - 1;
  return {
    ...{ valid: ofValid.mean, test: ofTest.mean, difference },
    interval: [low, high],
    isShifted: Math.abs(difference) > mostDifference && low * high > 0,
  };
}

/** The mean over pairs, and over those of users who are drawn. What training never saw has no users. */
function usersAndPairs(
  { indptr, item, unknown }: Targets,
  usersOf: (item: number) => number,
  seed: number,
): { readonly mean: number; readonly drawn: Float64Array } {
  const table = new Float64Array(2 * unknown.length);
  for (let u = 0; u < unknown.length; u++) {
    const own = item.subarray(indptr[u], indptr[u + 1]);
    table[2 * u] = own.reduce((sum, row) => sum + usersOf(row), 0);
    table[2 * u + 1] = own.length + (unknown[u] ?? 0);
  }
  const ratios = (sums: Float64Array): Float64Array =>
    Float64Array.from({ length: sums.length / 2 }, (_, b) => (sums[2 * b] ?? 0) / (sums[2 * b + 1] ?? 1));
  const groups = groupedRows(table, 2, seed);
  const sumOf = (column: number): number =>
    table.reduce((sum, value, at) => sum + (at % 2 === column ? value : 0), 0);
  return { mean: sumOf(0) / sumOf(1), drawn: ratios(groupMeans(groups, 2, resamples, seed)) };
}

/** The warning, where it is worth one. */
export function shiftInWords({ valid, test, difference, interval }: PopularityShift): string {
  const users = (mean: number): string => decimals(Number(mean.toPrecision(3)));
  const signed = (share: number): string => percent(share).replace('-', '−');
  const [low = '', high = ''] = interval.map(signed);
  return (
    `items to be found in validation have ${users(valid)} training users in the mean, those of the test part ${users(test)} ` +
    `(${signed(difference)}; 95 % interval ${low} to ${high}): what is best on one need not be on the other`
  );
}
