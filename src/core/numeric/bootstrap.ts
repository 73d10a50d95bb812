/**
 * Bootstrap over users (Efron 1979): how far a mean would move with other users of the same kind. Users are drawn with
 * replacement, seeded; models that are compared see the same draws, so that their differences are paired.
 */
import { seededRandom } from './random.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Means of every column over `resamples` draws of as many rows as there are.
 * Cost: resamples · numRows · (1 + columns of all tables). Yields after every draw, so that a caller can show progress,
 * and stop.
 * @param tables [numRows × numColumns] each, row-major; the same rows in all of them
 * @returns one [resamples × numColumns] a table
 */
export function* resampledMeans(
  tables: readonly Float64Array[],
  numRows: number,
  numColumns: number,
  resamples: number,
  seed: number,
): Generator<number, Float64Array[]> {
  const random = seededRandom(seed);
  const means = tables.map(() => new Float64Array(resamples * numColumns));
  const drawn = new Uint32Array(numRows);
  for (let b = 0; b < resamples; b++) {
    drawn.fill(0);
    for (let n = 0; n < numRows; n++) drawn[random.nextBelow(numRows)]++;
    for (let t = 0; t < tables.length; t++) addDrawn(tables[t], drawn, numColumns, means[t], b * numColumns);
    yield b + 1;
  }
  return means;
}

/** The mean of each column, every row as often as it was drawn, into `means` from `offset`. */
function addDrawn(
  table: Float64Array,
  drawn: Uint32Array,
  numColumns: number,
  means: Float64Array,
  offset: number,
): void {
  const numRows = drawn.length;
  for (let row = 0, at = 0; row < numRows; row++, at += numColumns) {
    const times = drawn[row];
    if (times === 0) continue;
    for (let c = 0; c < numColumns; c++) means[offset + c] += times * table[at + c];
  }
  for (let c = 0; c < numColumns; c++) means[offset + c] /= numRows;
}

/**
 * The middle 95 % of a column's means (percentile interval), less those of another table where one is given.
 * @param means [resamples × numColumns] of `resampledMeans`
 */
export function interval95(
  means: Float64Array,
  numColumns: number,
  column: number,
  less?: Float64Array,
): Interval {
  const resamples = means.length / numColumns;
  const values = new Float64Array(resamples);
  for (let b = 0, at = column; b < resamples; b++, at += numColumns)
    values[b] = means[at] - (less === undefined ? 0 : less[at]);
  values.sort();
  const cut = Math.floor(0.025 * resamples);
  return { low: values[cut], high: values[resamples - 1 - cut] };
}
