/**
 * Bootstrap over users (Efron 1979): how far a mean would move with other users of the same kind. Users are drawn with
 * replacement, seeded; models that are compared see the same draws, so that their differences are paired.
 */
import { seededRandom, shuffled } from './random.js';

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

/** So many rows stand for any number of them: an interval of their mean is as wide. */
const mostGroups = 256;

/**
 * Rows put into at most 256 groups at random, so that drawing costs the same for any number of rows.
 * @param table [numRows × numColumns]
 * @returns [groups × numColumns] whose means over groups are the table's over rows
 */
export function groupedRows(table: Float64Array, numColumns: number, seed: number): Float64Array {
  const numRows = table.length / numColumns;
  const numGroups = Math.min(numRows, mostGroups);
  const groups = new Float64Array(numGroups * numColumns);
  const order = shuffled(numRows, seededRandom(seed));
  for (let at = 0; at < numRows; at++) {
    const [from, to] = [order[at] * numColumns, (at % numGroups) * numColumns];
    for (let c = 0; c < numColumns; c++) groups[to + c] += (table[from + c] * numGroups) / numRows;
  }
  return groups;
}

/** `resampledMeans` of a table of so few rows that nobody has to wait. @returns [resamples × numColumns] */
export function groupMeans(
  groups: Float64Array,
  numColumns: number,
  resamples: number,
  seed: number,
): Float64Array {
  const draws = resampledMeans([groups], groups.length / numColumns, numColumns, resamples, seed);
  let step = draws.next();
  while (step.done !== true) step = draws.next();
  return step.value[0];
}

/**
 * Half the widths of intervals around the columns' means that hold for all columns at once in 95 %: so the largest mean of
 * many, chosen by looking, is no more often taken for a gain than a single one (White's reality check, 2000, with each
 * column in its standard errors).
 * @param table [numRows × numColumns]
 */
export function simultaneousWidths(
  table: Float64Array,
  numColumns: number,
  resamples: number,
  seed: number,
): Float64Array {
  const numRows = table.length / numColumns;
  const means = new Float64Array(numColumns);
  const errors = new Float64Array(numColumns);
  for (let at = 0; at < table.length; at++) means[at % numColumns] += table[at] / numRows;
  for (let at = 0; at < table.length; at++)
    errors[at % numColumns] += (table[at] - means[at % numColumns]) ** 2;
  for (let c = 0; c < numColumns; c++) errors[c] = Math.sqrt(errors[c] / (numRows * (numRows - 1)));
  const drawn = groupMeans(table, numColumns, resamples, seed);
  const widest = new Float64Array(resamples);
  for (let at = 0; at < drawn.length; at++) {
    const [b, c] = [Math.floor(at / numColumns), at % numColumns];
    // Rounding alone is no deviation.
    if (errors[c] > 1e-12) widest[b] = Math.max(widest[b], Math.abs(drawn[at] - means[c]) / errors[c]);
  }
  widest.sort();
  const errorsAway = widest[Math.ceil(0.95 * resamples) - 1];
  return errors.map((error) => error * errorsAway);
}
