/** Whether the best of a search is better than the defaults, or only the luckiest of many. */
import { groupedRows, simultaneousWidths } from '../../numeric/bootstrap.js';
import type { Training } from './trials-file.js';

export interface OverDefaults {
  /** Of the metric on validation. */
  readonly difference: number;
  /**
   * 95 %, paired over users, and as wide as it takes to hold for every setting that was tried: the best of many is high by
   * chance too. Null with fewer than 10 users.
   */
  readonly interval: readonly [low: number, high: number] | null;
  /** Whether the interval is above 0. */
  readonly isBetter: boolean;
}

/** With fewer users an interval says little. */
const fewestUsers = 10;
const resamples = 1000;
/** Of a group's mean in the file of trials. */
const digits = 8;

/** A metric of users as it is kept of a training. @param values [numUsers] */
export function keptGroups(values: Float64Array, seed: number): number[] {
  return Array.from(groupedRows(values, 1, seed), (value) => Number(value.toPrecision(digits)));
}

/** Null where one of the two has no score. @param tried all trainings that were measured, the two among them */
export function overDefaults(
  tried: readonly Training[],
  best: Training | undefined,
  defaults: Training | undefined,
  seed: number,
): OverDefaults | null {
  if (typeof best?.score !== 'number' || typeof defaults?.score !== 'number') return null;
  const difference = best.score - defaults.score;
  if (best === defaults) return { difference, interval: [0, 0], isBetter: false };
  const numRows = defaults.groups.length;
  if (numRows < fewestUsers) return { difference, interval: null, isBetter: false };
  const columns = tried.filter(({ groups }) => groups.length === numRows);
  const table = Float64Array.from({ length: numRows * columns.length }, (_, at) => {
    const [row, column] = [Math.floor(at / columns.length), at % columns.length];
    return (columns[column]?.groups[row] ?? 0) - (defaults.groups[row] ?? 0);
  });
  const width = simultaneousWidths(table, columns.length, resamples, seed)[columns.indexOf(best)] ?? 0;
  const [low, high] = [difference - width, difference + width];
  return { difference, interval: [low, high], isBetter: low > 0 };
}
