/**
 * How good a ranking is, against a set of targets, as Liang et al. 2018 define it: binary relevance, discounts
 * 1 / log2(rank + 1), and no more than min(k, |targets|) can be had.
 */

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

/** DCG over the first k of `ranked`, divided by that of a ranking with all targets first. 0 … 1. */
export function ndcg(
  ranked: readonly number[],
  targets: ReadonlySet<number>,
  discount: Float64Array,
): number {
  let gained = 0;
  let ideal = 0;
  for (let rank = 0; rank < discount.length; rank++) {
    if (rank < ranked.length && targets.has(ranked[rank])) gained += discount[rank];
    if (rank < targets.size) ideal += discount[rank];
  }
  return ideal === 0 ? 0 : gained / ideal;
}

/** Targets among the first k of `ranked`, divided by min(k, |targets|). 0 … 1. */
export function recall(ranked: readonly number[], targets: ReadonlySet<number>, k: number): number {
  const most = Math.min(k, targets.size);
  if (most === 0) return 0;
  let found = 0;
  for (let rank = 0; rank < Math.min(k, ranked.length); rank++) if (targets.has(ranked[rank])) found++;
  return found / most;
}
