/** A direction in which several vectors point together: what is near to it is near to all of them. */

export interface WeightedVector {
  /** Of length 1. */
  readonly unit: Float32Array;
  /** Below 0: it is taken away. */
  readonly weight: number;
}

/**
 * The direction of Σ weight · unit, of length 1; undefined where nothing is left of it. Sums are in f64 in the order given.
 * A single vector with a weight above 0 has its own direction, to the bit.
 */
export function weightedDirection(terms: readonly WeightedVector[]): Float32Array | undefined {
  const [only] = terms;
  if (only === undefined) return undefined;
  if (terms.length === 1 && only.weight > 0) return only.unit;
  const sum = new Float64Array(only.unit.length);
  let weights = 0;
  for (const { unit, weight } of terms) {
    weights += Math.abs(weight);
    for (let f = 0; f < sum.length; f++) sum[f]! += weight * unit[f]!;
  }
  const length = lengthOf(sum);
  // Less than what rounding the unit vectors to f32 leaves of equal ones.
  if (length < 1e-6 * weights) return undefined;
  return Float32Array.from(sum, (x) => x / length);
}

/** Its direction, of length 1. @param vector not zero */
export function unitOf(vector: Float32Array): Float32Array {
  const length = lengthOf(vector);
  return Float32Array.from(vector, (x) => x / length);
}

function lengthOf(vector: Float32Array | Float64Array): number {
  let squares = 0;
  for (const x of vector) squares += x * x;
  return Math.sqrt(squares);
}
