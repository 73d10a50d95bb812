/**
 * Rankings of held-out items by the categories that they share with items of training: what any model of new items has to
 * beat. An item without a category that training knows has the score 0.
 */
import type { Pairs, RankedItem, TaskContext } from '../../contracts.js';
import type { MeasuredRanker } from '../evaluation-candidate.js';
import { abortError } from '../../errors.js';
import { featureRows, type FeatureTable, type ItemFeatures } from '../../models/features/item-features.js';
import { ridgeWeights, type Equations } from '../../models/features/ridge-weights.js';
import { applyRidge, fitRidge } from '../../models/features/ridge.js';
import { rowsToLearn } from '../../models/features/rows-to-learn.js';
import type { FittedModel } from '../../models/model.js';
import { isWanted } from '../../numeric/split-pairs.js';
import type { ItemCategories } from './item-categories.js';

/** Rows of items are those of training, then the held-out ones in the order in which they were drawn. */
export interface ColdItems {
  readonly numWarm: number;
  readonly numItems: number;
  /** Users of training. */
  readonly numUsers: number;
  readonly categories: ItemCategories;
  /** All columns, of all items. */
  readonly table: FeatureTable;
  /** What the items of training say by all columns. */
  readonly features: ItemFeatures;
  /** [numItems] users who want the item, of the held-out ones too. */
  readonly popularity: Uint32Array;
}

/** Scores of the held-out items, user by user; each array stands until the next one is asked for. */
type Scores = (histories: Pairs) => AsyncIterable<Float64Array> | Iterable<Float64Array>;

/** Users of a category's items on the average. */
export function rankByPopularity(items: ColdItems, context: TaskContext): MeasuredRanker {
  const scores = categoryMeans(items, items.popularity, 1, 1);
  return rankCold(
    items,
    scores.map((_, at) => at),
    context,
    function* ({ numUsers }) {
      for (let u = 0; u < numUsers; u++) yield scores;
    },
  );
}

/**
 * Items of the category in the user's own history: where items have several, the sum of the cosines of two items' sets,
 * shared / √(own · its). Ties by popularity, as above.
 */
export function rankByOwnPlays(items: ColdItems, context: TaskContext): MeasuredRanker {
  const { numWarm, categories } = items;
  const popularity = categoryMeans(items, items.popularity, 1, 1);
  const order = popularity.map((_, at) => at).sort((a, b) => popularity[b]! - popularity[a]! || a - b);
  return rankCold(items, order, context, function* (histories) {
    const plays = new Float64Array(categories.count);
    const scores = new Float64Array(popularity.length);
    const held = Array.from(scores, (_, at) => categories.of(numWarm + at));
    for (let u = 0; u < histories.numUsers; u++) {
      plays.fill(0);
      for (let p = histories.indptr[u]!; p < histories.indptr[u + 1]!; p++) {
        const own = categories.of(histories.item[p]!);
        if (isWanted(histories, p)) for (const c of own) plays[c]! += 1 / Math.sqrt(own.length);
      }
      held.forEach((own, at) => {
        scores[at] = own.reduce((sum, c) => sum + plays[c]!, 0) / Math.sqrt(own.length || 1);
      });
      yield scores;
    }
  });
}

/** A model as it was trained, with what a manifest says of it. */
export interface TrainedVectors extends Equations {
  readonly fitted: FittedModel;
}

/** Makes vectors of the held-out items [held-out items × dim]. */
type VectorsOf = (items: ColdItems, trained: TrainedVectors) => ArrayLike<number>;

/** The mean vector of the category's items. */
export const meanVectors: VectorsOf = (items, { fitted }) => {
  const { values, stride, dim } = fitted.itemVectors()!;
  return categoryMeans(items, values, stride, dim);
};

/** What the ridge map makes of all their columns. */
export const mappedVectors: VectorsOf = ({ numWarm, numItems, numUsers, ...items }, { fitted, ...model }) => {
  const { features, popularity } = items;
  const weights = ridgeWeights(popularity.subarray(0, numWarm), numUsers, model);
  const wanted = featureRows(
    features,
    Array.from({ length: numItems - numWarm }, (_, at) => numWarm + at),
  );
  const trained = rowsToLearn(features, wanted, numWarm);
  return applyRidge(wanted, fitRidge(trained, features.features.length, weights, fitted.itemVectors()!));
};

/** The inner product of the user's vector with the new item's. The model stays open. */
export function rankByVectors(
  items: ColdItems,
  trained: TrainedVectors,
  vectorsOf: VectorsOf,
  context: TaskContext,
): MeasuredRanker {
  const vectors = vectorsOf(items, trained);
  const scores = new Float64Array(items.numItems - items.numWarm);
  const dim = vectors.length / scores.length;
  return rankCold(
    items,
    scores.map((_, at) => at),
    context,
    async function* (histories) {
      const users = trained.fitted.userVectors({ ...histories, numItems: items.numWarm }, context)!;
      const user = new Float64Array(dim);
      for await (const batch of users.batches) {
        for (let from = 0; from < batch.length; from += dim) {
          user.set(batch.subarray(from, from + dim));
          for (let at = 0, v = 0; at < scores.length; at++) {
            let score = 0;
            for (let f = 0; f < dim; f++, v++) score += user[f]! * vectors[v]!;
            scores[at] = score;
          }
          yield scores;
        }
      }
    },
  );
}

/**
 * What the items of a category have on the average; of an item of several categories, the mean of these.
 * @param values row i of training's items from stride · i
 * @returns [held-out items × dim]
 */
function categoryMeans(
  { numWarm, numItems, categories }: ColdItems,
  values: ArrayLike<number>,
  stride: number,
  dim: number,
): Float64Array {
  const means = new Float64Array(categories.count * dim);
  const items = new Uint32Array(categories.count);
  for (let i = 0; i < numWarm; i++)
    for (const c of categories.of(i)) {
      items[c]! += 1;
      for (let f = 0; f < dim; f++) means[c * dim + f]! += values[i * stride + f]!;
    }
  const result = new Float64Array((numItems - numWarm) * dim);
  for (let at = 0; at < numItems - numWarm; at++) {
    const own = categories.of(numWarm + at);
    for (const c of own)
      for (let f = 0; f < dim; f++)
        result[at * dim + f]! += means[c * dim + f]! / Math.max(1, items[c]!) / own.length;
  }
  return result;
}

/** Ranks the held-out items alone. @param order of those of equal scores */
function rankCold(
  { numItems, numWarm }: ColdItems,
  order: ArrayLike<number> & Iterable<number>,
  { signal }: TaskContext,
  scores: Scores,
): MeasuredRanker {
  return {
    numItems,
    async rank(histories, k, each) {
      let u = 0;
      for await (const own of scores(histories)) {
        if (signal.aborted) throw abortError(signal);
        each(u++, best(own, order, k, numWarm));
      }
    },
    close: () => Promise.resolve(),
  };
}

/** O(items), and a place found among k for those that get one. */
function best(scores: Float64Array, order: Iterable<number>, k: number, firstRow: number): RankedItem[] {
  const ranked: RankedItem[] = [];
  for (const at of order) {
    const score = scores[at]!;
    if (ranked.length === k && !(score > ranked[k - 1]!.score)) continue;
    let [low, high] = [0, ranked.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ranked[middle]!.score >= score) low = middle + 1;
      else high = middle;
    }
    if (ranked.length === k) ranked.pop();
    ranked.splice(low, 0, { row: firstRow + at, score });
  }
  return ranked;
}
