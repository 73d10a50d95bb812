/** The alias method (Walker 1977, built as Vose 1991 does): a draw from any distribution by one look-up. */

const whole = 2 ** 32;

/**
 * Writes the table of `weights`: entry j is drawn with the chance weights[j] / Σ weights by drawing j evenly and 32
 * random bits, and taking j where these are below threshold[j], else alias[j]. Weights are ≥ 0, some > 0.
 * + − × ÷ only, in a fixed order: the same table everywhere. O(n).
 */
export function buildAliasTable(weights: Float64Array): { threshold: Uint32Array; alias: Uint32Array } {
  const n = weights.length;
  let sum = 0;
  for (let j = 0; j < n; j++) sum += weights[j];
  const share = weights.map((weight) => (weight * n) / sum);
  const threshold = new Uint32Array(n).fill(whole - 1);
  const alias = Uint32Array.from({ length: n }, (_, j) => j);
  const small: number[] = [];
  const large: number[] = [];
  for (let j = n - 1; j >= 0; j--) (share[j] < 1 ? small : large).push(j);
  for (;;) {
    const less = small.pop();
    const more = large.pop();
    // What is left of either has a share of 1, but for rounding: it stays alone.
    if (less === undefined || more === undefined) return { threshold, alias };
    threshold[less] = Math.min(whole - 1, Math.floor(share[less] * whole));
    alias[less] = more;
    share[more] -= 1 - share[less];
    (share[more] < 1 ? small : large).push(more);
  }
}
