import type { Pairs } from '../contracts.js';
import { metricTables, userMetricNames, userMetricsInto } from '../numeric/ranking-metrics.js';
import { isWanted } from '../numeric/split-pairs.js';
import type { RankedRow } from '../numeric/top-k.js';

/** Places of a ranking that are judged. */
export const rankedForQuality = 100;
export const historyMeasure = `ndcg@${rankedForQuality} of own history`;

/**
 * How far up users' rankings of all items hold their seen items: the mean NDCG of users with a history.
 * That is what training saw, so it says whether vectors of users and of items belong together, not how well the model
 * finds what is new.
 * @param rankings by user, nothing left out @param histories pairs of the ranked items
 */
export function historyQuality(
  rankings: readonly (readonly RankedRow[])[],
  histories: Pairs,
): { readonly mean: number; readonly users: number } {
  const tables = metricTables([rankedForQuality], 'min-k');
  const metrics = new Float64Array(userMetricNames.length);
  let [sum, users] = [0, 0];
  for (const [u, ranking] of rankings.entries()) {
    const targets = new Set<number>();
    for (let p = histories.indptr[u] ?? 0; p < (histories.indptr[u + 1] ?? 0); p++)
      if (isWanted(histories, p)) targets.add(histories.item[p] ?? 0);
    if (targets.size === 0) continue;
    const hits = ranking.flatMap(({ row }, rank) => (targets.has(row) ? rank : []));
    userMetricsInto(tables, hits, hits.length, targets.size, metrics, 0);
    sum += metrics[userMetricNames.indexOf('ndcg')] ?? 0;
    users++;
  }
  return { mean: users === 0 ? 0 : sum / users, users };
}
