/**
 * The ridge map from features to vectors, W = argmin Σ_i w_i |y_i − f_i W|² + μ w̄ |W|² with w̄ the mean of the w_i, by sparse
 * Cholesky: (FᵀDF + μ w̄ I) W = FᵀDY. Rare features come first, whose columns stay short: an album meets its artist and a few
 * genres. All in f64 and in one order: the same bits everywhere.
 */
import { AppError } from '../../errors.js';
import type { ItemVectors } from '../../contracts.js';
import { transpose, type SparseRows } from '../../numeric/csr.js';
import type { RowsToLearn } from './rows-to-learn.js';
import { factorSparse, solveSparse } from '../../numeric/sparse-cholesky.js';

/** The vectors of features: of feature g `dim` numbers from g · dim on. */
export interface FeatureVectors {
  readonly values: Float64Array;
  readonly dim: number;
}

/** μ: how much the map is held back, in items of mean weight. */
const usualPenalty = 1;

/**
 * @param rows some items with their features @param weights [items] of all trained ones, what a vector counts for
 * @param items vectors of all by row. AppError 'too-large' where features meet in too many ways.
 */
export function fitRidge(
  rows: RowsToLearn,
  numFeatures: number,
  weights: Float64Array,
  items: ItemVectors,
  penalty = usualPenalty,
): FeatureVectors {
  const { dim, stride } = items;
  const of = rows.items;
  const sizes = new Uint32Array(numFeatures);
  for (const g of rows.idx.subarray(0, rows.indptr[rows.numRows])) sizes[g]!++;
  const order = Uint32Array.from(sizes, (_, g) => g)
    .filter((g) => sizes[g]! > 0)
    .sort((a, b) => sizes[a]! - sizes[b]! || a - b);
  const placeOf = new Uint32Array(numFeatures);
  order.forEach((g, place) => (placeOf[g] = place));
  const byPlace = transpose({ ...rows, idx: rows.idx.map((g) => placeOf[g]!) }, order.length);
  /** By item its features in the order of their places. */
  const { indptr, idx, weight } = transpose(byPlace, rows.numRows);
  const counted = weights.filter((each) => each > 0);
  const ridge = (penalty * counted.reduce((sum, each) => sum + each, 0)) / Math.max(1, counted.length);
  const sums = new Float64Array(numFeatures);
  const metBy = new Int32Array(numFeatures).fill(-1);
  const met = new Uint32Array(numFeatures);
  const factored = factorSparse(order.length, (place, visit) => {
    // What the feature shares with those before it.
    let count = 1;
    met[0] = place;
    metBy[place] = place;
    sums[place] = ridge;
    for (let e = byPlace.indptr[place]!; e < byPlace.indptr[place + 1]!; e++) {
      const item = byPlace.idx[e]!;
      const by = weights[of[item]!]! * byPlace.weight[e]!;
      for (let o = indptr[item]!, other = idx[o]!; ; other = idx[++o]!) {
        if (metBy[other] !== place) met[count++] = other;
        metBy[other] = place;
        sums[other]! += by * weight[o]!;
        if (other === place) break;
      }
    }
    for (let m = 0; m < count; m++) {
      visit(met[m]!, sums[met[m]!]!);
      sums[met[m]!] = 0;
    }
  });
  if (factored === undefined) {
    throw new AppError(
      'too-large',
      'the values of the columns meet in too many ways to learn from all of them',
      {
        suggestions: ['name fewer columns: `fromColumns` artist,released'],
      },
    );
  }
  const solution = new Float64Array(order.length * dim);
  for (let item = 0; item < rows.numRows; item++) {
    for (let e = indptr[item]!; e < indptr[item + 1]!; e++) {
      const by = weights[of[item]!]! * weight[e]!;
      for (let f = 0, to = idx[e]! * dim, from = of[item]! * stride; f < dim; f++)
        solution[to + f]! += by * items.values[from + f]!;
    }
  }
  solveSparse(factored, solution, dim);
  const values = new Float64Array(numFeatures * dim);
  order.forEach((g, place) => values.set(solution.subarray(place * dim, (place + 1) * dim), g * dim));
  return { values, dim };
}

/** Vectors of items by their features, rounded once: f32 [rows × dim]. */
export function applyRidge({ numRows, indptr, idx, weight }: SparseRows, map: FeatureVectors): Float32Array {
  const { values, dim } = map;
  const made = new Float32Array(numRows * dim);
  const sum = new Float64Array(dim);
  for (let row = 0; row < numRows; row++) {
    sum.fill(0);
    for (let e = indptr[row]!; e < indptr[row + 1]!; e++) {
      for (let f = 0, from = idx[e]! * dim; f < dim; f++) sum[f]! += weight[e]! * values[from + f]!;
    }
    made.set(sum, row * dim);
  }
  return made;
}
