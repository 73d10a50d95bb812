/**
 * The ridge map from features to vectors, W = argmin Σ_i w_i |y_i − f_i W|² + μ w̄ |W|² with w̄ the mean of the w_i, by sparse
 * Cholesky: (FᵀDF + μ w̄ I) W = FᵀDY. Rare features come first, whose columns stay short: an album meets its artist and a few
 * genres. All in f64 and in one order: the same bits everywhere.
 */
import { paddedDim } from '../../compute/factors.js';
import { layoutOf, openWorkspace } from '../../compute/workspace.js';
import { AppError } from '../../errors.js';
import type { ItemVectors } from '../../contracts.js';
import { transpose, type SparseRows } from '../../numeric/csr.js';
import { factorSparse } from '../../numeric/sparse-cholesky.js';
import type { RowsToLearn } from './rows-to-learn.js';

/** The vectors of features: of feature g `dim` numbers from g · dim on. */
export interface FeatureVectors {
  readonly values: Float64Array;
  readonly dim: number;
}

/** μ: how much the map is held back, in items of mean weight. */
const usualPenalty = 1;
/** Items whose vectors are brought to the kernels at a time. */
const blockRows = 4096;

/** A map that is fitted to one set of vectors after another: what does not depend on them is done once. */
export interface Ridge {
  /** To the vectors of the items, by row, at least as many. */
  fit(items: ItemVectors): FeatureVectors;
  /** What the map makes of the items that it is learned from, f32 [items × paddedDim] into `made` by row. */
  smooth(items: ItemVectors, made: Float32Array): void;
}

/** See `openRidge`. */
export function fitRidge(
  rows: RowsToLearn,
  numFeatures: number,
  weights: Float64Array,
  items: ItemVectors,
  penalty?: number,
): FeatureVectors {
  return openRidge(rows, numFeatures, weights, items.dim, penalty).fit(items);
}

/**
 * @param rows some items with their features @param weights [items] of all, what a vector counts for: 0 leaves it out
 * @param dim of the vectors. AppError 'too-large' where features meet in too many ways.
 */
export function openRidge(
  rows: RowsToLearn,
  numFeatures: number,
  weights: Float64Array,
  dim: number,
  penalty = usualPenalty,
): Ridge {
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
  const d = paddedDim(dim);
  const { numRows } = rows;
  const layout = layoutOf({
    ...{ indptr: indptr.byteLength, idx: idx.byteLength, weight: weight.byteLength, weights: 8 * numRows },
    ...{ starts: 4 * (order.length + 1), rows: factored.rows.byteLength, values: factored.values.byteLength },
    ...{ solution: 8 * order.length * d, block: 4 * blockRows * d },
  });
  const workspace = openWorkspace(layout.bytes);
  const { kernels } = workspace;
  const at = layout.allocate(workspace);
  for (const [address, array] of [
    [at.indptr, indptr],
    [at.idx, idx],
    [at.starts, Uint32Array.from(factored.starts)],
    [at.rows, factored.rows],
  ] as const)
    workspace.u32(address, array.length).set(array);
  workspace.f32(at.weight, weight.length).set(weight);
  workspace.f64(at.weights, numRows).set(Float64Array.from(of, (item) => weights[item]!));
  workspace.f64(at.values, factored.values.length).set(factored.values);
  const solution = workspace.f64(at.solution, order.length * d);
  const block = workspace.f32(at.block, blockRows * d);
  const solve = ({ values, stride }: ItemVectors): void => {
    solution.fill(0);
    for (let from = 0; from < numRows; from += blockRows) {
      const to = Math.min(numRows, from + blockRows);
      for (let row = from; row < to; row++)
        block.set(values.subarray(of[row]! * stride, of[row]! * stride + dim), (row - from) * d);
      kernels.scatterRows(
        ...([from, to, at.indptr, at.idx, at.weight, at.weights, at.block, at.solution, d] as const),
      );
    }
    kernels.solveTriangles(order.length, at.starts, at.rows, at.values, at.solution, d);
  };
  return {
    fit(items) {
      solve(items);
      const values = new Float64Array(numFeatures * dim);
      order.forEach((g, place) => values.set(solution.subarray(place * d, place * d + dim), g * dim));
      return { values, dim };
    },
    smooth(items, made) {
      solve(items);
      for (let from = 0; from < numRows; from += blockRows) {
        const to = Math.min(numRows, from + blockRows);
        kernels.gatherRows(from, to, at.indptr, at.idx, at.weight, at.block, at.solution, d);
        for (let row = from; row < to; row++)
          made.set(block.subarray((row - from) * d, (row - from + 1) * d), of[row]! * d);
      }
    },
  };
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
