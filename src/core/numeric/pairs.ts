/**
 * The constants of a (user, item) pair: what its weight, time and flags mean. One definition for every room.
 */

/** `lastAt` of a pair that no event gave a time; smaller than any time, so that `max` needs no special case. */
export const noTime: bigint = -(2n ** 63n);

/** Bit of `flags`: the pair's preference is 1 (a play or a like). A pair without it is a dislike. */
export const preferred = 1;

/** Bit of `flags`: the user banned the item. A ban adds no weight; it only filters. */
export const banned = 2;

/** Weights are int64 multiples of 1e-9: this many units make a weight of 1. */
export const weightUnits = 1_000_000_000n;

/** The largest weight in units: int64's largest number, 9,223,372,036.854775807. */
export const maxWeight: bigint = 2n ** 63n - 1n;

const two32 = 2 ** 32;

/**
 * A summed weight (int64 units of 1e-9) as the nearest number: one rounding to f64 of the integer, one of the
 * division by 1e9. The same bits everywhere.
 */
export function weightToNumber(units: bigint): number {
  return Number(units) / 1e9;
}

/**
 * Converts `length` weights from int64 units of 1e-9 into f64, as weightToNumber does, without a BigInt each.
 *
 * `weight` [≥ length] int64, `out` [≥ length] f64. hi·2³² is exact in f64 and lo < 2³² too, so their sum is rounded once.
 * Written for the little-endian machines that segue runs on.
 */
export function weightsToNumbersInto(weight: BigInt64Array, length: number, out: Float64Array): void {
  const words = new Int32Array(weight.buffer, weight.byteOffset, length * 2);
  for (let p = 0; p < length; p++) {
    out[p] = (words[2 * p + 1] * two32 + (words[2 * p] >>> 0)) / 1e9;
  }
}
