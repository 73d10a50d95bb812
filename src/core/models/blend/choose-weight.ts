/**
 * The weight of a blend's second member, by what is held out: NDCG@10 of some weights, user by user, so that two of them are
 * compared by the same users.
 */
import type { Pairs } from '../../contracts.js';
import { metricTables, userMetricNames, userMetricsInto } from '../../numeric/ranking-metrics.js';
import type { BlendRanker } from './rank-blend.js';

const k = 10;
const ndcg = userMetricNames.indexOf('ndcg');

/**
 * What weight is expected, and how far from it validation may lead: held-out pairs are of other items than what users go on
 * to want (docs/internals/tuning.md has both for every set), and no number of draws shows it.
 */
export interface WeightPrior {
  readonly weight: number;
  readonly reach: number;
}

/** A member alone is taken where it is better than every blend by so many standard errors, and by such a factor. */
const alone = { errors: 6, factor: 1.1 };

export interface WeightChoice {
  readonly weight: number;
  /** NDCG@10 of each weight, and by how many standard errors of the difference the best one is better. */
  readonly curve: readonly { readonly weight: number; readonly ndcg: number; readonly errors: number }[];
  /** Users that were measured, and NDCG@10 of each by the weight that was chosen. */
  readonly users: number;
  readonly byUser: Float64Array;
}

/** 0, 1, and five weights as far as the prior lets validation lead. */
export function weightsAround({ weight, reach }: WeightPrior): number[] {
  const blends = [-1, -0.5, 0, 0.5, 1].map((step) => Math.round(1000 * (weight + step * reach)) / 1000);
  return [0, ...blends.filter((each) => each > 0 && each < 1), 1];
}

/** @param targets held-out items by user of `histories`, each of whom has some */
export async function chooseWeight(
  blend: BlendRanker,
  histories: Pairs,
  targets: Pick<Pairs, 'indptr' | 'item'>,
  prior: WeightPrior,
): Promise<WeightChoice> {
  const tables = metricTables([k], 'targets');
  const weights = weightsAround(prior);
  const found = new Map(weights.map((weight) => [weight, new Float64Array(histories.numUsers)]));
  const metrics = new Float64Array(userMetricNames.length);
  await blend.rank(histories, k, weights, (user, weight, items) => {
    const wanted = targets.item.subarray(targets.indptr[user], targets.indptr[user + 1]);
    const ranks = items.flatMap(({ row }, rank) => (wanted.includes(row) ? [rank] : []));
    userMetricsInto(tables, ranks, ranks.length, Math.max(1, wanted.length), metrics, 0);
    found.get(weight)![user] = metrics[ndcg]!;
  });
  return weightBy(found, prior);
}

/** Of the blends that are not worse than the best of them by more than a standard error, the one nearest to the prior. */
export function weightBy(byUser: ReadonlyMap<number, Float64Array>, prior: WeightPrior): WeightChoice {
  const weights = [...byUser.keys()];
  const ofUsers = (weight: number): Float64Array => byUser.get(weight)!;
  const meanAt = (weight: number): number => meanOf(ofUsers(weight));
  const best = (among: readonly number[]): number =>
    among.reduce((one, other) => (meanAt(other) > meanAt(one) ? other : one));
  const errorsBelow = (better: number, weight: number): number => errorsOf(ofUsers(better), ofUsers(weight));
  const blends = weights.filter((weight) => weight > 0 && weight < 1);
  const [overall, blended] = [best(weights), best(blends)];
  const isSpoilt =
    errorsBelow(overall, blended) > alone.errors && meanAt(overall) > alone.factor * meanAt(blended);
  const equals = blends.filter((weight) => errorsBelow(blended, weight) <= 1);
  const distance = (weight: number): number => Math.abs(weight - prior.weight);
  const nearest = equals.reduce((one, other) => (distance(other) < distance(one) ? other : one), blended);
  const weight = isSpoilt ? overall : nearest;
  const curve = weights.map((tried) => ({
    ...{ weight: tried, ndcg: meanAt(tried), errors: errorsBelow(overall, tried) },
  }));
  return { weight, curve, users: ofUsers(weight).length, byUser: ofUsers(weight) };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** By how many standard errors of their difference `one` is better than `other`, users paired; 0 where they do not differ. */
function errorsOf(one: Float64Array, other: Float64Array): number {
  const n = one.length;
  const mean = meanOf(one) - meanOf(other);
  let squares = 0;
  for (let u = 0; u < n; u++) {
    const difference = one[u]! - other[u]! - mean;
    squares += difference * difference;
  }
  const error = Math.sqrt(squares / Math.max(1, n - 1) / Math.max(1, n));
  return error === 0 ? 0 : mean / error;
}
