/** How good a ranking is, against a set of targets: binary relevance, one number a user and metric. */

/** log2 of a whole number ≥ 1, from + − × ÷ only: Math.log2 is not the same on every engine. */
function log2(n: number): number {
  let whole = 0;
  let x = n;
  while (x >= 2) {
    x /= 2;
    whole++;
  }
  // ln x = 2 artanh((x − 1) / (x + 1)) for 1 ≤ x < 2; the series' terms fall below 2^-60 after 20.
  const t = (x - 1) / (x + 1);
  let sum = 0;
  for (let j = 41; j >= 1; j -= 2) sum = sum * t * t + 1 / j;
  return whole + (2 * t * sum) / Math.LN2;
}

/** The discounts of ranks 1 … k. */
export function discounts(k: number): Float64Array {
  return Float64Array.from({ length: k }, (_, rank) => 1 / log2(rank + 2));
}

/**
 * What recall@k divides the hits by: all of a user's targets (LightGCN's evaluation), or no more of them than k places
 * can hold (Liang et al. 2018), so that a perfect ranking has a recall of 1.
 */
export type RecallOver = 'targets' | 'min-k';

/** The metrics of one user, in the order in which `userMetricsInto` writes them for each k. */
export const userMetricNames = ['recall', 'ndcg', 'map', 'hit-rate', 'mrr'] as const;

/** `recall@20`, `ndcg@20` … for each of `at` in turn. */
export function metricColumns(at: readonly number[]): string[] {
  return at.flatMap((k) => userMetricNames.map((name) => `${name}@${String(k)}`));
}

/** What is the same for all users. */
export interface MetricTables {
  /** Lengths of rankings that are judged, ascending. */
  readonly at: readonly number[];
  readonly recallOver: RecallOver;
  /** [longest] of the ranks 1 … */
  readonly discount: Float64Array;
  /** [longest + 1] DCG of a ranking that starts with n targets. */
  readonly ideal: Float64Array;
}

export function metricTables(at: readonly number[], recallOver: RecallOver): MetricTables {
  const longest = at.reduce((most, k) => Math.max(most, k), 0);
  const discount = discounts(longest);
  const ideal = new Float64Array(longest + 1);
  for (let n = 0; n < longest; n++) ideal[n + 1] = ideal[n] + discount[n];
  return { at, recallOver, discount, ideal };
}

/**
 * One user's metrics for each k, from where the targets stand in the ranking. With h hits among the first k of which the
 * j-th stands at rank r_j (from 1), and m = min(k, numTargets):
 *
 *   recall    h / numTargets, or h / m
 *   ndcg      Σ_j 1 / log2(r_j + 1), divided by Σ_{r ≤ m} 1 / log2(r + 1) (Järvelin & Kekäläinen 2002, binary)
 *   map       Σ_j (j / r_j), divided by m (average precision)
 *   hit-rate  1 where h > 0, else 0
 *   mrr       1 / r_1, or 0
 *
 * @param hitRanks ranks of the targets that the ranking holds, from 0, ascending; the first numHits count
 * @param numTargets ≥ 1; targets that no ranking can hold count too
 * @param out [≥ offset + 5 · at.length]
 */
export function userMetricsInto(
  { at, recallOver, discount, ideal }: MetricTables,
  hitRanks: ArrayLike<number>,
  numHits: number,
  numTargets: number,
  out: Float64Array,
  offset: number,
): void {
  let to = offset;
  for (const k of at) {
    const most = Math.min(k, numTargets);
    let hits = 0;
    let gained = 0;
    let precisions = 0;
    for (; hits < numHits && hitRanks[hits] < k; hits++) {
      gained += discount[hitRanks[hits]];
      precisions += (hits + 1) / (hitRanks[hits] + 1);
    }
    out[to++] = hits / (recallOver === 'targets' ? numTargets : most);
    out[to++] = gained / ideal[most];
    out[to++] = precisions / most;
    out[to++] = hits > 0 ? 1 : 0;
    out[to++] = hits > 0 ? 1 / (hitRanks[0] + 1) : 0;
  }
}
