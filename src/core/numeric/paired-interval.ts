import type { Interval } from './bootstrap.js';

/**
 * The 95 % interval of the mean difference of two measures of the same users, by the normal approximation: for users by the
 * hundred, where a bootstrap gives the same at a thousand times the cost.
 * @param one [n] @param other [n], n ≥ 2
 */
export function pairedInterval(one: Float64Array, other: Float64Array): Interval & { readonly mean: number } {
  const n = one.length;
  let sum = 0;
  for (let u = 0; u < n; u++) sum += one[u] - other[u];
  const mean = sum / n;
  let squares = 0;
  for (let u = 0; u < n; u++) squares += (one[u] - other[u] - mean) ** 2;
  const half = 1.96 * Math.sqrt(squares / (n - 1) / n);
  return { mean, low: mean - half, high: mean + half };
}
