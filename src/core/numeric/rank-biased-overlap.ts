/**
 * How alike two rankings are, at every depth. Ties are the common case in small data, and which of some items of one
 * score stand first is decided by their rows alone. So an entry of one ranking counts as among the first d of the other
 * where its score there reaches that of the other's d-th place, less a tolerance; the share is taken from both sides and
 * averaged. Without ties that is |first d of A ∩ first d of B| / d.
 */

export interface RankedSide {
  /** [n] of the ranking's entries, descending. */
  readonly scores: ArrayLike<number>;
  /** [n] what each entry scores in the other ranking; NaN where it is not in there. */
  readonly elsewhere: ArrayLike<number>;
  /** What a place's score may miss and still be reached: scores are f32 sums in some order. */
  readonly tolerance: number;
}

/** [min of both lengths] the share of the first d entries that both rankings have, 0 … 1, at d − 1. O(length²). */
export function agreements(a: RankedSide, b: RankedSide): Float64Array {
  const depth = Math.min(a.scores.length, b.scores.length);
  const found = new Float64Array(depth);
  countFound(a, b, found);
  countFound(b, a, found);
  for (let d = 1; d < depth; d++) found[d] += found[d - 1];
  for (let d = 0; d < depth; d++) found[d] /= 2 * (d + 1);
  return found;
}

/** Whether an entry of this score is among the first `depth` of a ranking. */
export function isAmong(score: number, { scores, tolerance }: RankedSide, depth: number): boolean {
  return depth > 0 && score >= scores[depth - 1] - tolerance;
}

/** Adds each entry of `side` to the depth from which on both have it: its own place, or that in `other` if later. */
function countFound(side: RankedSide, other: RankedSide, found: Float64Array): void {
  for (let place = 0; place < found.length; place++) {
    const score = side.elsewhere[place];
    let depth = place + 1;
    while (depth <= found.length && !isAmong(score, other, depth)) depth++;
    if (depth <= found.length) found[depth - 1]++;
  }
}

/**
 * Rank-biased overlap of two rankings known down to some depth D, extrapolated as if they went on agreeing as they do
 * there (Webber, Moffat & Zobel 2010, equation 30): A_D·p^D + (1 − p)/p · Σ_{d ≤ D} A_d·p^d. The weight of a place
 * falls by p with each one further down.
 * @param agreement [D ≥ 1] A_d at d − 1 @param p 0 < p < 1
 */
export function rankBiasedOverlap(agreement: Float64Array, p: number): number {
  let sum = 0;
  let weight = 1;
  for (const share of agreement) {
    weight *= p;
    sum += share * weight;
  }
  return agreement[agreement.length - 1] * weight + ((1 - p) / p) * sum;
}
